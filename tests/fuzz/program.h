// The program itself, in this process, where what a command does with its input is the command's
// own.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "sim/cli/program.h"
#include "tests/fuzz/driver.h"

namespace chasm::fuzz {

inline void run_command(const std::vector<std::string>& words) {
  const int code = run_program(words);
  CHECK(code != static_cast<int>(ExitCode::internal), "exit code {}", code);
}

}  // namespace chasm::fuzz
