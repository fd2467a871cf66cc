#include <gtest/gtest.h>

#include "sim/sweep/figures.h"
#include "sim/sweep/sweep_charts.h"
#include "sim/sweep/sweep_page.h"
#include "sim/sweep/sweep_result.h"
#include "sim/sweep/sweep_tables.h"
#include "tests/unit/sweep/support.h"

namespace chasm {
namespace {

using testing_support::spec_of;
using testing_support::sweep_json;

Json row(std::size_t index, const char* status, double latency_s, double energy_j,
         const Json& parameters = Json::object()) {
  Json totals = {{"latency_s", latency_s}, {"energy_j", energy_j}};
  const bool simulated = std::string(status) == "ok" || std::string(status) == "violates";
  return {{"index", index},
          {"status", status},
          {"parameters", parameters},
          {"pes", 12},
          {"area_mm2", 0.5},
          {"totals", simulated ? totals : Json()},
          {"diagnostic", simulated ? Json() : Json("a \"reason\", with comma\nand a line")},
          {"host", {{"wall_s", 0.1}}}};
}

const std::vector<SweepObjective> kBoth = {{"latency_s", false}, {"energy_j", false}};

TEST(ParetoFront, HasWhatNothingDominates) {
  const std::vector<Json> rows = {row(0, "ok", 2, 2), row(1, "ok", 1, 3), row(2, "ok", 3, 1),
                                  row(3, "ok", 3, 3), row(4, "ok", 2, 3)};
  EXPECT_EQ(pareto_front(rows, kBoth), (std::vector<std::size_t>{1, 0, 2}));
}

TEST(ParetoFront, EqualPointsAreBothThere) {
  const std::vector<Json> rows = {row(0, "ok", 1, 1), row(1, "ok", 1, 1)};
  EXPECT_EQ(pareto_front(rows, kBoth), (std::vector<std::size_t>{0, 1}));
}

TEST(ParetoFront, OnlyLegalPointsWithAllFiguresCount) {
  std::vector<Json> rows = {row(0, "violates", 1, 1), row(1, "failed", 0, 0), row(2, "ok", 5, 5),
                            row(3, "ok", 1, 1)};
  rows[3]["totals"]["energy_j"] = nullptr;
  EXPECT_EQ(pareto_front(rows, kBoth), (std::vector<std::size_t>{2}));
}

TEST(ParetoFront, MoreMayBeBetter) {
  const std::vector<Json> rows = {row(0, "ok", 1, 1), row(1, "ok", 2, 2)};
  EXPECT_EQ(pareto_front(rows, {{"latency_s", true}}), (std::vector<std::size_t>{1}));
}

TEST(Figures, AreThoseOfAResult) {
  const auto& names = figure_names();
  for (const char* name : {"pes", "area_mm2", "latency_s", "energy_j", "edp_js", "dram.read_bytes",
                           "operations.shift", "average_power_w"})
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  EXPECT_EQ(figure_of(row(0, "ok", 2, 3), "energy_j"), 3.0);
  EXPECT_EQ(figure_of(row(0, "ok", 2, 3), "pes"), 12.0);
  EXPECT_FALSE(figure_of(row(0, "failed", 2, 3), "energy_j"));
  EXPECT_FALSE(figure_of(row(0, "ok", 2, 3), "dram.read_bytes"));
  EXPECT_EQ(figure_text("latency_s", 0.00125), "1.250 ms");
  EXPECT_EQ(figure_text("pe_utilization", 0.5), "50.0%");
  EXPECT_EQ(figure_text("area_mm2", 1.25), "1.250 mm2");
  EXPECT_EQ(figure_html("area_mm2", 1.25), "1.250 mm\u00b2");
  EXPECT_EQ(figure_html("energy_j", 1.25e-6), "1.250 \u00b5J");
  EXPECT_EQ(figure_tick("energy_j", 1.5e-6), "1.5 \u00b5J");
  EXPECT_EQ(figure_tick("latency_s", 0.2), "200 ms");
  EXPECT_EQ(figure_tick("pe_utilization", 0.5), "50%");
  EXPECT_EQ(figure_title("energy_j"), "energy");
}

// A sweep of clock and objective whose latency depends on the clock alone.
SweepResult sample() {
  SweepSpec spec = spec_of(sweep_json(
      R"("axes": [{"path": "arch.clock_mhz", "values": [100, 200]},
                  {"path": "options.objective", "name": "goal", "values": ["edp", "energy"]}])"));
  std::map<std::size_t, Json> rows;
  std::size_t index = 0;
  for (const int clock : {100, 200})
    for (const char* goal : {"edp", "energy"}) {
      rows[index] = row(index, "ok", 1.0 / clock, *goal == 'e' && goal[1] == 'd' ? 2 : 1,
                        {{"clock_mhz", clock}, {"goal", goal}});
      ++index;
    }
  rows[4] = row(4, "failed", 0, 0, {{"clock_mhz", 300}, {"goal", "edp"}});
  return make_result(std::move(spec), rows, {});
}

TEST(Sensitivity, GivesEachParameterItsShare) {
  const SweepResult result = sample();
  const auto& axes = result.spec.axes;
  EXPECT_NEAR(*decided_share(result, axes[0], kBoth[0]), 1, 1e-12);
  EXPECT_NEAR(*decided_share(result, axes[0], kBoth[1]), 0, 1e-12);
  EXPECT_NEAR(*decided_share(result, axes[1], kBoth[0]), 0, 1e-12);
  EXPECT_NEAR(*decided_share(result, axes[1], kBoth[1]), 1, 1e-12);
  EXPECT_FALSE(decided_share(result, axes[1], {"pes", false}));
  EXPECT_EQ(value_groups(result, axes[0]).at(1).label, "200");
}

TEST(Sensitivity, ManyNumbersArePutIntoBins) {
  SweepSpec spec = spec_of(sweep_json(
      R"("axes": [{"path": "arch.clock_mhz", "range": {"from": 1, "to": 100, "steps": 100}}])"));
  std::map<std::size_t, Json> rows;
  for (std::size_t i = 0; i < 100; ++i) rows[i] = row(i, "ok", 1, 1, {{"clock_mhz", 1 + i}});
  const SweepResult result = make_result(std::move(spec), rows, {});
  const auto groups = value_groups(result, result.spec.axes[0]);
  ASSERT_EQ(groups.size(), 8u);
  std::size_t all = 0;
  for (const ValueGroup& group : groups) all += group.rows.size();
  EXPECT_EQ(all, 100u);
  EXPECT_EQ(groups.front().label, "1..12");
}

TEST(SweepTables, AreQuotedAndWithoutTheHost) {
  const SweepResult result = sample();
  const std::string csv = sweep_csv(result);
  EXPECT_NE(csv.find("index,status,pareto,clock_mhz,goal,pes,area_mm2"), std::string::npos);
  EXPECT_NE(csv.find("\n3,ok,yes,200,energy,12,0.5,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",\"a \"\"reason\"\", with comma\nand a line\"\r\n"), std::string::npos)
      << csv;
  EXPECT_EQ(csv.find("wall_s"), std::string::npos);
  EXPECT_EQ(front_json(result).dump().find("host"), std::string::npos);
  EXPECT_EQ(front_json(result).at("points").size(), 1u);
}

TEST(SweepTables, TheSummarySaysWhatFailedAndWhy) {
  const std::string text = sweep_summary(sample(), {false, 100});
  EXPECT_NE(text.find("5 points: 4 ok, 1 failed"), std::string::npos) << text;
  EXPECT_NE(text.find("least latency and least energy: 1 points"), std::string::npos) << text;
  EXPECT_NE(text.find("a \"reason\", with comma"), std::string::npos) << text;
}

TEST(SweepPage, HasEveryPartAndNothingFromOutside) {
  const std::string page = sweep_page(sample());
  for (const char* part : {"<svg", "id=\"front\"", "id=\"parallel\"", "id=\"sensitivity\"",
                           "id=\"points\"", "a &quot;reason&quot;"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  for (const char* part : {"src=\"http", "href=\"http", "@import", "nan"})
    EXPECT_EQ(page.find(part), std::string::npos) << part;
}

TEST(SweepPage, StandsWithoutASinglePoint) {
  const SweepResult none = make_result(sample().spec, {}, {});
  EXPECT_NE(sweep_page(none).find("</html>"), std::string::npos);
  EXPECT_NE(sweep_summary(none, {false, 100}).find("0 points: none"), std::string::npos);
}

}  // namespace
}  // namespace chasm
