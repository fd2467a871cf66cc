#include "traces/cause.h"

namespace chasm {

const char* to_string(Cause cause) {
  static constexpr std::array<const char*, kCauses> kNames = {
      "busy",      "wait_input",      "wait_weight", "wait_psum", "wait_output",
      "wait_dram", "wait_dependency", "ramp",        "idle"};
  return kNames[static_cast<std::size_t>(cause)];
}

}  // namespace chasm
