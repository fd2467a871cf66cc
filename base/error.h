// The ends a command can come to (docs/formats.md, "Exit codes") and the one exception that carries
// them.
#pragma once

#include <stdexcept>
#include <string>

#include "base/diagnostic.h"

namespace chasm {

enum class ExitCode : int {
  ok = 0,
  usage = 2,
  invalid_input = 3,
  infeasible = 4,
  simulation_stopped = 5,
  comparison_failed = 6,
  internal = 70,
  interrupted = 130,  // 128 + the signal
  terminated = 143,
};

// How a command that met these diagnostics ends.
inline ExitCode exit_code(const Diagnostics& diagnostics) {
  if (diagnostics.ok()) return ExitCode::ok;
  return diagnostics.only_infeasible() ? ExitCode::infeasible : ExitCode::invalid_input;
}

// Thrown when the user's request cannot be met; what() is the text for the user.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Error(ExitCode code, const Diagnostics& diagnostics) : Error(code, diagnostics.to_string()) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace chasm
