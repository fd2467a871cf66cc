#include "models/program/flatten.h"

#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "base/units.h"
#include "models/program/geometry.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

struct Sizes {
  std::uint64_t c, h, w, k, r, s, stride, padding, dilation, groups;
};

Operation convolution(const Sizes& z) {
  return operations_of(
             network_of(fmt::format(R"({{"name":"x","shape":[{},{},{}]}})", z.c, z.h, z.w),
                        fmt::format(
                            R"({{"name":"l","type":"conv2d","arithmetic":"multiply","inputs":["x"],
                                 "out_channels":{},"kernel":[{},{}],"stride":[{},{}],"padding":[{},{}],
                                 "dilation":[{},{}],"groups":{}}})",
                            z.k, z.r, z.s, z.stride, z.stride, z.padding, z.padding, z.dilation,
                            z.dilation, z.groups)),
             0)
      .at(0);
}

Sizes any(Rng& rng) {
  const auto between = [&](std::uint64_t low, std::uint64_t high) {
    return low + rng.below(high - low + 1);
  };
  Sizes z{};
  z.groups = between(1, 2);
  z.c = z.groups * between(1, 3);
  z.k = z.groups * between(1, 3);
  z.r = between(1, 3), z.s = between(1, 3);
  z.stride = between(1, 3), z.padding = between(0, 2), z.dilation = between(1, 2);
  z.h = between(5, 8), z.w = between(5, 8);
  return z;
}

// The coordinates that an element [g][k][m] reads, straight from the definition of a convolution.
struct Element {
  std::int64_t channel, row, column;
  bool stored(const Sizes& z) const {
    return row >= 0 && column >= 0 && row < static_cast<std::int64_t>(z.h) &&
           column < static_cast<std::int64_t>(z.w);
  }
};
Element element_at(const Sizes& z, const Operation& before, std::uint64_t g, std::uint64_t word,
                   std::uint64_t pixel) {
  const auto cast = [](std::uint64_t v) { return static_cast<std::int64_t>(v); };
  const std::uint64_t columns = before.bounds[Dim::Q];
  const std::uint64_t channel = word / (z.r * z.s), r = word / z.s % z.r, s = word % z.s;
  return {cast(g * (z.c / z.groups) + channel),
          cast(pixel / columns * z.stride + r * z.dilation) - cast(z.padding),
          cast(pixel % columns * z.stride + s * z.dilation) - cast(z.padding)};
}

TEST(Flatten, JoinsPixelsAndWordsOfAFilter) {
  const Operation flat = flattened(convolution({4, 8, 8, 6, 3, 3, 2, 1, 1, 2}));
  EXPECT_EQ(flat.bounds.values, (std::array<std::uint64_t, kDims>{1, 2, 3, 18, 16, 1, 1, 1}));
  const TensorAccess& weight = flat.of(Operand::weight);
  ASSERT_EQ(weight.axes.size(), 3U);
  EXPECT_EQ(weight.axes[2], (Axis{{{Dim::C, 1}}, 0, 18, 1}));
  EXPECT_EQ(flat.of(Operand::output).axes.back(), (Axis{{{Dim::P, 1}}, 0, 16, 1}));
  EXPECT_TRUE(flat.of(Operand::input).im2col);
}

TEST(Flatten, LeavesPlainMatrixProductsAlone) {
  const Operation operation = convolution({4, 8, 1, 6, 1, 1, 1, 0, 1, 1});
  EXPECT_EQ(flattened(operation), operation);
}

TEST(Flatten, ElementsOfABlockAreCountedAsStored) {
  Rng rng(7);
  for (int i = 0; i < 300; ++i) {
    const Sizes z = any(rng);
    const Operation before = convolution(z), flat = flattened(before);
    if (!flat.of(Operand::input).im2col) continue;
    const std::uint64_t m = flat.bounds[Dim::P], k = flat.bounds[Dim::C];
    const std::uint64_t pixel = rng.below(m), pixels = 1 + rng.below(m - pixel);
    const std::uint64_t word = rng.below(k), words = 1 + rng.below(k - word);
    std::uint64_t stored = 0;
    for (std::uint64_t p = pixel; p < pixel + pixels; ++p)
      for (std::uint64_t c = word; c < word + words; ++c)
        stored += element_at(z, before, 0, c, p).stored(z) ? 1 : 0;
    EXPECT_EQ(flat.of(Operand::input).im2col->stored_elements(pixel, pixels, word, words), stored);
  }
}

// Every stored word an element of the tile reads is in the box of the tile, the box is no larger
// than the buffer was told, and the first and last pixel of it are needed.
TEST(Flatten, TheBufferTileHoldsWhatItsElementsRead) {
  Rng rng(8);
  for (int i = 0; i < 200; ++i) {
    const Sizes z = any(rng);
    Program program;
    const Operation before = convolution(z);
    program.operation = flattened(before);
    const auto& im2col = program.operation.of(Operand::input).im2col;
    if (!im2col) continue;
    const auto& bounds = program.operation.bounds;
    for (const Dim d : {Dim::G, Dim::C, Dim::P}) {
      const std::uint64_t trips = 1 + rng.below(bounds[d]);
      program.dram.push_back({d, trips});
      program.rf.push_back({d, ceil_div(bounds[d], trips)});
    }
    const DimArray<std::uint64_t> tile = buffer_tile(program);
    const std::uint64_t most =
        buffer_words(program.operation.of(Operand::input), clipped(tile, program.operation));
    BufferTile held(program, Operand::input);
    DimArray<std::uint64_t> at;
    for (at[Dim::G] = 0; at[Dim::G] < bounds[Dim::G]; at[Dim::G] += tile[Dim::G])
      for (at[Dim::C] = 0; at[Dim::C] < bounds[Dim::C]; at[Dim::C] += tile[Dim::C])
        for (at[Dim::P] = 0; at[Dim::P] < bounds[Dim::P]; at[Dim::P] += tile[Dim::P]) {
          held.move_to(at);
          EXPECT_LE(held.words(), most);
          std::set<std::int64_t> channels, rows, columns;
          const auto end = [&](Dim d) { return std::min(at[d] + tile[d], bounds[d]); };
          for (std::uint64_t g = at[Dim::G]; g < end(Dim::G); ++g)
            for (std::uint64_t c = at[Dim::C]; c < end(Dim::C); ++c)
              for (std::uint64_t p = at[Dim::P]; p < end(Dim::P); ++p) {
                const Element e = element_at(z, before, g, c, p);
                if (!e.stored(z)) continue;
                channels.insert(e.channel);
                rows.insert(e.row);
                columns.insert(e.column);
              }
          const auto holds = [&](std::size_t axis, std::int64_t c) {
            const AxisCoordinates& held_axis = held.coordinates()[axis];
            return std::any_of(held_axis.begin(), held_axis.end(),
                               [&](const TileCoordinate& t) { return t.value == c; });
          };
          for (const std::int64_t row : rows) EXPECT_TRUE(holds(3, row));
          for (const std::int64_t column : columns) EXPECT_TRUE(holds(4, column));
        }
  }
}

TEST(Flatten, ProgramsPrintAndParse) {
  Program program;
  program.operation = flattened(convolution({4, 8, 8, 6, 3, 3, 2, 1, 1, 2}));
  Diagnostics diagnostics;
  const auto parsed = parse_program(print_program(program), "text", diagnostics);
  ASSERT_TRUE(parsed) << diagnostics.to_string();
  EXPECT_EQ(*parsed, program);
}

}  // namespace
}  // namespace chasm
