#include "models/memory/line_map.h"

#include <algorithm>

#include "base/units.h"

namespace chasm {
namespace {

// Positions in DRAM are counted in the units of compressed words, 1/65536 bit.
constexpr std::uint64_t kByteUnits = 8 * Placement::kUnitsOfABit;
constexpr std::uint64_t kLineUnits = kLineBytes * kByteUnits;

// Collects spans of words; a span that begins in the line where the last one ended shares that
// line.
class LineWriter {
 public:
  LineWriter(const Placement& placement, std::vector<LineTransfer>& lines)
      : base_(placement.dram_base * kByteUnits), word_(placement.dram_units()), lines_(lines) {}

  // Words first .. first + count - 1, all part of the transfer.
  void dense(std::uint64_t first, std::uint64_t count) {
    const std::uint64_t begin = base_ + first * word_;
    const std::uint64_t end = begin + count * word_;
    std::uint64_t word = first;
    for (std::uint64_t line = begin / kLineUnits; line * kLineUnits < end; ++line) {
      const std::uint64_t line_end = (line + 1) * kLineUnits;
      const std::uint64_t next = std::min(first + count, ceil_div(line_end - base_, word_));
      touch(line, next - word);
      word = next;
    }
  }

  // The span from the first to the last of ascending words, of which only the listed ones count.
  template <class Words>
  void sparse(const Words& words) {
    const std::uint64_t end = base_ + (words.back() + 1) * word_;
    std::uint64_t line = (base_ + words.front() * word_) / kLineUnits;
    touch(line, 0);
    for (const std::uint64_t word : words) {
      const std::uint64_t at = (base_ + word * word_) / kLineUnits;
      while (line < at) touch(++line, 0);
      ++lines_.back().words;
    }
    while ((line + 1) * kLineUnits < end) touch(++line, 0);
  }

 private:
  void touch(std::uint64_t line, std::uint64_t words) {
    if (lines_.empty() || lines_.back().line != line)
      lines_.push_back({line, words});
    else
      lines_.back().words += words;
  }

  std::uint64_t base_, word_;
  std::vector<LineTransfer>& lines_;
};

// The words of one row, ascending.
void write_words(LineWriter& writer, const std::vector<std::uint64_t>& words) {
  if (words.empty()) return;
  if (words.back() - words.front() + 1 == words.size())
    writer.dense(words.front(), words.size());
  else
    writer.sparse(words);
}

// One row: the innermost axis at a fixed position of the others.
void write_row(LineWriter& writer, std::uint64_t row_word, const Axis& axis,
               const AxisCoordinates& inner, bool skip_kept, std::vector<std::uint64_t>& words) {
  words.clear();
  for (const TileCoordinate& c : inner)
    if (!skip_kept || !c.kept)
      words.push_back(row_word + static_cast<std::uint64_t>(c.value * axis.word_stride));
  write_words(writer, words);
}

// Several axes of a tile as one: what they add to the word number together, in some unit, and
// whether it is kept on all of them. Ascending, since axes stand from the largest stride down.
struct Position {
  std::uint64_t value;
  bool kept;
};
using Positions = std::vector<Position>;

void fold(Positions& positions, const AxisCoordinates& axis, std::uint64_t stride) {
  Positions folded;
  folded.reserve(positions.size() * axis.size());
  for (const Position& outer : positions)
    for (const TileCoordinate& c : axis)
      folded.push_back(
          {outer.value + static_cast<std::uint64_t>(c.value) * stride, outer.kept && c.kept});
  positions = std::move(folded);
}

// A tile of an activation as samples x channels x pixels. Every axis moves one of the three: that
// is how layers see tensors.
struct PixelTile {
  Positions samples, channels, pixels;

  PixelTile(const TensorAccess& access, const TensorLayout& layout,
            const std::vector<AxisCoordinates>& axes) {
    const std::vector<Axis>& stored = access.stored_axes();
    const std::uint64_t sample = layout.channels * layout.pixels;
    samples = {{access.base_word / sample, true}};
    channels = {{access.base_word % sample / layout.pixels, true}};
    pixels = {{access.base_word % layout.pixels, true}};
    for (std::size_t a = 0; a < axes.size(); ++a) {
      const auto stride = static_cast<std::uint64_t>(stored[a].word_stride);
      if (stride % sample == 0)
        fold(samples, axes[a], stride / sample);
      else if (stride % layout.pixels == 0)
        fold(channels, axes[a], stride / layout.pixels);
      else
        fold(pixels, axes[a], stride);
    }
    CHECK(channels.back().value < layout.channels && pixels.back().value < layout.pixels,
          "channel {}, pixel {} of a tensor of {} channels, {} pixels", channels.back().value,
          pixels.back().value, layout.channels, layout.pixels);
  }
};

// Rows are the channels of a pixel that lie in one block; in address order.
void pixel_lines(const TensorAccess& access, const TensorLayout& layout,
                 const std::vector<AxisCoordinates>& axes, bool only_new, LineWriter& writer) {
  const PixelTile tile(access, layout, axes);
  std::vector<std::uint64_t> words;
  for (const Position& sample : tile.samples)
    for (auto first = tile.channels.begin(); first != tile.channels.end();) {
      const std::uint64_t block = first->value / layout.block;
      auto end = first;
      while (end != tile.channels.end() && end->value / layout.block == block) ++end;
      const std::uint64_t row = (sample.value * layout.blocks() + block) * layout.pixels;
      for (const Position& pixel : tile.pixels) {
        const std::uint64_t base = (row + pixel.value) * layout.block;
        const bool skip_kept = only_new && sample.kept && pixel.kept;
        words.clear();
        for (auto c = first; c != end; ++c)
          if (!skip_kept || !c->kept) words.push_back(base + c->value % layout.block);
        write_words(writer, words);
      }
      first = end;
    }
}

}  // namespace

void tensor_lines(const TensorAccess& access, const Placement& placement,
                  const std::vector<AxisCoordinates>& axes, bool only_new,
                  std::vector<LineTransfer>& lines) {
  lines.clear();
  for (const AxisCoordinates& axis : axes)
    if (axis.empty()) return;
  LineWriter writer(placement, lines);
  if (!placement.layout.canonical())
    return pixel_lines(access, placement.layout, axes, only_new, writer);
  const std::vector<Axis>& stored = access.stored_axes();
  const std::size_t inner = axes.size() - 1;
  std::vector<std::size_t> at(axes.size(), 0);
  std::vector<std::uint64_t> words;
  for (;;) {
    std::uint64_t row = access.base_word;
    bool outer_kept = true;
    for (std::size_t a = 0; a < inner; ++a) {
      const TileCoordinate& c = axes[a][at[a]];
      row += static_cast<std::uint64_t>(c.value * stored[a].word_stride);
      outer_kept = outer_kept && c.kept;
    }
    write_row(writer, row, stored[inner], axes[inner], only_new && outer_kept, words);
    std::size_t a = inner;
    while (a > 0 && ++at[a - 1] == axes[a - 1].size()) at[--a] = 0;
    if (a == 0) return;
  }
}

void parameter_lines(const Program& program, Operand operand,
                     const DimArray<std::uint64_t>& offsets, const DimArray<std::uint64_t>& extents,
                     std::vector<LineTransfer>& lines) {
  lines.clear();
  LineWriter writer(program.placement[static_cast<std::size_t>(operand)], lines);
  const DimArray<std::uint64_t> block = array_tile(program);
  const DimArray<std::uint64_t>& bounds = program.operation.bounds;
  std::vector<Dim> dims;
  for (const Axis& axis : program.operation.of(operand).axes)
    for (const Axis::Term& term : axis.terms) dims.push_back(term.dim);

  DimArray<std::uint64_t> at = offsets;
  for (;;) {
    std::uint64_t before = 0;
    std::uint64_t block_words = 1;  // of the dimensions so far
    std::uint64_t below = 1;
    for (const Dim d : dims) below *= bounds[d];
    for (const Dim d : dims) {
      below /= bounds[d];
      before += at[d] * block_words * below;
      block_words *= std::min(block[d], bounds[d] - at[d]);
    }
    writer.dense(before, block_words);
    std::size_t i = dims.size();
    for (; i > 0; --i) {
      const Dim d = dims[i - 1];
      at[d] += block[d];
      if (at[d] < std::min(offsets[d] + extents[d], bounds[d])) break;
      at[d] = offsets[d];
    }
    if (i == 0) return;
  }
}

}  // namespace chasm
