// What double buffering hides in a chunk's sequencer, to the cycle (docs/microarchitecture.md,
// section 2): fills behind issue, drains behind issue.
#include <tuple>

#include <gtest/gtest.h>

#include "tests/laws/one_operand.h"

namespace chasm {
namespace {

// ---- credits: n tiles in a register file ----

class CreditLaw : public testing::TestWithParam<std::tuple<std::uint64_t, Cycle, Cycle, Cycle>> {
 protected:
  static constexpr std::uint64_t kWords = 24;
  std::uint64_t steps() const { return std::get<0>(GetParam()); }
  Cycle fill() const { return std::get<1>(GetParam()); }
  Cycle issue() const { return std::get<2>(GetParam()); }
  Cycle latency() const { return std::get<3>(GetParam()); }

  // From the input in the buffer to the end of the last step.
  Cycle steps_take(bool twice) const {
    ArchSpec arch = one_operand_arch();
    arch.global_buffer.latency_cycles = static_cast<std::uint32_t>(latency());
    ChunkSpec& chunk = arch.chunks[0];
    chunk.bus_words_per_cycle.input = static_cast<std::uint32_t>(kWords / fill());
    chunk.lanes = static_cast<std::uint32_t>(kWords / issue());
    chunk.double_buffered.input = twice;
    const std::uint64_t lines = ceil_div(steps() * kWords, kLineWords);
    return cycles(arch, sum_program(steps(), kWords)) - (lines - 1) - line_in_place(arch) -
           sum_leaves(arch);
  }
};

// One tile: a fill waits for the end of the step before, a step for its fill.
TEST_P(CreditLaw, OneTileHidesNothing) {
  EXPECT_EQ(steps_take(false), steps() * (fill() + latency() + issue()));
}

// Two tiles: the slowest of bus, array, and half of the way round.
TEST_P(CreditLaw, TwoTilesHideTheShorterBehindTheLonger) {
  const Cycle round = fill() + latency() + issue(), longer = std::max(fill(), issue());
  Cycle expected = 0;
  if (issue() >= fill() + latency())
    expected = fill() + latency() + steps() * issue();
  else if (fill() >= issue() + latency())
    expected = steps() * fill() + latency() + issue();
  else
    expected = (steps() + 1) / 2 * round + (steps() % 2 == 0 ? longer : 0);
  EXPECT_EQ(steps_take(true), expected);
}

INSTANTIATE_TEST_SUITE_P(Sizes, CreditLaw,
                         testing::Combine(testing::Values(1, 2, 9), testing::Values(1, 4, 24),
                                          testing::Values(1, 8, 24), testing::Values(0, 2, 9)));

// ---- drains: n output residencies in a register file ----

class DrainLaw : public testing::TestWithParam<std::tuple<std::uint64_t, Cycle, std::uint32_t>> {
 protected:
  static constexpr std::uint64_t kWords = 32;
  std::uint64_t steps() const { return std::get<0>(GetParam()); }
  Cycle drain() const { return std::get<1>(GetParam()); }
  Cycle write_latency() const { return std::get<2>(GetParam()); }
  Cycle round() const { return 1 + kDepth + drain() + write_latency(); }

  // From the first step's issue to its last drain in place.
  Cycle drains_take(bool twice) const {
    ArchSpec arch = one_operand_arch();
    arch.global_buffer.write_latency_cycles = static_cast<std::uint32_t>(write_latency());
    ChunkSpec& chunk = arch.chunks[0];
    chunk.bus_words_per_cycle.output = static_cast<std::uint32_t>(kWords / drain());
    chunk.double_buffered.psum = twice;
    const std::uint64_t lines = ceil_div(steps() * kWords, kLineWords);
    const Cycle first_issue =
        lines - 1 + line_in_place(arch) + 1 + arch.global_buffer.latency_cycles;
    return cycles(arch, copy_program(steps(), kWords)) - first_issue - store_of(arch, lines);
  }
};

// One residency: a step waits until the outputs before have left.
TEST_P(DrainLaw, OneResidencyHidesNothing) { EXPECT_EQ(drains_take(false), steps() * round()); }

// Two: the output bus never stops, or every second step waits for a way round.
TEST_P(DrainLaw, TwoResidenciesHideTheWayBehindTheBus) {
  const bool bus_bound = drain() >= 1 + kDepth + write_latency();
  const Cycle expected = bus_bound ? 1 + kDepth + steps() * drain() + write_latency()
                                   : (steps() + 1) / 2 * round() + (steps() % 2 == 0 ? drain() : 0);
  EXPECT_EQ(drains_take(true), expected);
}

INSTANTIATE_TEST_SUITE_P(Sizes, DrainLaw,
                         testing::Combine(testing::Values(1, 2, 9), testing::Values(1, 4, 8, 32),
                                          testing::Values(0, 5)));

}  // namespace
}  // namespace chasm
