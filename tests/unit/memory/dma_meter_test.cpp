// The meter of a DMA against one that looks at every cycle.
#include "models/memory/dma_meter.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace chasm {
namespace {

struct Interval {
  Cycle begin, end;
  bool holds(Cycle at) const { return begin <= at && at < end; }
};

// What was told to the meter, as intervals; the state of a cycle by looking at all of them.
struct Told {
  std::vector<Interval> programs, lines, waits, conflicts, beats;

  EngineState at(Cycle cycle) const {
    const auto any = [&](const std::vector<Interval>& all) {
      return std::any_of(all.begin(), all.end(), [&](const Interval& i) { return i.holds(cycle); });
    };
    if (any(beats)) return EngineState::busy;
    if (any(conflicts)) return EngineState::wait_bank;
    if (any(waits)) return EngineState::wait_port;
    if (any(lines)) return EngineState::wait_dram;
    return any(programs) ? EngineState::wait_space : EngineState::idle;
  }
};

class RandomDma {
 public:
  explicit RandomDma(std::uint64_t seed) : rng_(seed) {}

  // A few programs one after the other; the cycle in which all has ended.
  Cycle run(DmaMeter& meter, Told& told) {
    for (std::uint64_t p = 0; p < 4; ++p) {
      const Cycle begin = now_ + rng_.below(6);
      meter.program_begins(now_, begin);
      now_ = begin;
      for (int i = 0; i < 40; ++i) line(meter, told);
      const Cycle end = std::max({last_, free_[0], free_[1], now_}) + rng_.below(3);
      meter.program_ends(end);
      told.programs.push_back({begin, end});
      now_ = end;
    }
    return now_ + rng_.below(5);
  }

 private:
  // A line that starts now; perhaps one of its bursts, on a side that has none.
  void line(DmaMeter& meter, Told& told) {
    now_ += rng_.below(8);
    meter.line_starts(now_);
    const Cycle end = now_ + 1 + rng_.below(30);
    meter.line_ends(end);
    told.lines.push_back({now_, end});
    last_ = std::max(last_, end);
    const auto side = static_cast<DmaMeter::Side>(rng_.below(2));
    if (free_[side] > now_ || rng_.below(3) == 0) return;
    meter.port_asked(side, now_);
    const Cycle asked = now_;
    now_ += rng_.below(4);
    const Cycle begin = now_ + rng_.below(3), done = begin + 1 + rng_.below(9);
    meter.port_granted(side, now_, begin, done);
    told.waits.push_back({asked, now_});
    told.conflicts.push_back({now_, begin});
    told.beats.push_back({begin, done});
    free_[side] = done;
  }

  Rng rng_;
  Cycle now_ = 0, last_ = 0;
  std::array<Cycle, 2> free_{};
};

TEST(DmaMeter, EqualsALookAtEveryCycle) {
  CyclesByState seen{};
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    DmaMeter meter;
    Told told;
    const Cycle end = RandomDma(seed).run(meter, told);
    CyclesByState expected{};
    for (Cycle cycle = 0; cycle < end; ++cycle)
      ++expected[static_cast<std::size_t>(told.at(cycle))];
    EXPECT_EQ(meter.cycles(end), expected) << "seed " << seed;
    for (std::size_t s = 0; s < kEngineStates; ++s) seen[s] += expected[s];
  }
  for (const std::uint64_t cycles : seen) EXPECT_GT(cycles, 100U);
}

TEST(EngineMeter, TakesEveryCycleOnce) {
  EngineMeter meter;
  meter.until(5, EngineState::wait_dram);
  meter.until(3, EngineState::busy);  // has passed
  meter.until(9, EngineState::busy);
  EXPECT_EQ(meter.accounted(), 9U);
  EXPECT_EQ(meter.cycles(12), (CyclesByState{4, 0, 0, 5, 0, 3}));
}

}  // namespace
}  // namespace chasm
