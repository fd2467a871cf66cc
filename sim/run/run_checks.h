// The laws that every run must keep (docs/architecture.md, "What every run checks"). They run in
// every simulation; a broken one is our bug and ends it.
#pragma once

#include "mapper/lower.h"
#include "sim/run/run_result.h"

namespace chasm {

// Throws Error (internal) that names the law, the layer and the numbers.
void check_run(const ArchSpec&, const Network&, const Lowered&, const RunResult&);

}  // namespace chasm
