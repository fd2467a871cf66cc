// What the process is at, for the word it says when a limit or a signal ends it.
#pragma once

#include <cstdint>
#include <string>

namespace chasm {

// While it lives, the process does that: "simulating", "mapping layer conv1". What began later
// comes later in the text; several threads may each do something.
class Doing {
 public:
  explicit Doing(std::string what);
  ~Doing();
  Doing(const Doing&) = delete;
  Doing& operator=(const Doing&) = delete;
  void becomes(std::string what);

 private:
  std::uint64_t number_;
};

// So many of `units` (a literal) are done: cheap, and of the latest caller.
void note_progress(std::uint64_t count, const char* units);

// The text now, of at most kDoingBytes, into `text`; returns its length. May be called from a
// signal handler.
inline constexpr std::size_t kDoingBytes = 512;
std::size_t copy_doing(char* text);

}  // namespace chasm
