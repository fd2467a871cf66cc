// What an engine beside the issue stage does with its cycles: the buses of a chunk, its DMA, the
// ports of the global buffer, the channels of the DRAM (docs/microarchitecture.md, "Stall
// accounting"). Per engine the states add up to the cycles of the run.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/units.h"

namespace chasm {

enum class EngineState : std::uint8_t {
  busy,        // words move
  wait_port,   // for a port of the global buffer
  wait_bank,   // the port is there, a bank of the buffer is not
  wait_dram,   // what is to be moved is on its way from (or to) the DRAM
  wait_space,  // there is no room to move it to, or nothing to load until room comes free
  idle,        // nothing to move
};
inline constexpr std::size_t kEngineStates = 6;
using CyclesByState = std::array<std::uint64_t, kEngineStates>;

const char* to_string(EngineState);

struct EngineReport {
  std::string name;  // "CLP.input_bus", "CLP.dma", "global_buffer.port0", "dram.channel0"
  CyclesByState cycles{};
};

// Accounts for an engine that does one thing after another. Times may lie ahead of the simulation.
class EngineMeter {
 public:
  // It was in that state until `to`, from where the account ended; nothing if that is later.
  void until(Cycle to, EngineState state) {
    if (to <= at_) return;
    cycles_[static_cast<std::size_t>(state)] += to - at_;
    at_ = to;
  }
  Cycle accounted() const { return at_; }
  // Up to the end of the run, idle since the account ended.
  CyclesByState cycles(Cycle end) const {
    CyclesByState all = cycles_;
    all[static_cast<std::size_t>(EngineState::idle)] += minus(end, at_);
    return all;
  }

 private:
  Cycle at_ = 0;
  CyclesByState cycles_{};
};

}  // namespace chasm
