// The architecture, network and mapping a command works on: options, loading, problems of all of
// them at once.
#pragma once

#include <vector>

#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/map_network.h"
#include "mapper/mapping.h"
#include "sim/cli/arguments.h"

namespace chasm {

struct Inputs {
  ArchSpec arch;
  Network network;
  Json workload;  // the network's document
};

// --arch, --workload and --set, which every command that maps or simulates takes.
std::vector<OptionSpec> input_options();

// Throws Error: usage where one is not given, invalid input where one is not right. Warnings are
// said.
Inputs load_inputs(const Arguments&);

Objective objective_of(const Arguments&);
// The one in a file, checked against the inputs. Throws Error (invalid input, infeasible).
Mapping load_mapping(const std::string& path, const Inputs&, std::uint64_t images);

}  // namespace chasm
