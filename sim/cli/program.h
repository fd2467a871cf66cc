// The program behind main: from words to an exit code.
#pragma once

#include <string>
#include <vector>

namespace chasm {

// Runs a command line (without the program's name). Every end of it is an exit code; nothing is
// thrown.
int run_program(const std::vector<std::string>& words);

}  // namespace chasm
