// CHASM as a library: read, map, simulate. Link chasm::chasm; examples/ has a program.
//
// Everything throws Error (base/error.h) with all diagnostics of what is wrong with the input. The
// structs are those of the headers below; sim/report has results as JSON, text and HTML.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/map_network.h"
#include "mapper/mapping.h"
#include "sim/report/result_json.h"
#include "sim/report/run_totals.h"
#include "sim/run/isolate.h"
#include "sim/run/simulate.h"

namespace chasm {

// By a shipped name or a path, with changes as --set makes them: {{"clock_mhz", "500"}}.
ArchSpec read_architecture(const std::string& name_or_path,
                           const std::vector<Override>& changes = {});
// By a shipped name or a path.
Network read_workload(const std::string& name_or_path);

// The mapper's choice: a chunk and loops for every layer.
Mapping map(const ArchSpec&, const Network&, const MapOptions& = {});

// RunResult simulate(const ArchSpec&, const Network&, const Mapping&, const SimOptions&) is
// sim/run/simulate.h's: once a process. For more, run_isolated() gives each a process of its own.

}  // namespace chasm
