// chasm explain mapping: what the mapping of a layer does, and what else was found.
#pragma once

#include <string>

#include "sim/report/text_table.h"
#include "sim/run/run_result.h"

namespace chasm {

// Of the operation of that name in a result that came from `file`. Throws Error (invalid input).
std::string explain_mapping_text(const RunResult&, const std::string& file,
                                 const std::string& operation, const TextStyle&);

}  // namespace chasm
