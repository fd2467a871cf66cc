// The spatial loops and register-file tiles that the search looks at: a limited set that always
// holds the smallest.
#pragma once

#include <cstdint>
#include <vector>

#include "models/arch/arch_spec.h"
#include "models/program/program.h"
#include "models/program/verify.h"
#include "mapper/loop_nest.h"

namespace chasm {

// Factors that split `bound` into equal parts as far as possible: the distinct ceil(bound / m) up
// to `cap`, falling by at least `ratio` each, ending with 1. At most `most` of them.
std::vector<std::uint64_t> balanced_factors(std::uint64_t bound, std::uint64_t cap, double ratio,
                                            std::size_t most);

// Nests with spatial loops alone, the best used arrays first, one for every legal set of factors
// that was looked at (one or two dimensions an axis). The last one uses a single PE.
std::vector<LoopNest> spatial_choices(const Operation&, const ChunkSpec&);

// The nest with every register-file tile that fits, of the factors looked at; never empty unless
// not even one word of each operand fits. `whole_reductions`: only tiles that leave no reduction to
// the loops above.
std::vector<LoopNest> register_tilings(const LoopNest& spatial, const Operation&,
                                       const ProgramLimits&, bool whole_reductions);

}  // namespace chasm
