// Why a cycle of an engine passed as it did (docs/microarchitecture.md, "Stall accounting"). Per
// engine the causes add up to the total.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace chasm {

enum class Cause : std::uint8_t {
  busy,             // issuing operations
  wait_input,       // the input words are not in the register files yet (bus or buffer)
  wait_weight,      // the same for weights (or the second activation)
  wait_psum,        // partial sums are being read back
  wait_output,      // no psum slot is free: the previous tile still drains
  wait_dram,        // a tile is not on chip yet, or results still move to DRAM
  wait_dependency,  // the chunk has layers left, but none may start
  ramp,             // configuration, first fill and last drain of a layer
  idle,             // nothing left to do for this chunk
};
inline constexpr std::size_t kCauses = 9;

using CyclesByCause = std::array<std::uint64_t, kCauses>;

const char* to_string(Cause);

}  // namespace chasm
