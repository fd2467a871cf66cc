#include "base/measure.h"

#include <gtest/gtest.h>

namespace chasm {
namespace {

std::string parsed(std::string_view text, std::string_view unit) {
  const auto value = parse_measure(text, unit);
  return value ? value->dump() : "none";
}

TEST(Measure, AreNumbersOfTheirUnit) {
  EXPECT_EQ(parsed("64 KiB", "bytes"), "65536");
  EXPECT_EQ(parsed("64KiB", "bytes"), "65536");
  EXPECT_EQ(parsed("0.5 KiB", "bytes"), "512");
  EXPECT_EQ(parsed("1.5 B", "bytes"), "1.5");
  EXPECT_EQ(parsed("2 kB", "bytes"), "2000");
  EXPECT_EQ(parsed("4 GiB", "bytes"), "4294967296");
  EXPECT_EQ(parsed("250 MHz", "MHz"), "250");
  EXPECT_EQ(parsed("0.933 GHz", "MHz"), "933");
  EXPECT_EQ(parsed("1e9 Hz", "MHz"), "1000");
  EXPECT_EQ(parsed("25.6 B/cycle", "bytes per core cycle"), "25.6");
  EXPECT_EQ(parsed("-3 B", "bytes"), "-3");
}

TEST(Measure, OtherTextsAreNone) {
  for (const char* text : {"", "64", "KiB", "64 kib", "64 Ki B", "64 KiB ", " 64 KiB", "64 MHz",
                           "1e400 B", "nan B", "0x10 B", "1..2 B", "64  furlongs"})
    EXPECT_EQ(parsed(text, "bytes"), "none") << text;
  EXPECT_EQ(parsed("8 PEs", "PEs"), "none");
}

TEST(Measure, TheirUnitsAreKnown) {
  EXPECT_EQ(measure_units("MHz"), (std::vector<std::string>{"Hz", "kHz", "MHz", "GHz"}));
  EXPECT_TRUE(measure_units("PEs").empty());
}

}  // namespace
}  // namespace chasm
