// The tiles a nest keeps in the global buffer: whether they fit, and how many of each operand.
#pragma once

#include "models/program/program.h"
#include "models/program/verify.h"
#include "mapper/loop_nest.h"

namespace chasm {

// Tiles of each operand where `open` leaves the choice: one, then a second one, in the order input,
// weight, output, for those that `change` over the DRAM loops, while all fit. `bytes` are those of
// one tile, 0 for an operand that takes no space. `tiles` holds the given counts and gets the
// chosen ones; returns whether all fit.
bool choose_tiles(const std::array<std::uint64_t, kOperands>& bytes,
                  const std::array<bool, kOperands>& change,
                  const std::array<bool, kOperands>& open, std::uint64_t capacity,
                  std::array<std::uint32_t, kOperands>& tiles);

// The same for a nest of the search, with every count open. `prototype` gives operation, widths and
// bypasses.
bool fit_buffer(LoopNest&, const Program& prototype, const ProgramLimits&);

}  // namespace chasm
