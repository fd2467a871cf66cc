#include "base/clock_domain.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace chasm {
namespace {

TEST(ClockDomain, OneClockTicksOnceACycle) {
  const auto domains = make_clock_domains({250'000'000});
  ASSERT_EQ(domains.size(), 1U);
  EXPECT_EQ(domains[0].ticks_per_cycle, 1U);
  EXPECT_EQ(domains[0].tick_of(1'000'000'000'000), 1'000'000'000'000U);
}

TEST(ClockDomain, PeriodsThatAreNoWholePicosecondsAreExact) {
  const auto domains = make_clock_domains({1'050'000'000, 1'200'000'000});
  EXPECT_EQ(domains[0].ticks_per_cycle, 8U);
  EXPECT_EQ(domains[1].ticks_per_cycle, 7U);
  // After one second's cycles both clocks stand at the same tick: no drift.
  EXPECT_EQ(domains[0].tick_of(1'050'000'000), domains[1].tick_of(1'200'000'000));
}

TEST(ClockDomain, RoundsUpToTheNextBoundary) {
  const ClockDomain clock{1, 8};
  EXPECT_EQ(clock.cycle_at_or_after(0), 0U);
  EXPECT_EQ(clock.cycle_at_or_after(1), 1U);
  EXPECT_EQ(clock.cycle_at_or_after(8), 1U);
  EXPECT_EQ(clock.cycle_at_or_after(9), 2U);
  EXPECT_EQ(clock.cycle_at_or_after(~std::uint64_t{0}), (std::uint64_t{1} << 61));
}

TEST(ClockDomain, EqualAndMultipleClocks) {
  const auto domains = make_clock_domains({250'000'000, 250'000'000, 1'000'000'000});
  EXPECT_EQ(domains[0].ticks_per_cycle, 4U);
  EXPECT_EQ(domains[1].ticks_per_cycle, 4U);
  EXPECT_EQ(domains[2].ticks_per_cycle, 1U);
}

TEST(ClockDomain, ClocksWithoutACommonTickAreTheUsersFault) {
  EXPECT_THROW(make_clock_domains({0}), Error);
  EXPECT_THROW(make_clock_domains({250'000'000, 1'066'666'667}), Error);
  try {
    make_clock_domains({999'999'937, 1'000'000'007});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::invalid_input);
  }
}

}  // namespace
}  // namespace chasm
