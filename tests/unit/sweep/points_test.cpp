#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "sim/sweep/sweep_points.h"
#include "tests/unit/sweep/support.h"

namespace chasm {
namespace {

using testing_support::spec_of;
using testing_support::sweep_json;

std::vector<SweepPoint> points_of(const std::string& more) {
  return sweep_points(spec_of(sweep_json(more)));
}

std::string texts(const std::vector<SweepPoint>& points) {
  std::string text;
  for (const SweepPoint& point : points) text += point.parameters.dump();
  return text;
}

TEST(SweepPoints, AGridHasAllCombinationsTheLastAxisFastest) {
  const auto points = points_of(
      R"("axes": [{"path": "arch.clock_mhz", "values": [100, 200]},
                  {"path": "options.objective", "values": ["edp", "energy"], "name": "goal"}])");
  EXPECT_EQ(texts(points), R"({"clock_mhz":100,"goal":"edp"}{"clock_mhz":100,"goal":"energy"})"
                           R"({"clock_mhz":200,"goal":"edp"}{"clock_mhz":200,"goal":"energy"})");
  for (std::size_t i = 0; i < points.size(); ++i) EXPECT_EQ(points[i].index, i);
}

TEST(SweepPoints, RangesOfAGridHaveBothEnds) {
  EXPECT_EQ(
      texts(points_of(
          R"("axes": [{"path": "arch.clock_mhz", "range": {"from": 1, "to": 9, "steps": 3}}])")),
      R"({"clock_mhz":1}{"clock_mhz":5}{"clock_mhz":9})");
  EXPECT_EQ(
      texts(points_of(
          R"("axes": [{"path": "arch.clock_mhz", "range": {"from": 1, "to": 64, "steps": 4, "scale": "log"}}])")),
      R"({"clock_mhz":1}{"clock_mhz":4}{"clock_mhz":16}{"clock_mhz":64})");
  // Whole numbers that fall together are one value.
  EXPECT_EQ(
      points_of(
          R"("axes": [{"path": "arch.clock_mhz", "range": {"from": 1, "to": 3, "steps": 9}}])")
          .size(),
      3u);
  EXPECT_EQ(
      texts(points_of(
          R"("axes": [{"path": "arch.clock_mhz", "range": {"from": 1, "to": 2, "steps": 3, "integer": false}}])")),
      R"({"clock_mhz":1.0}{"clock_mhz":1.5}{"clock_mhz":2.0})");
}

const std::string kTwoAxes =
    R"("axes": [{"path": "arch.clock_mhz", "range": {"from": 100, "to": 900.5}},
                {"path": "arch.global_buffer.banks", "name": "banks", "values": [1, 2, 4, 8]}], )";

TEST(SweepPoints, DrawsFollowTheSeedAndStayInside) {
  for (const char* kind : {"random", "latin-hypercube"}) {
    const auto with_seed = [&](int seed) {
      return points_of(kTwoAxes + R"("sampling": {"kind": ")" + kind +
                       R"(", "points": 50, "seed": )" + std::to_string(seed) + "}");
    };
    const auto points = with_seed(1);
    EXPECT_EQ(points.size(), 50u);
    EXPECT_EQ(texts(points), texts(with_seed(1)));
    EXPECT_NE(texts(points), texts(with_seed(2)));
    for (const SweepPoint& point : points) {
      EXPECT_GE(point.parameters.at("clock_mhz").get<double>(), 100);
      EXPECT_LE(point.parameters.at("clock_mhz").get<double>(), 900.5);
    }
  }
}

TEST(SweepPoints, ALatinHypercubeHasOnePointInEveryStratum) {
  const auto points =
      points_of(kTwoAxes + R"("sampling": {"kind": "latin-hypercube", "points": 40})");
  std::set<int> strata;
  std::map<int, int> banks;
  for (const SweepPoint& point : points) {
    const double share = (point.parameters.at("clock_mhz").get<double>() - 100) / 800.5;
    strata.insert(std::min(39, static_cast<int>(std::floor(share * 40))));
    ++banks[point.parameters.at("banks").get<int>()];
  }
  // Six digits of a value on the edge of a stratum may put it into the next.
  EXPECT_GE(strata.size(), 39u);
  for (const auto& [value, times] : banks) EXPECT_EQ(times, 10) << value;
}

TEST(SweepPoints, WholeNumbersAreEquallyLikelyEndsIncluded) {
  const auto points = points_of(
      R"("axes": [{"path": "arch.global_buffer.banks", "name": "b", "range": {"from": 1, "to": 4}},
                  {"path": "arch.clock_mhz", "range": {"from": 1.5, "to": 10000}}],
         "sampling": {"kind": "latin-hypercube", "points": 400})");
  std::map<int, int> times;
  for (const SweepPoint& point : points) ++times[point.parameters.at("b").get<int>()];
  ASSERT_EQ(times.size(), 4u);
  for (const auto& [value, count] : times) EXPECT_NEAR(count, 100, 1) << value;
}

TEST(SweepPoints, APointThatIsDrawnAgainIsThereOnce) {
  const auto points = points_of(
      R"("axes": [{"path": "arch.global_buffer.banks", "values": [1, 2, 4]}],
         "sampling": {"kind": "random", "points": 100})");
  EXPECT_EQ(points.size(), 3u);
}

TEST(SweepPoints, ListedPointsSetWhatTheyName) {
  EXPECT_EQ(
      texts(points_of(
          R"("points": [{"arch.clock_mhz": 100}, {"options.images": 2, "arch.clock_mhz": 300}])")),
      R"({"clock_mhz":100}{"clock_mhz":300,"options.images":2})");
}

}  // namespace
}  // namespace chasm
