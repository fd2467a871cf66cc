// Random requests to a DRAM, mixed so that every constraint comes to bind: hits, conflicts, both
// directions, rushes and pauses.
#pragma once

#include <vector>

#include "base/rng.h"
#include "models/memory/dram/replay.h"

namespace chasm::testing_support {

inline std::vector<DramRequest> random_traffic(const DramConfig& config, std::uint64_t seed,
                                               std::size_t count) {
  Rng rng(seed);
  const std::uint64_t lines = config.organisation.lines();
  std::vector<DramRequest> requests;
  std::uint64_t line = 0, stride = 1, writes_of_8 = 2, pace = 1;
  Cycle cycle = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (rng.below(24) == 0) {  // another phase
      line = rng.below(lines);
      stride = rng.below(3) == 0 ? std::uint64_t{1} << rng.below(14) : 1;
      writes_of_8 = rng.below(9);
      pace = rng.below(4) == 0 ? 40 : 1 + rng.below(4);
    }
    if (rng.below(400) == 0) cycle += rng.below(6000);
    const std::uint64_t at = rng.below(8) == 0 ? rng.below(lines) : (line += stride) % lines;
    requests.push_back({cycle, rng.below(8) < writes_of_8, at * 64});
    cycle += rng.below(2 * pace);
  }
  return requests;
}

}  // namespace chasm::testing_support
