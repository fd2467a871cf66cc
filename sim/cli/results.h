// Results as arguments of a command.
#pragma once

#include <string>

#include "sim/run/run_result.h"

namespace chasm {

// A result.json, or the folder it lies in. Throws Error (invalid input).
RunResult required_result(const std::string& path);

}  // namespace chasm
