// The loop orders worth trying. Dimensions that matter to the same operands form a group; groups
// are permuted (the innermost one leaves the operands it does not move stationary), dimensions
// inside a group keep one order.
#pragma once

#include <cstdint>
#include <vector>

#include "models/program/program.h"
#include "mapper/loop_nest.h"

namespace chasm {

struct LoopGroup {
  std::vector<Dim> dims;                // outermost first
  std::array<bool, kOperands> moves{};  // operands that depend on them
};
using LoopOrder = std::vector<Dim>;  // outermost first

// The groups of the dimensions with more than one iteration. Those of a row operation (C, and R,
// its passes) are left out: their place is fixed.
std::vector<LoopGroup> loop_groups(const Operation&);

// All orders of the groups whose dimensions have trips left (`trips` > 1), at most 24; one empty
// order where there is none. `rows_inside`: Q outside P.
std::vector<LoopOrder> loop_orders(const std::vector<LoopGroup>&,
                                   const DimArray<std::uint64_t>& trips, bool rows_inside);

// Puts the temporal loops above the array tile of `nest`: `inside` trips at buffer level, the rest
// at DRAM level.
void set_loops(LoopNest& nest, const Operation&, const DimArray<std::uint64_t>& trips,
               const DimArray<std::uint64_t>& inside, const LoopOrder& dram,
               const LoopOrder& buffer);

}  // namespace chasm
