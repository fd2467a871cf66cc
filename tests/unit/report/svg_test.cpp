#include "sim/report/svg.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "sim/report/html_page.h"
#include "sim/report/stacked_bars.h"

namespace chasm {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(Svg, EscapesTextAndTips) {
  EXPECT_EQ(escaped("a<b & \"c\" > 'd'"), "a&lt;b &amp; &quot;c&quot; &gt; &#39;d&#39;");
  Svg svg(10, 20, "x < y");
  svg.rect(0, 0, 1, 1, "s1", "<script>");
  svg.text(1, 2, "<b>");
  const std::string text = svg.to_string();
  EXPECT_EQ(text.find("<script>"), std::string::npos);
  EXPECT_EQ(text.find("<b>"), std::string::npos);
  EXPECT_NE(text.find("aria-label=\"x &lt; y\""), std::string::npos);
}

TEST(Svg, CoordinatesAreShortAndFinite) {
  EXPECT_EQ(coordinate(12), "12");
  EXPECT_EQ(coordinate(100), "100");
  EXPECT_EQ(coordinate(1.5), "1.5");
  EXPECT_EQ(coordinate(1.0 / 3), "0.33");
  EXPECT_EQ(coordinate(-0.001), "0");
  EXPECT_EQ(coordinate(std::numeric_limits<double>::infinity()), "0");
  EXPECT_EQ(coordinate(std::nan("")), "0");
}

TEST(Svg, LongTextsLoseTheirFront) {
  EXPECT_EQ(fitted("conv1", 100), "conv1");
  const std::string cut = fitted("stage3.block7.conv2", 60);
  EXPECT_TRUE(cut.starts_with("..") && cut.ends_with("conv2")) << cut;
  EXPECT_LE(text_width(cut), 60);
  // No half character remains.
  EXPECT_EQ(
      static_cast<unsigned char>(fitted("\u00b5\u00b5\u00b5\u00b5\u00b5\u00b5", 40)[2]) & 0xC0,
      0xC0);
}

TEST(Scale, TicksAreRoundAndInside) {
  EXPECT_EQ(Scale(0, 10, 0, 100).ticks(5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(Scale(0, 1, 0, 100).ticks(2), (std::vector<double>{0, 0.5, 1}));
  EXPECT_EQ(Scale(0.5, 2000, 0, 100, true).ticks(9), (std::vector<double>{1, 10, 100, 1000}));
  EXPECT_EQ(Scale(1, 1e6, 0, 100, true).ticks(3), (std::vector<double>{1, 1000, 1e6}));
  for (const double tick : Scale(-3, 17, 0, 1).ticks(4)) {
    EXPECT_FALSE(std::signbit(tick) && tick == 0);
    EXPECT_GE(tick, -3);
    EXPECT_LE(tick, 17);
  }
}

TEST(Scale, MapsEndsToEndsAndClamps) {
  const Scale linear(10, 20, 100, 0), logarithmic(1, 100, 0, 200, true);
  EXPECT_DOUBLE_EQ(linear(10), 100);
  EXPECT_DOUBLE_EQ(linear(15), 50);
  EXPECT_DOUBLE_EQ(linear(99), 0);
  EXPECT_DOUBLE_EQ(logarithmic(10), 100);
  EXPECT_DOUBLE_EQ(logarithmic(0), 0);
  EXPECT_EQ(Scale(5, 5, 3, 9)(5), 3);  // nothing to divide by
}

TEST(TickLabel, HasNoZerosAtItsEnd) {
  EXPECT_EQ(tick_label(0.02, "s"), "20 ms");
  EXPECT_EQ(tick_label(2.5e-6, "J"), "2.5 \u00b5J");
  EXPECT_EQ(tick_label(0, "s"), "0 s");
  EXPECT_EQ(tick_label(1000, ""), "1 k");
}

TEST(StackedBars, DrawEveryPartOnceAWidthAndNoEmptyOne) {
  const Label label = [](double value) { return coordinate(value); };
  StackedBars chart{"things", {{"s1", "one"}, {"s2", "two"}, {"s3", "none"}}, {}, label, label, 0,
                    "n"};
  chart.rows = {{"a", {3, 1, 0}}, {"b", {0, 2, 0}}};
  const std::string html = stacked_bars(chart);
  EXPECT_EQ(count(html, "<rect "), 2u * 3);
  EXPECT_EQ(count(html, "<svg "), 2u);
  EXPECT_NE(html.find("a, one: 3 (75.0%)"), std::string::npos);
  EXPECT_EQ(html.find("none"), std::string::npos);
}

}  // namespace
}  // namespace chasm
