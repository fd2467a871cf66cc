#include "traces/engine.h"

namespace chasm {

const char* to_string(EngineState state) {
  static constexpr std::array<const char*, kEngineStates> kNames = {
      "busy", "wait_port", "wait_bank", "wait_dram", "wait_space", "idle"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace chasm
