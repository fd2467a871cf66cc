// RunResult -> a page: what a run took, where cycles and energy went, and what it was run with.
#pragma once

#include <string>

#include "sim/run/run_result.h"

namespace chasm {

// One file that needs nothing else. The same result gives the same bytes.
std::string html_report(const RunResult&);

}  // namespace chasm
