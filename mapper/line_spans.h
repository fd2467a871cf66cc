// The 64-byte lines that one transfer of a tile covers: of each row the span from its first to its
// last word, consecutive spans in one line counted once (docs/microarchitecture.md, section 4).
#pragma once

#include "models/program/geometry.h"

namespace chasm {

// Words at these coordinates of a tensor, or those of them that are not kept on all axes.
std::uint64_t tensor_lines(const TensorAccess&, const Placement&,
                           const std::vector<AxisCoordinates>&, bool only_new);
// Parameters lie in blocks of the array tile: those of the blocks in a tile of these extents.
std::uint64_t parameter_lines(const Program&, Operand, const DimArray<std::uint64_t>& offsets,
                              const DimArray<std::uint64_t>& extents);

}  // namespace chasm
