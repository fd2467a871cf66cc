// Runs a piece of work in a process of its own and brings its text back: SystemC has one kernel a
// process, and a hang or a crash of one case must not take the others along.
#pragma once

#include <functional>
#include <string>

namespace chasm {

struct ChildResult {
  bool ok = false;   // ended by itself, with exit code 0
  std::string text;  // what the work returned, or how the process ended
};
ChildResult in_child(const std::function<std::string()>& work, unsigned seconds);

}  // namespace chasm
