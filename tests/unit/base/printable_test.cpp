#include "base/printable.h"

#include <gtest/gtest.h>

#include "base/diagnostic.h"

namespace chasm {
namespace {

std::string utf8(std::uint32_t c) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xc0 | c >> 6), byte(0x80 | (c & 0x3f))};
  if (c < 0x10000)
    return {byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f))};
  return {byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 0x3f)), byte(0x80 | (c >> 6 & 0x3f)),
          byte(0x80 | (c & 0x3f))};
}

TEST(Printable, EscapesWhatSteersATerminal) {
  EXPECT_EQ(printable("\033[2J\033]0;x\007y"), "\\u001b[2J\\u001b]0;x\\u0007y");
  EXPECT_EQ(printable("a\rb\x7f"), "a\\u000db\\u007f");
  EXPECT_EQ(printable("\u009b31m"), "\\u009b31m");
  EXPECT_EQ(printable("\u202etxt.exe\u2069"), "\\u202etxt.exe\\u2069");
  EXPECT_EQ(printable(std::string("\0", 1)), "\\u0000");
}

TEST(Printable, KeepsTextOfEveryLanguage) {
  for (const char* text : {"conv1", "Größe", "层", "слой", "μJ", "🙂", "~!#$%^&*()", ""})
    EXPECT_EQ(printable_line(text), text);
}

TEST(Printable, LinesStayLinesOnlyWhereTheyMay) {
  EXPECT_EQ(printable("a\tb\nc\r\nd"), "a\tb\nc\r\nd");
  EXPECT_EQ(printable("a\r\r\n"), "a\\u000d\r\n");
  EXPECT_EQ(printable_line("a\tb\nc"), "a\\u0009b\\u000ac");
}

TEST(Printable, BytesThatAreNoTextAreShown) {
  EXPECT_EQ(printable("a\xff"
                      "b"),
            "a\\xffb");
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");                    // cut short
  EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b");                    // an over-long ESC
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // a surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
}

// Of all characters: what is shown has none that steers, and shown again it is the same.
TEST(Printable, LeavesNothingThatSteers) {
  for (std::uint32_t c = 0; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    const std::string text = utf8(c), shown = printable_line(text);
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    const bool direction = c == 0x61c || c == 0x200e || c == 0x200f ||
                           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    ASSERT_EQ(shown == text, !control && !direction) << c;
    ASSERT_EQ(printable_line(shown), shown) << c;
  }
}

TEST(Diagnostic, StaysOnItsLineWhateverNamesHold) {
  Diagnostics problems;
  problems.error("a\nb.json", "/x\033[2J", "unknown \"\u202e\"", "did you\tmean");
  EXPECT_EQ(problems.to_string(),
            "a\\u000ab.json: /x\\u001b[2J: error: unknown \"\\u202e\"; did you\\u0009mean\n");
}

TEST(Diagnostics, OfVeryManyTheFirstAreTold) {
  Diagnostics problems;
  for (int i = 0; i < 100'000; ++i) problems.error("f", "", std::to_string(i));
  const std::string text = problems.to_string();
  EXPECT_LT(text.size(), 10'000u);
  EXPECT_TRUE(text.starts_with("f: error: 0\n"));
  EXPECT_TRUE(text.ends_with("... and 99800 more\n")) << text.substr(text.size() - 40);
}

}  // namespace
}  // namespace chasm
