// How a process ends before its work does: at a limit of time or memory, or by a signal. It says
// what it was doing (base/doing.h), removes its unfinished files, and ends at once, from wherever
// it is: no loop has to ask, and no exception has to find its way through other people's code.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"

namespace chasm {

struct Limits {
  std::optional<double> seconds;              // of wall time, from now on
  std::optional<std::uint64_t> memory_bytes;  // beside what the process has now
  // What it ends with.
  int time_code = static_cast<int>(ExitCode::simulation_stopped);
  int memory_code = static_cast<int>(ExitCode::simulation_stopped);
};

// From now on, for this process; children inherit the limit of memory, and none of time. Without a
// limit of memory, what the system refuses ends it the same way.
void set_limits(const Limits&);
// The limit of memory that this process has; none: as much as there is.
std::optional<std::uint64_t> memory_limit();

// Of the machine, or of the container (cgroup) where that has less.
std::uint64_t machine_memory_bytes();

// SIGINT, SIGTERM and SIGHUP end the process with a word and 128 + their number; SIGPIPE without a
// word. A file that would become too large (SIGXFSZ) is an error of the write, not the end.
void end_on_signals();
// The first three end it without a word, as they do by themselves.
void forget_signals();

}  // namespace chasm
