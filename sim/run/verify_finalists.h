// The simulator decides between the best mappings that a search has found by its cost model.
#pragma once

#include <functional>
#include <vector>

#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/map_network.h"

namespace chasm {

// Simulates the network, layer after layer, with the first, second, ... finalist of every job that
// has several, each in a process of its own, and puts the finalists of each job in the order of
// what they took, by the objective; equals stay. Of a simulation that fails the finalists keep
// their places behind those of others. To be called from a process with one thread.
void verify_finalists(const ArchSpec&, const Network&, Objective, unsigned processes,
                      std::vector<MappedJob>&);

}  // namespace chasm
