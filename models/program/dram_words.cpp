#include "models/program/dram_words.h"

#include <algorithm>

#include "base/check.h"

namespace chasm {
namespace {

std::uint64_t stride_of(const Axis& axis) { return static_cast<std::uint64_t>(axis.word_stride); }

}  // namespace

TileRows::TileRows(const TensorAccess& access, const TensorLayout& layout,
                   const std::vector<AxisCoordinates>& axes, bool only_new) {
  if (std::any_of(axes.begin(), axes.end(), [](const auto& axis) { return axis.empty(); })) return;
  if (layout.canonical())
    canonical(access, axes, only_new);
  else
    by_pixel(access, layout, axes, only_new);
}

// Ascending, since axes stand from the largest stride down.
void TileRows::combine(Positions& positions, const AxisCoordinates& axis, std::uint64_t stride) {
  Positions result;
  result.reserve(positions.size() * axis.size());
  for (const Position& outer : positions)
    for (const TileCoordinate& c : axis)
      result.push_back(
          {outer.value + static_cast<std::uint64_t>(c.value) * stride, outer.kept && c.kept});
  positions.swap(result);
}

TileRows::Block TileRows::block_of(std::uint64_t number, const Position* begin, const Position* end,
                                   bool only_new) const {
  Block block{number, {}, {}};
  block.all.reserve(static_cast<std::size_t>(end - begin));
  for (; begin != end; ++begin) {
    const std::uint64_t word = begin->value - number * block_words_;
    block.all.push_back(word);
    if (!only_new || !begin->kept) block.fresh.push_back(word);
  }
  return block;
}

void TileRows::canonical(const TensorAccess& access, const std::vector<AxisCoordinates>& axes,
                         bool only_new) {
  const std::vector<Axis>& stored = access.stored_axes();
  const std::size_t inner = axes.size() - 1;
  Positions row{{0, true}};
  samples_ = {{0, true}};
  pixels_ = {{access.base_word, true}};
  for (std::size_t a = 0; a < inner; ++a) combine(pixels_, axes[a], stride_of(stored[a]));
  combine(row, axes[inner], stride_of(stored[inner]));
  blocks_.push_back(block_of(0, row.data(), row.data() + row.size(), only_new));
}

// Samples, then blocks of channels, then pixels, then the channels of a block. Every axis moves one
// of the three: that is how layers see tensors.
void TileRows::by_pixel(const TensorAccess& access, const TensorLayout& layout,
                        const std::vector<AxisCoordinates>& axes, bool only_new) {
  const std::vector<Axis>& stored = access.stored_axes();
  const std::uint64_t sample_words = layout.channels * layout.pixels;
  Positions channels{{access.base_word % sample_words / layout.pixels, true}};
  samples_ = {{access.base_word / sample_words, true}};
  pixels_ = {{access.base_word % layout.pixels, true}};
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::uint64_t stride = stride_of(stored[a]);
    if (stride % sample_words == 0)
      combine(samples_, axes[a], stride / sample_words);
    else if (stride % layout.pixels == 0)
      combine(channels, axes[a], stride / layout.pixels);
    else
      combine(pixels_, axes[a], stride);
  }
  CHECK(channels.back().value < layout.channels && pixels_.back().value < layout.pixels,
        "channel {}, pixel {} of a tensor of {} channels, {} pixels", channels.back().value,
        pixels_.back().value, layout.channels, layout.pixels);
  blocks_of_sample_ = layout.blocks();
  pixels_of_block_ = layout.pixels;
  block_words_ = layout.block;
  const Position* const last = channels.data() + channels.size();
  for (const Position* first = channels.data(); first != last;) {
    const std::uint64_t number = first->value / layout.block;
    const Position* const end = std::find_if(
        first, last, [&](const Position& c) { return c.value / layout.block != number; });
    blocks_.push_back(block_of(number, first, end, only_new));
    first = end;
  }
}

ParameterBlocks::ParameterBlocks(const Program& program, Operand operand) {
  const DimArray<std::uint64_t> block = array_tile(program);
  for (const Axis& axis : program.operation.of(operand).axes)
    for (const Axis::Term& term : axis.terms)
      parts_.push_back({term.dim, program.operation.bounds[term.dim], block[term.dim], 1});
  for (std::size_t i = parts_.size(); i-- > 1;)
    parts_[i - 1].inner = parts_[i].inner * parts_[i].bound;
}

}  // namespace chasm
