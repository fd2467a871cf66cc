#include "base/units.h"

#include <gtest/gtest.h>

namespace chasm {
namespace {

TEST(Units, CeilDivRoundsUpWithoutOverflow) {
  EXPECT_EQ(ceil_div(0, 8), 0U);
  EXPECT_EQ(ceil_div(1, 8), 1U);
  EXPECT_EQ(ceil_div(8, 8), 1U);
  EXPECT_EQ(ceil_div(9, 8), 2U);
  EXPECT_EQ(ceil_div(~std::uint64_t{0}, 2), std::uint64_t{1} << 63);
}

TEST(Units, PackedWordsShareBytes) {
  EXPECT_EQ(packed_bytes(4, 6), 3U);
  EXPECT_EQ(packed_bytes(5, 6), 4U);
  EXPECT_EQ(packed_bytes(5, 8), 5U);
  EXPECT_EQ(packed_bytes(0, 16), 0U);
}

TEST(UnitsDeathTest, ACountThatWouldWrapIsOurBug) {
  EXPECT_EQ(minus(3, 3), 0U);
  EXPECT_EXIT(minus(3, 4), testing::ExitedWithCode(70), "internal error at .*3 - 4 would wrap");
}

}  // namespace
}  // namespace chasm
