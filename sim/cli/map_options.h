// The options that say how mappings are searched, which several commands share.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mapper/map_network.h"
#include "sim/cli/arguments.h"
#include "sim/cli/inputs.h"

namespace chasm {

// --objective, --search, --budget, --dataflow, --constraints, --verify, --seed, --jobs, --cache,
// --max-cycles, --max-seconds, --max-memory.
std::vector<OptionSpec> map_option_specs();

// What they ask for. Throws Error (usage) where a value makes no sense.
struct MapRequest {
  explicit MapRequest(const Arguments&);

  MapOptions options;
  std::size_t verify = 3;                    // finalists that are simulated; 1: none is
  std::string constraints_file, cache_file;  // may be empty
  unsigned jobs = 1;
  std::optional<std::uint64_t> max_cycles;  // of each simulation
};

std::optional<std::uint64_t> max_cycles_of(const Arguments&);

// The mapper's answer. Throws Error: invalid input (constraints), infeasible, interrupted.
// `simulated_arch`: what finalists are simulated on.
MappedNetwork find_mapping(const Inputs&, const ArchSpec& simulated_arch, MapRequest,
                           bool side_by_side);

}  // namespace chasm
