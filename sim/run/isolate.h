// Pieces of work in processes of their own: SystemC has one kernel a process, and a crash, a hang
// or an excess of memory in one piece must not take the others along.
//
// The calling process must have a single thread: a child has a copy of the caller's memory, in
// which the locks of other threads would stay held for ever. The work itself may start threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace chasm {

struct IsolateOptions {
  unsigned jobs = 1;              // children at a time, at least 1
  std::optional<double> seconds;  // of wall time a child may take
  // What a child may allocate; else an equal part of what the process may (base/limits.h).
  std::optional<std::uint64_t> memory_bytes;
  // Asked at least ten times a second: true ends all children, and run_isolated() returns. Empty:
  // never.
  std::function<bool()> stop;
};

struct ChildEnd {
  enum class How { returned, threw, died, timed_out, out_of_memory };
  How how = How::died;
  std::string text;  // what the work returned; of an exception, what it says
  // What the child wrote to stderr, the first 16 KiB of it; of a limit also what it was doing, of a
  // death how it came.
  std::string complaint;
  double wall_s = 0;
  std::uint64_t peak_rss_bytes = 0;
};

// Runs work(task) for every task, each in a child, started in the given order. `done` is told in
// the calling process as they end, which for jobs > 1 is any order. Children end with the caller,
// also if that is killed. Throws Error (internal) where no process can be started.
void run_isolated(const std::vector<std::size_t>& tasks, const IsolateOptions&,
                  const std::function<std::string(std::size_t task)>& work,
                  const std::function<void(std::size_t task, const ChildEnd&)>& done);

}  // namespace chasm
