// The lines of activation tiles against a walk over every word of the tensor in the order in which
// DRAM holds it, for every layout, plain and compressed; and what each layout is good and bad at.
#include "models/memory/line_map.h"

#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "models/program/loop_cursor.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

struct Tensor {
  std::uint64_t samples, c, h, w;
};

// Where the reference finds a canonical word: its position, and the row that it belongs to.
struct Place {
  std::uint64_t position, row;
};

// [N][C / block][H][W][block], written down word by word; a row is a pixel's block.
std::map<std::uint64_t, Place> walk(const Tensor& t, std::uint64_t block) {
  std::map<std::uint64_t, Place> places;
  std::uint64_t position = 0, row = 0;
  for (std::uint64_t n = 0; n < t.samples; ++n)
    for (std::uint64_t first = 0; first < t.c; first += block)
      for (std::uint64_t y = 0; y < t.h; ++y)
        for (std::uint64_t x = 0; x < t.w; ++x, ++row)
          for (std::uint64_t c = first; c < first + block; ++c, ++position)
            if (c < t.c) places[((n * t.c + c) * t.h + y) * t.w + x] = {position, row};
  return places;
}

// Canonical words of a tile; those to be left out are not listed. A row of the canonical layout is
// everything but the innermost axis.
struct TileWord {
  std::uint64_t word, outer_row;
};
std::vector<TileWord> words_of(const TensorAccess& access, const std::vector<AxisCoordinates>& axes,
                               bool only_new) {
  struct Partial {
    std::uint64_t word, row;
    bool kept;
  };
  std::vector<Partial> partial = {{access.base_word, 0, true}};
  for (std::size_t a = 0; a < axes.size(); ++a) {
    std::vector<Partial> next;
    for (const Partial& p : partial)
      for (const TileCoordinate& c : axes[a]) {
        const auto step = static_cast<std::uint64_t>(c.value * access.axes[a].word_stride);
        next.push_back(
            {p.word + step, a + 1 < axes.size() ? p.row + step : p.row, p.kept && c.kept});
      }
    partial = std::move(next);
  }
  std::vector<TileWord> words;
  for (const Partial& p : partial)
    if (!only_new || !p.kept) words.push_back({p.word, p.row});
  return words;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> expected_lines(
    const std::vector<TileWord>& words, const Placement& placement,
    const std::map<std::uint64_t, Place>& places) {
  struct Span {
    std::uint64_t first = UINT64_MAX, last = 0;
    std::vector<std::uint64_t> positions;
  };
  std::map<std::uint64_t, Span> rows;
  for (const TileWord& word : words) {
    Place place{word.word, word.outer_row};
    if (!placement.layout.canonical()) place = places.at(word.word);
    Span& span = rows[place.row];
    span.first = std::min(span.first, place.position);
    span.last = std::max(span.last, place.position);
    span.positions.push_back(place.position);
  }
  constexpr std::uint64_t kUnits = 65536;  // of a bit
  const auto first_unit = [&](std::uint64_t position) {
    const std::uint64_t word =
        placement.compressed ? placement.compressed : placement.bits * kUnits;
    return placement.dram_base * 8 * kUnits + position * word;
  };
  const auto line_of = [&](std::uint64_t unit) { return unit / (512 * kUnits); };
  std::map<std::uint64_t, Span> by_address;
  for (const auto& [row, span] : rows) by_address[span.first] = span;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> lines;
  for (const auto& [first, span] : by_address) {
    const std::uint64_t end = line_of(first_unit(span.last + 1) - 1);
    for (std::uint64_t line = line_of(first_unit(first)); line <= end; ++line)
      if (lines.empty() || lines.back().first != line) lines.emplace_back(line, 0);
    for (const std::uint64_t position : span.positions)
      for (auto& [line, count] : lines) count += line == line_of(first_unit(position)) ? 1 : 0;
  }
  return lines;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs(const std::vector<LineTransfer>& lines) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
  for (const LineTransfer& line : lines) all.emplace_back(line.line, line.words);
  return all;
}

struct LayerCase {
  const char* name;
  std::string inputs, layer;
};

std::string tensor(const char* name, std::uint64_t c, std::uint64_t h, std::uint64_t w) {
  return fmt::format(R"({{"name":"{}","shape":[{},{},{}]}})", name, c, h, w);
}

std::string convolution(Rng& rng, std::uint64_t c, std::uint64_t k, std::uint64_t groups) {
  return fmt::format(
      R"({{"name":"l","type":"conv2d","arithmetic":"multiply","inputs":["x"],"out_channels":{},
          "kernel":[{},{}],"stride":[{},{}],"padding":[{},{}],"groups":{}}})",
      k * groups, 1 + rng.below(3), 1 + rng.below(3), 1 + rng.below(3), 1 + rng.below(3),
      rng.below(2), rng.below(2), c == 1 ? 1 : groups);
}

// Layers that see their tensors in different ways.
LayerCase layer_case(Rng& rng, std::uint64_t kind) {
  const std::uint64_t groups = 1 + rng.below(3);
  const std::uint64_t c = groups * (1 + rng.below(9)), h = 3 + rng.below(5), w = 3 + rng.below(6);
  const std::string x = tensor("x", c, h, w);
  switch (kind) {
    case 0:
      return {"convolution", x, convolution(rng, c, 1 + rng.below(7), groups)};
    case 1:
      return {"flattened", x,
              fmt::format(R"({{"name":"l","type":"linear","arithmetic":"multiply","inputs":["x"],
                              "in_features":{},"out_features":5}})",
                          c * h * w)};
    case 2:
      return {"transposed", tensor("x", 2 * c, h, 1) + "," + tensor("y", 2 * c, w, 1),
              R"({"name":"l","type":"matmul","arithmetic":"multiply","inputs":["x","y"],
                  "transpose_b":true,"heads":2})"};
    case 3:
      return {"add", x + "," + tensor("y", c, h, w),
              R"({"name":"l","type":"add","inputs":["x","y"]})"};
    case 4:
      return {"channels", x + "," + tensor("y", 3, h, w),
              R"({"name":"l","type":"concat","inputs":["x","y"],"axis":"channels"})"};
    case 5:
      return {"tokens", x + "," + tensor("y", c, 2, 1),
              R"({"name":"l","type":"concat","inputs":["y","x"],"axis":"tokens"})"};
    default:
      return {"pool", x, R"({"name":"l","type":"global_avg_pool","inputs":["x"]})"};
  }
}

// Random tiles, one after another.
Program random_tiles(Rng& rng, Operation operation) {
  Program program;
  program.operation = std::move(operation);
  for (const Dim d : kAllDims) {
    const std::uint64_t bound = program.operation.bounds[d];
    if (bound == 1) continue;
    const std::uint64_t tile = 1 + rng.below(bound);
    program.rf.push_back({d, tile});
    program.dram.push_back({d, ceil_div(bound, tile)});
  }
  for (std::size_t i = program.dram.size(); i > 1; --i)
    std::swap(program.dram[i - 1], program.dram[rng.below(i)]);
  return program;
}

class LineMap : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LineMap, EqualsAWalkOverTheTensorInItsOrder) {
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Rng rng(100 * GetParam() + seed);
    const LayerCase layer = layer_case(rng, GetParam());
    SCOPED_TRACE(fmt::format("{} seed {}", layer.name, seed));
    const Network network = network_of(layer.inputs, layer.layer, 1 + rng.below(2));
    const std::vector<Operation> operations = operations_of(network, 0);
    const Program program = random_tiles(rng, operations[rng.below(operations.size())]);
    for (const Operand operand : kAllOperands) {
      const TensorAccess& access = program.operation.of(operand);
      if (!access.used || access.is_parameter) continue;
      const Shape& shape = network.tensor_shape(access.tensor);
      const std::array<std::uint64_t, 4> blocks = {0, shape.c, 4, 16};
      Placement placement{64 * rng.below(4),
                          std::array<std::uint32_t, 4>{4, 6, 8, 12}[rng.below(4)],
                          {blocks[rng.below(4)], shape.c, shape.h * shape.w}};
      if (rng.below(3) == 0) placement.compressed = 1 + rng.below(placement.bits * 65536);
      const auto places =
          placement.layout.canonical()
              ? std::map<std::uint64_t, Place>{}
              : walk({network.batch, shape.c, shape.h, shape.w}, placement.layout.block);
      BufferTile tile(program, operand);
      std::vector<LineTransfer> lines;
      LoopCursor cursor(program, program.dram.size());
      for (int i = 0; i < 6; ++i) {
        tile.move_to(cursor.offsets());
        for (const bool only_new : {false, true}) {
          tensor_lines(access, placement, tile.coordinates(), only_new, lines);
          EXPECT_EQ(pairs(lines), expected_lines(words_of(access, tile.coordinates(), only_new),
                                                 placement, places))
              << to_string(operand) << " block " << placement.layout.block;
          compared += lines.empty() ? 0 : 1;
        }
        if (!cursor.advance()) break;
      }
    }
  }
  EXPECT_GT(compared, 100U);
}

INSTANTIATE_TEST_SUITE_P(Layers, LineMap, testing::Range<std::uint64_t>(0, 7));

// A tile of a 64 x 8 x 8 tensor of bytes.
std::vector<LineTransfer> lines_of(std::uint64_t block, std::uint64_t channels, std::uint64_t rows,
                                   std::uint64_t columns) {
  const Network network = network_of(tensor("x", 64, 8, 8) + "," + tensor("y", 64, 8, 8),
                                     R"({"name":"l","type":"add","inputs":["x","y"]})");
  Program program;
  program.operation = operations_of(network, 0).at(0);
  program.rf = {{Dim::K, channels}, {Dim::P, rows}, {Dim::Q, columns}};
  BufferTile tile(program, Operand::input);
  tile.move_to({});
  std::vector<LineTransfer> lines;
  tensor_lines(program.operation.of(Operand::input), {0, 8, {block, 64, 64}}, tile.coordinates(),
               false, lines);
  return lines;
}

TEST(ChannelsLast, ATileWithAllChannelsOfAPixelRowIsDense) {
  for (std::uint64_t columns = 1; columns <= 8; ++columns) {
    const auto lines = lines_of(64, 64, 1, columns);
    ASSERT_EQ(lines.size(), columns);  // 64 bytes a pixel
    for (std::uint64_t i = 0; i < columns; ++i) {
      EXPECT_EQ(lines[i].line, i);
      EXPECT_EQ(lines[i].words, 64U);
    }
  }
}

// One channel of 8 pixels: dense where channels come first, a line a pixel where they come last,
// and in blocks of 16 four pixels a line.
TEST(ChannelsLast, ANarrowTileFetchesALineForEachPixel) {
  EXPECT_EQ(pairs(lines_of(0, 1, 1, 8)), (decltype(pairs({})){{0, 8}}));
  const auto last = lines_of(64, 1, 1, 8);
  ASSERT_EQ(last.size(), 8U);
  for (const LineTransfer& line : last) EXPECT_EQ(line.words, 1U);
  EXPECT_EQ(pairs(lines_of(16, 1, 1, 8)), (decltype(pairs({})){{0, 4}, {1, 4}}));
}

TEST(Blocked, TheLastBlockIsPadded) {
  const TensorLayout layout{16, 20, 9};
  EXPECT_EQ(layout.blocks(), 2U);
  EXPECT_EQ(layout.stored_words(2 * 20 * 9), 2U * 32 * 9);
  EXPECT_EQ((TensorLayout{20, 20, 9}.stored_words(2 * 20 * 9)), 2U * 20 * 9);
  EXPECT_EQ(TensorLayout{}.stored_words(360), 360U);
}

}  // namespace
}  // namespace chasm
