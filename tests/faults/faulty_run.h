// Commands that write files, each run with a call that fails, and what must hold then: a documented
// exit code, all files of before or all new ones, nothing temporary.
#pragma once

#include <string>
#include <vector>

namespace chasm::testing_support {

// Which call fails (failing_calls.cpp).
struct Fault {
  std::string kind;
  long n = 1;
  bool later_too = false;
};

// Names of commands that write files.
std::vector<std::string> faulty_commands();

// Runs the command with the fault in a folder without an answer and in one with an older one.
// Whether the fault occurred; where not, the command makes fewer calls of the kind.
bool survives(const std::string& command, const Fault&);

// The same of a sweep, which is then gone on with and comes to the bytes of one without a fault.
bool sweep_survives(const Fault&);

}  // namespace chasm::testing_support
