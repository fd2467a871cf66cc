// One option of each chunk, so that together they keep to a budget and are best: shares of the
// buffer, PEs of an area.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "mapper/operation_search.h"

namespace chasm {

// What a chunk costs with so much of the resource.
struct ChunkOption {
  double resource = 0;
  double cycles = 0;
  double energy = 0;
};

// Chunks that run side by side take as long as the slowest of them (a pipeline in its steady
// state), else as long as all together.
double score_of(Objective, bool side_by_side, double slowest, double total_cycles, double energy);

// The number of the chosen option of each chunk, exactly the best; of equal ones the one that takes
// least of the resource, then the lowest numbers. None where even the smallest exceed the budget,
// or a chunk has no option.
std::optional<std::vector<std::size_t>> choose_options(
    const std::vector<std::vector<ChunkOption>>& options, double budget, Objective,
    bool side_by_side);

}  // namespace chasm
