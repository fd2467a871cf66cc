// Thin SystemC helpers: integer cycles of a clock domain, and the one event that drives a module.
#pragma once

#include <limits>

#include <systemc>

#include "base/clock_domain.h"
#include "base/units.h"

namespace chasm {

inline constexpr Cycle kNever = std::numeric_limits<Cycle>::max();

// SystemC's time unit is one tick of the common clock (base/clock_domain.h), not a picosecond.
inline sc_core::sc_time sc_time_at(const ClockDomain& clock, Cycle cycles) {
  return sc_core::sc_time::from_value(clock.tick_of(cycles));
}
// The current cycle; rounds up between two edges.
inline Cycle current_cycle(const ClockDomain& clock) {
  return clock.cycle_at_or_after(sc_core::sc_time_stamp().value());
}

// Earliest-wins wake-up of a module's step(): of many requests only the earliest is scheduled, the
// method asks again for what is left when it runs.
class Wakeup {
 public:
  explicit Wakeup(const ClockDomain& clock) : clock_(clock) {}

  // At that cycle, or now (in the next delta cycle) when it has come.
  void at(Cycle cycle) {
    if (cycle >= next_) return;
    next_ = cycle;
    const std::uint64_t tick = clock_.tick_of(cycle);
    const std::uint64_t now = sc_core::sc_time_stamp().value();  // maybe between two edges
    if (tick <= now)
      event_.notify(sc_core::SC_ZERO_TIME);
    else
      event_.notify(sc_core::sc_time::from_value(tick - now));
  }
  // To be called first in step(): the scheduled wake-up is spent.
  void taken() { next_ = kNever; }
  const sc_core::sc_event& event() const { return event_; }

 private:
  ClockDomain clock_;
  sc_core::sc_event event_;
  Cycle next_ = kNever;
};

}  // namespace chasm
