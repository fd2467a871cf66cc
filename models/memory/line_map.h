// Which 64-byte DRAM lines hold a set of words (docs/microarchitecture.md, section 4).
#pragma once

#include <cstdint>
#include <vector>

#include "models/program/geometry.h"

namespace chasm {

inline constexpr std::uint64_t kLineBytes = 64;

// One burst of a transfer. A word belongs to the line of its first bit, so the line that holds just
// the tail of a word may count none.
struct LineTransfer {
  std::uint64_t line;   // byte address / 64
  std::uint64_t words;  // words of the transfer in it
};

// Lines of the words of a tile in address order, rows from their first to their last word: of the
// innermost axis in the canonical layout, of a pixel's channels (in a block) in the others. With
// `only_new`, words that are kept on every axis are left out.
void tensor_lines(const TensorAccess&, const Placement&, const std::vector<AxisCoordinates>&,
                  bool only_new, std::vector<LineTransfer>& lines);

// Lines of the blocks of a parameter tensor (stored block after block, a block being an array tile)
// whose indices lie in [offsets, offsets + extents) of each dimension.
void parameter_lines(const Program&, Operand, const DimArray<std::uint64_t>& offsets,
                     const DimArray<std::uint64_t>& extents, std::vector<LineTransfer>& lines);

}  // namespace chasm
