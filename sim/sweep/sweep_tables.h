// A sweep as tables: CSV, JSON and the text on the terminal.
#pragma once

#include <string>
#include <string_view>

#include "sim/report/text_table.h"
#include "sim/sweep/sweep_result.h"

namespace chasm {

// index, status, pareto, the parameters by name, every figure, diagnostic (RFC 4180). No figures of
// the host.
std::string sweep_csv(const SweepResult&);
std::string front_csv(const SweepResult&);  // only the rows of the front, in its order
Json front_json(const SweepResult&);        // schema chasm/sweep-front/1
// Everything at once, for -o -: schema chasm/sweep/1.
Json sweep_json(const SweepResult&);

// Of those, and of the lines of points.jsonl.
std::string_view sweep_result_schema();

std::string sweep_summary(const SweepResult&, const TextStyle&);

}  // namespace chasm
