#include "base/rng.h"

#include <gtest/gtest.h>

namespace chasm {
namespace {

// From an independent evaluation of the published recurrences (splitmix64 seeding, xoshiro256**).
TEST(Rng, GoldenValues) {
  Rng zero(0);
  EXPECT_EQ(zero.next(), 0x99ec5f36cb75f2b4U);
  EXPECT_EQ(zero.next(), 0xbf6e1f784956452aU);
  EXPECT_EQ(zero.next(), 0x1a5f849d4933e6e0U);
  Rng other(42);
  EXPECT_EQ(other.next(), 0x15780b2e0c2ec716U);
  EXPECT_EQ(other.next(), 0x6104d9866d113a7eU);
}

TEST(Rng, StaysInBounds) {
  Rng rng(7);
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_LT(rng.below(3), 3U);
    const std::int64_t x = rng.between(-128, 127);
    EXPECT_GE(x, -128);
    EXPECT_LE(x, 127);
    EXPECT_LT(rng.below(std::uint64_t{1} << 40), std::uint64_t{1} << 40);
    EXPECT_EQ(rng.between(5, 5), 5);
  }
}

TEST(Rng, ReachesEveryValueAboutEquallyOften) {
  Rng rng(1);
  std::array<int, 8> seen{};
  for (int i = 0; i < 80'000; ++i) ++seen[rng.below(8)];
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 500);  // five standard deviations
}

}  // namespace
}  // namespace chasm
