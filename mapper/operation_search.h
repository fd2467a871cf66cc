// The quick search for one operation on one chunk: a limited set of tilings and loop orders, ranked
// by the cost model. No randomness, no time limit: the same answer always.
#pragma once

#include <optional>

#include "models/arch/arch_spec.h"
#include "models/program/program.h"
#include "mapper/cost_model.h"
#include "mapper/loop_nest.h"
#include "mapper/objective.h"

namespace chasm {

// The best nest found, its buffer tiles chosen; none where not even the smallest tiles fit.
// `prototype` gives the operation, the widths and what bypasses the buffer.
std::optional<LoopNest> search_operation(const Program& prototype, const ChunkSpec&,
                                         const ArchSpec&, Objective, const EnergyWeights&);
std::optional<LoopNest> search_operation(const Program& prototype, const ChunkSpec&,
                                         const ArchSpec&, Objective);

// The smallest tiles there are, whether they fit or not: one word of each operand in one PE, every
// loop at DRAM level.
LoopNest smallest_nest(const Program& prototype);

}  // namespace chasm
