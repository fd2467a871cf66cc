#include "sim/report/run_report.h"

#include <sstream>

#include <gtest/gtest.h>

#include "sim/report/quantity.h"
#include "sim/report/run_totals.h"
#include "tests/unit/report/sample_run.h"

namespace chasm {
namespace {

using testing_support::sample_layer;
using testing_support::sample_run;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Quantity, FourDigitsAndAPrefix) {
  EXPECT_EQ(si(0, "J"), "0 J");
  EXPECT_EQ(si(1.2345e-5, "J"), "12.35 uJ");
  EXPECT_EQ(si(999.96e-6, "J"), "1.000 mJ");
  EXPECT_EQ(si(250e6, "Hz"), "250.0 MHz");
  EXPECT_EQ(si(12345, ""), "12.35 k");
  EXPECT_EQ(si(7, ""), "7");
  EXPECT_EQ(si(1e300, "J"), si(1e300, "J"));
  EXPECT_EQ(si(-2e3, "B"), "-2.000 kB");
}

TEST(Quantity, GroupsAndPercents) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567890), "1,234,567,890");
  EXPECT_EQ(percent(0), "0%");
  EXPECT_EQ(percent(0.0001), "<0.1%");
  EXPECT_EQ(percent(0.1234), "12.3%");
  EXPECT_EQ(percent(1), "100.0%");
}

TEST(RunReport, SaysWhatAUserAsks) {
  const std::string text = render_report(sample_run(), {});
  EXPECT_TRUE(contains(text, "two-layers on two-chunks")) << text;
  EXPECT_TRUE(contains(
      text, "stem   CLP       400   40.0%  25.0%    75.0%  10.00 pJ  128.0 B  wait_weight 75.0%"))
      << text;
  EXPECT_TRUE(contains(text, "4.000 us (1,000 cycles at 250.0 MHz, 1 image)")) << text;
  EXPECT_TRUE(contains(text, "1.200 k multiply, 1.800 k shift\n")) << text;
  EXPECT_TRUE(contains(text, "CLP     400.0 pJ  40.0%  pe 300.0 pJ, register_file 100.0 pJ"))
      << text;
  EXPECT_TRUE(contains(text, "dram    600.0 pJ  60.0%\n")) << text;
  EXPECT_TRUE(contains(text, "wait_weight      30.0%  45.0%\nwait_dependency     0%  40.0%\n"))
      << text;
  EXPECT_FALSE(contains(text, "\033"));
}

TEST(RunReport, FitsTheTerminalByShorteningLayerNames) {
  RunResult run = sample_run();
  run.layers[0].name = std::string(60, 'x') + ".conv";
  for (const std::size_t width : {80u, 90u, 100u}) {
    std::istringstream lines(render_report(run, {false, width}));
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
    EXPECT_LE(longest, width);
  }
  EXPECT_TRUE(contains(render_report(run, {false, 80}), "..x"));
  EXPECT_TRUE(contains(render_report(run, {false, 200}), run.layers[0].name));
}

TEST(RunReport, ColoursAreEscapesAroundTheSameText) {
  const std::string plain = render_report(sample_run(), {false, 100});
  std::string coloured = render_report(sample_run(), {true, 100});
  coloured = for_terminal(coloured);
  EXPECT_TRUE(contains(coloured, "\033[1m"));
  for (std::size_t at; (at = coloured.find("\033[")) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) - at + 1);
  EXPECT_EQ(coloured, plain);
}

TEST(RunReport, FunctionalRunsSayThatTheValuesAreRight) {
  RunResult run = sample_run();
  EXPECT_FALSE(contains(render_report(run, {}), "golden"));
  run.options["functional"] = true;
  run.layers[1].activity.overflows = 1234;
  EXPECT_TRUE(contains(render_report(run, {}), "golden arithmetic; 1,234 left the psum width"));
}

TEST(RunTotals, ImagesOfALayerAddUp) {
  RunResult run = sample_run();
  run.layers.push_back(sample_layer("stem", "CLP", 1000, 1500));
  const std::vector<LayerResult> rows = layers_over_images(run);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].name, "stem");
  EXPECT_EQ(rows[0].cycles(), 900u);
  EXPECT_EQ(rows[0].operations, 2700u);
  EXPECT_EQ(rows[0].activity.dram[WordKind::output].writes, 22u);
}

TEST(RunTotals, LatencyOfAnImageAndPaceOfTheMiddleHalf) {
  RunResult run;
  run.clock_hz = 1;
  run.images = 5;
  const std::uint64_t starts[] = {0, 10, 20, 40, 50}, ends[] = {50, 60, 80, 120, 121};
  for (std::size_t i = 0; i < 5; ++i) {
    run.layers.push_back(sample_layer("a", "CLP", starts[i], starts[i] + 4));
    run.layers.push_back(sample_layer("b", "SLP", starts[i] + 4, ends[i]));
    run.layers[2 * i].image = run.layers[2 * i + 1].image = i;
  }
  const RunTotals totals = totals_of(run);
  EXPECT_DOUBLE_EQ(totals.image_latency_s, (50 + 50 + 60 + 80 + 71) / 5.0);
  ASSERT_TRUE(totals.steady_images_per_s);
  EXPECT_DOUBLE_EQ(*totals.steady_images_per_s, 2.0 / (120 - 60));
  EXPECT_FALSE(totals_of(sample_run()).steady_images_per_s);
  EXPECT_DOUBLE_EQ(totals_of(sample_run()).image_latency_s, 4e-6);
}

TEST(RunReport, AnEmptyRunIsNoDivisionByZero) {
  const std::string text = render_report(RunResult{}, {});
  EXPECT_FALSE(contains(text, "nan")) << text;
  EXPECT_FALSE(contains(text, "inf")) << text;
}

}  // namespace
}  // namespace chasm
