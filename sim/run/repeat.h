// The run of a result once more, from the inputs it holds: as it was, or on a changed machine with
// the same mapping.
#pragma once

#include <optional>
#include <vector>

#include "base/diagnostic.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/mapping.h"
#include "sim/run/run_result.h"
#include "sim/run/simulate.h"

namespace chasm {

struct RunInputs {
  ArchSpec arch;
  Network network;
  Mapping mapping;
  SimOptions options;  // without values: cycles do not depend on them
};

// What in the result cannot be read, or a change that the architecture does not take, becomes
// diagnostics.
std::optional<RunInputs> inputs_of(const RunResult&, const std::vector<Override>& changes,
                                   Diagnostics&);

// Of one layer, all images together, in a run that was repeated.
struct RepeatedCycles {
  std::uint64_t layer = 0, run = 0;
};

// One repetition a list of changes, each in a process of its own; none where it failed.
std::vector<std::optional<RepeatedCycles>> repeat_runs(
    const RunResult&, const std::string& layer, const std::vector<std::vector<Override>>& changes,
    unsigned jobs);

}  // namespace chasm
