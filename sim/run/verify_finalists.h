// The simulator decides between the best mappings that a search has found by its cost model.
#pragma once

#include <vector>

#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/map_network.h"

namespace chasm {

// Simulates the network, layer after layer, with the first, second, ... finalist of every job (its
// last where it has fewer), each in a process of its own. Returns, for every job, the number of the
// one that took least, by the objective; or the one number that was best for all jobs, where those
// together are worse. To be called from a process with one thread.
std::vector<std::size_t> best_finalists(const ArchSpec&, const Network&, Objective,
                                        unsigned processes, const std::vector<MappedJob>&);

}  // namespace chasm
