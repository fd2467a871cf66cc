// RunResult -> result.json, schema chasm/result/1 (docs/formats.md, "Result"): the one source of
// truth of a run.
#pragma once

#include <functional>
#include <string_view>

#include "base/json.h"
#include "sim/run/run_result.h"

namespace chasm {

// Everything but `host`, which is last, is the same for the same inputs and seed on any machine.
Json to_json(const RunResult&);
// The same with no rows of layers.
Json result_without_layers(const RunResult&);
// The whole as text, row by row: a run of many images has more of them than fit the memory as JSON.
void write_result(const RunResult&, const std::function<void(std::string_view)>& sink);
Json totals_json(const RunResult&);  // its `totals`
std::string_view result_schema();    // the JSON Schema's text

}  // namespace chasm
