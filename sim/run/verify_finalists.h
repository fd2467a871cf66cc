// The simulator decides between the best mappings that a search has found by its cost model.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/map_network.h"

namespace chasm {

struct VerifyOptions {
  Objective objective = Objective::edp;
  unsigned processes = 1;
  std::optional<std::uint64_t> max_cycles;  // a run that takes more is as bad as one can be
  // Told several times a second of the simulations; may be empty.
  std::function<void(std::size_t done, std::size_t total)> progress;
};

// Simulates the network, layer after layer, with the first, second, ... finalist of every job (its
// last where it has fewer), each in a process of its own. Returns, for every job, the number of the
// one that took least, by the objective; or the one number that was best for all jobs, where those
// together are worse. One that could not be simulated for lack of memory is not chosen, with a
// warning. To be called from a process with one thread.
std::vector<std::size_t> best_finalists(const ArchSpec&, const Network&, const VerifyOptions&,
                                        const std::vector<MappedJob>&, Diagnostics& warnings);

}  // namespace chasm
