// result.json -> RunResult, so that reports of old results are those of the run.
#pragma once

#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "base/json.h"
#include "sim/run/run_result.h"

namespace chasm {

// What does not conform to the schema, or contradicts itself, becomes diagnostics. Not in a file,
// and so not in what is returned: `shared_energy_pj`, `dram_bus_cycles`, and of `dram` all but the
// data bus.
std::optional<RunResult> read_result(const Document&, Diagnostics&);

// A file, or a folder that `chasm run -o` made.
std::optional<RunResult> load_result(const std::string& path, Diagnostics&);

}  // namespace chasm
