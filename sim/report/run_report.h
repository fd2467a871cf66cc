// RunResult -> the report on the terminal: layers, totals, energy, and where every chunk's cycles
// went.
#pragma once

#include <string>

#include "sim/report/text_table.h"
#include "sim/run/run_result.h"

namespace chasm {

std::string render_report(const RunResult&, const TextStyle&);

}  // namespace chasm
