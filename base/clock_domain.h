// Rational clocks. Time is counted in ticks, the longest duration of which every clock period of
// the machine is a whole multiple; so 1050 MHz beside 1200 MHz is exact (8 and 7 ticks), which no
// number of picoseconds is.
#pragma once

#include <cstdint>
#include <vector>

namespace chasm {

struct ClockDomain {
  std::uint64_t frequency_hz = 1;
  std::uint64_t ticks_per_cycle = 1;

  // The first cycle boundary at or after `tick`, in cycles.
  std::uint64_t cycle_at_or_after(std::uint64_t tick) const {
    return tick / ticks_per_cycle + (tick % ticks_per_cycle != 0 ? 1 : 0);
  }
  std::uint64_t tick_of(std::uint64_t cycle) const { return cycle * ticks_per_cycle; }
};

// One domain a frequency, with a common tick of 1 / lcm(frequencies) seconds. Throws Error (invalid
// input) where that tick would be so short that 10^15 cycles of the slowest clock do not fit 63
// bits.
std::vector<ClockDomain> make_clock_domains(const std::vector<std::uint64_t>& frequencies_hz);

}  // namespace chasm
