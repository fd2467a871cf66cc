#include "base/parse.h"

#include <gtest/gtest.h>

namespace chasm {
namespace {

TEST(Parse, UnsignedTakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_unsigned("0"), 0U);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), ~std::uint64_t{0});
  for (const char* bad :
       {"", " 1", "1 ", "-1", "+1", "1.0", "1e3", "0x10", "18446744073709551616", "abc"})
    EXPECT_FALSE(parse_unsigned(bad)) << bad;
}

TEST(Parse, DoubleIsFinite) {
  EXPECT_EQ(parse_double("2.5"), 2.5);
  EXPECT_EQ(parse_double("-1e-3"), -1e-3);
  for (const char* bad : {"", "nan", "inf", "-inf", "1e999", "1.5 ", "1,5", "--1", "x"})
    EXPECT_FALSE(parse_double(bad)) << bad;
}

}  // namespace
}  // namespace chasm
