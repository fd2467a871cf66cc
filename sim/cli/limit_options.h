// The options that bound what a command takes of time and memory.
#pragma once

#include <vector>

#include "base/limits.h"
#include "sim/cli/arguments.h"

namespace chasm {

// --max-seconds and --max-memory. `each`: what they bound, where that is not the command.
std::vector<OptionSpec> limit_option_specs(const std::string& each = {});

// What they ask for; of memory, where nothing is asked for, three quarters of the machine. Throws
// Error (usage).
Limits limits_of(const Arguments&);

}  // namespace chasm
