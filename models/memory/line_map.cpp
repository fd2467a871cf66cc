#include "models/memory/line_map.h"

#include <algorithm>

#include "base/units.h"
#include "models/program/dram_words.h"

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
  void sparse(std::uint64_t base, const std::vector<std::uint64_t>& words) {
    if (words.back() - words.front() + 1 == words.size())
      return dense(base + words.front(), words.size());
    const std::uint64_t end = base_ + (base + words.back() + 1) * word_;
    std::uint64_t line = (base_ + (base + words.front()) * word_) / kLineUnits;
    touch(line, 0);
    for (const std::uint64_t word : words) {
      const std::uint64_t at = (base_ + (base + word) * word_) / kLineUnits;
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

}  // namespace

void tensor_lines(const TensorAccess& access, const Placement& placement,
                  const std::vector<AxisCoordinates>& axes, bool only_new,
                  std::vector<LineTransfer>& lines) {
  lines.clear();
  LineWriter writer(placement, lines);
  TileRows(access, placement.layout, axes, only_new)
      .for_each([&](std::uint64_t base, const std::vector<std::uint64_t>& words) {
        writer.sparse(base, words);
      });
}

void parameter_lines(const Program& program, Operand operand,
                     const DimArray<std::uint64_t>& offsets, const DimArray<std::uint64_t>& extents,
                     std::vector<LineTransfer>& lines) {
  lines.clear();
  LineWriter writer(program.placement[static_cast<std::size_t>(operand)], lines);
  ParameterBlocks(program, operand)
      .for_each(offsets, extents,
                [&](std::uint64_t first, std::uint64_t words) { writer.dense(first, words); });
}

}  // namespace chasm
