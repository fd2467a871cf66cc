// What the simulator decides between finalists (sim/run/verify_finalists.h), kept between runs: a
// network that is known needs no simulation to be mapped.
#pragma once

#include <vector>

#include "base/diagnostic.h"
#include "mapper/map_network.h"
#include "mapper/result_cache.h"
#include "sim/cli/inputs.h"
#include "sim/run/verify_finalists.h"

namespace chasm {

// The number of the best finalist of every job, from the cache or the simulator.
std::vector<std::size_t> judged_finalists(const Inputs&, const ArchSpec& simulated_arch,
                                          const VerifyOptions&, const std::vector<MappedJob>& jobs,
                                          ResultCache&, Diagnostics& warnings);

}  // namespace chasm
