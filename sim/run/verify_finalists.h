// The simulator decides between the best mappings that a search has found by its cost model.
#pragma once

#include <functional>
#include <vector>

#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/map_network.h"

namespace chasm {

// Simulates the network, layer after layer, with the first, second, ... finalist of every job (its
// last where it has fewer), each in a process of its own, and puts first what took least of each,
// by the objective; or the one finalist of all jobs that was best, where those together are worse.
// To be called from a process with one thread.
void verify_finalists(const ArchSpec&, const Network&, Objective, unsigned processes,
                      std::vector<MappedJob>&);

}  // namespace chasm
