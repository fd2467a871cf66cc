#include "mapper/line_spans.h"

#include <algorithm>

#include "base/check.h"

namespace chasm {
namespace {

// Positions in DRAM are counted in 1/65536 bit.
constexpr std::uint64_t kByteUnits = 8 * Placement::kUnitsOfABit;
constexpr std::uint64_t kLineUnits = 64 * kByteUnits;

class LineCount {
 public:
  explicit LineCount(const Placement& placement)
      : base_(placement.dram_base * kByteUnits), word_(placement.dram_units()) {}

  // Words first .. last, in ascending order of calls.
  void span(std::uint64_t first, std::uint64_t last) {
    const std::uint64_t begin = (base_ + first * word_) / kLineUnits;
    const std::uint64_t end = (base_ + (last + 1) * word_ - 1) / kLineUnits;
    count_ += end - begin + (any_ && begin == line_ ? 0 : 1);
    line_ = end;
    any_ = true;
  }
  std::uint64_t count() const { return count_; }

 private:
  std::uint64_t base_, word_, line_ = 0, count_ = 0;
  bool any_ = false;
};

// Some axes of a tile as one: what they add to the number of a word together, and whether that is
// held already on all of them. Ascending.
struct Part {
  std::uint64_t words;
  bool kept;
};
using Parts = std::vector<Part>;

void refine(Parts& parts, const AxisCoordinates& axis, std::uint64_t stride) {
  Parts next;
  next.reserve(parts.size() * axis.size());
  for (const Part& part : parts)
    for (const TileCoordinate& c : axis)
      next.push_back(
          {part.words + static_cast<std::uint64_t>(c.value) * stride, part.kept && c.kept});
  parts.swap(next);
}

// First and last word of a row; none where all is kept.
struct Ends {
  std::uint64_t first = 0, last = 0;
  bool any = false;
};
Ends ends(const Part* begin, const Part* end, bool only_new) {
  Ends result;
  for (; begin != end; ++begin) {
    if (only_new && begin->kept) continue;
    if (!result.any) result.first = begin->words;
    result.last = begin->words;
    result.any = true;
  }
  return result;
}

std::uint64_t canonical_lines(const TensorAccess& access, const Placement& placement,
                              const std::vector<AxisCoordinates>& axes, bool only_new) {
  const std::vector<Axis>& stored = access.stored_axes();
  const auto stride = [&](std::size_t a) {
    return static_cast<std::uint64_t>(stored[a].word_stride);
  };
  Parts rows{{access.base_word, true}}, inner{{0, true}};
  for (std::size_t a = 0; a + 1 < axes.size(); ++a) refine(rows, axes[a], stride(a));
  refine(inner, axes.back(), stride(axes.size() - 1));
  const Part* const begin = inner.data();
  const Ends all = ends(begin, begin + inner.size(), false);
  const Ends fresh = ends(begin, begin + inner.size(), only_new);
  LineCount lines(placement);
  for (const Part& row : rows) {
    const Ends& span = row.kept ? fresh : all;
    if (span.any) lines.span(row.words + span.first, row.words + span.last);
  }
  return lines.count();
}

// Samples, then blocks of channels, then pixels, then the channels of a block.
std::uint64_t pixel_lines(const TensorAccess& access, const Placement& placement,
                          const std::vector<AxisCoordinates>& axes, bool only_new) {
  const TensorLayout& layout = placement.layout;
  const std::vector<Axis>& stored = access.stored_axes();
  const std::uint64_t sample_words = layout.channels * layout.pixels;
  Parts samples{{access.base_word / sample_words, true}};
  Parts channels{{access.base_word % sample_words / layout.pixels, true}};
  Parts pixels{{access.base_word % layout.pixels, true}};
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const auto stride = static_cast<std::uint64_t>(stored[a].word_stride);
    if (stride % sample_words == 0)
      refine(samples, axes[a], stride / sample_words);
    else if (stride % layout.pixels == 0)
      refine(channels, axes[a], stride / layout.pixels);
    else
      refine(pixels, axes[a], stride);
  }
  LineCount lines(placement);
  for (const Part& sample : samples) {
    const Part* const channels_end = channels.data() + channels.size();
    for (const Part* first = channels.data(); first != channels_end;) {
      const std::uint64_t block = first->words / layout.block;
      const Part* const end = std::find_if(
          first, channels_end, [&](const Part& c) { return c.words / layout.block != block; });
      const Ends all = ends(first, end, false), fresh = ends(first, end, only_new);
      const std::uint64_t row = (sample.words * layout.blocks() + block) * layout.pixels;
      for (const Part& pixel : pixels) {
        const Ends& span = sample.kept && pixel.kept ? fresh : all;
        const std::uint64_t base = (row + pixel.words - block) * layout.block;
        if (span.any) lines.span(base + span.first, base + span.last);
      }
      first = end;
    }
  }
  return lines.count();
}

}  // namespace

std::uint64_t tensor_lines(const TensorAccess& access, const Placement& placement,
                           const std::vector<AxisCoordinates>& axes, bool only_new) {
  for (const AxisCoordinates& axis : axes)
    if (axis.empty()) return 0;
  return placement.layout.canonical() ? canonical_lines(access, placement, axes, only_new)
                                      : pixel_lines(access, placement, axes, only_new);
}

std::uint64_t parameter_lines(const Program& program, Operand operand,
                              const DimArray<std::uint64_t>& offsets,
                              const DimArray<std::uint64_t>& extents) {
  const DimArray<std::uint64_t>&bounds = program.operation.bounds, block = array_tile(program);
  std::vector<Dim> dims;
  for (const Axis& axis : program.operation.of(operand).axes)
    for (const Axis::Term& term : axis.terms) dims.push_back(term.dim);
  LineCount lines(program.placement[static_cast<std::size_t>(operand)]);
  // Words before the block at `at`: whole slices of the outer dimensions, then of the inner ones.
  const auto add = [&](const auto& self, std::size_t i, std::uint64_t before, std::uint64_t slice,
                       std::uint64_t below) -> void {
    if (i == dims.size()) return lines.span(before, before + slice - 1);
    const Dim d = dims[i];
    const std::uint64_t inner = below / bounds[d];
    const std::uint64_t end = std::min(offsets[d] + extents[d], bounds[d]);
    for (std::uint64_t at = offsets[d]; at < end; at += block[d])
      self(self, i + 1, before + at * slice * inner, slice * std::min(block[d], bounds[d] - at),
           inner);
  };
  std::uint64_t all = 1;
  for (const Dim d : dims) all *= bounds[d];
  add(add, 0, 0, 1, all);
  return lines.count();
}

}  // namespace chasm
