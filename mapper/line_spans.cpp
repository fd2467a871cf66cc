#include "mapper/line_spans.h"

#include "models/program/dram_words.h"

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

}  // namespace

std::uint64_t tensor_lines(const TensorAccess& access, const Placement& placement,
                           const std::vector<AxisCoordinates>& axes, bool only_new) {
  LineCount lines(placement);
  TileRows(access, placement.layout, axes, only_new)
      .for_each([&](std::uint64_t base, const std::vector<std::uint64_t>& words) {
        lines.span(base + words.front(), base + words.back());
      });
  return lines.count();
}

std::uint64_t parameter_lines(const Program& program, Operand operand,
                              const DimArray<std::uint64_t>& offsets,
                              const DimArray<std::uint64_t>& extents) {
  LineCount lines(program.placement[static_cast<std::size_t>(operand)]);
  ParameterBlocks(program, operand)
      .for_each(offsets, extents, [&](std::uint64_t first, std::uint64_t words) {
        lines.span(first, first + words - 1);
      });
  return lines.count();
}

}  // namespace chasm
