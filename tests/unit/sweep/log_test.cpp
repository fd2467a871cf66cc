#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/error.h"
#include "sim/report/result_json.h"
#include "sim/sweep/sweep_log.h"
#include "sim/sweep/sweep_page.h"
#include "sim/sweep/sweep_tables.h"
#include "tests/unit/sweep/support.h"

namespace chasm {
namespace {

namespace fs = std::filesystem;
using testing_support::spec_of;
using testing_support::sweep_json;

Json totals() {
  RunResult run;
  run.clock_hz = 1e6;
  run.images = 1;
  return totals_json(run);
}

SweepSpec spec() {
  return spec_of(sweep_json(R"("axes": [{"path": "arch.clock_mhz", "values": [1,2,3,4,5,6]}])"));
}

Json row(std::size_t index) {
  return {{"index", index},
          {"status", "ok"},
          {"parameters", {{"clock_mhz", index + 1}}},
          {"pes", 1},
          {"area_mm2", 1},
          {"totals", totals()},
          {"diagnostic", nullptr},
          {"host", {{"wall_s", 0.5}, {"peak_rss_bytes", 1}}}};
}

Json header(std::size_t shard = 1, std::size_t of = 1) {
  return sweep_log_header(spec(), 6, {shard, of});
}

class SweepLogTest : public testing::Test {
 protected:
  SweepLogTest() {
    std::string name = (fs::temp_directory_path() / "chasm-sweep-log-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    path_ = name + "/points.jsonl";
  }
  ~SweepLogTest() override { fs::remove_all(folder_); }

  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path_).rdbuf();
    return all.str();
  }
  void append(const std::string& bytes) { std::ofstream(path_, std::ios::app) << bytes; }

  std::string folder_, path_;
};

TEST_F(SweepLogTest, KeepsRowsAtOnceAndSortsThemAtTheEnd) {
  SweepLog log(path_, header(), false);
  log.append(row(5));
  log.append(row(2));
  EXPECT_EQ(text(), header().dump() + "\n" + row(5).dump() + "\n" + row(2).dump() + "\n");
  log.finish();
  EXPECT_EQ(text(), header().dump() + "\n" + row(2).dump() + "\n" + row(5).dump() + "\n");
}

TEST_F(SweepLogTest, ATornLastLineIsDroppedWhereverItIsTorn) {
  const std::string whole = row(1).dump() + "\n";
  for (std::size_t length = 1; length < whole.size(); length += 7) {
    fs::remove(path_);
    { SweepLog(path_, header(), false).append(row(0)); }
    append(whole.substr(0, length));
    SweepLog log(path_, header(), true);
    EXPECT_EQ(log.rows().size(), 1u);
    log.append(row(1));
    EXPECT_EQ(text(), header().dump() + "\n" + row(0).dump() + "\n" + whole) << length;
  }
}

TEST_F(SweepLogTest, ATornHeaderIsNoSweep) {
  append(header().dump().substr(0, 40));
  SweepLog log(path_, header(), false);
  EXPECT_EQ(text(), header().dump() + "\n");
}

TEST_F(SweepLogTest, DamageInTheMiddleIsSaid) {
  { SweepLog(path_, header(), false).append(row(0)); }
  append("{\"index\": \"x\"}\n" + row(1).dump() + "\n");
  try {
    SweepLog log(path_, header(), true);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::invalid_input);
    EXPECT_NE(std::string(error.what()).find("3:1: error: this is not a point"), std::string::npos)
        << error.what();
  }
}

TEST_F(SweepLogTest, RowsOfOthersAreNotMixedIn) {
  { SweepLog(path_, header(), false).append(row(0)); }
  const std::string before = text();
  EXPECT_THROW(SweepLog(path_, header(), false), Error);
  EXPECT_THROW(SweepLog(path_, header(2, 2), true), Error);
  EXPECT_EQ(text(), before);
  EXPECT_EQ(header_difference(header(1, 2), header(2, 2), true), "");
  Json other = header();
  other["sweep"]["name"] = "t";
  EXPECT_EQ(header_difference(header(), other, false), "the sweep's file was another one");
}

TEST_F(SweepLogTest, ASecondWriterIsRefused) {
  SweepLog log(path_, header(), false);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    try {
      SweepLog second(path_, header(), true);
      ::_exit(1);
    } catch (const Error& error) {
      ::_exit(std::string(error.what()).find("another chasm is at work") != std::string::npos ? 0
                                                                                              : 2);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(SweepLogTest, SomethingElseIsNotOverwritten) {
  append("my notes\n");
  EXPECT_THROW(SweepLog(path_, header(), false), Error);
  EXPECT_EQ(text(), "my notes\n");
}

std::string complaint(const std::string& text) {
  Diagnostics problems;
  parse_sweep_log(text, "p", problems);
  return problems.to_string();
}

std::string lines(const std::vector<Json>& all) {
  std::string text;
  for (const Json& line : all) text += line.dump() + "\n";
  return text;
}

TEST(SweepLogFile, IsInputLikeAnyOther) {
  EXPECT_EQ(complaint(lines({header(), row(0), row(5)})), "");
  Json huge = header(), part = header(), odd = row(1), stray = row(6);
  huge["points"] = UINT64_MAX;
  part["shard"] = {{"number", 3}, {"of", 2}};
  odd["totals"]["latency_s"] = "NaN";
  const auto has = [&](const std::string& text, const std::string& what) {
    EXPECT_NE(complaint(text).find(what), std::string::npos) << complaint(text);
  };
  has(lines({huge}), "p: 1:1: error: these are not the points of a sweep; /points: is 1844");
  has(lines({part}), "there is no part 3 of 2");
  has(lines({header(), odd, row(2)}),
      "p: 2:1: error: this is not a point of a sweep: the file is "
      "damaged; /totals/latency_s: is the string \"NaN\"");
  has(lines({header(), row(0), stray}), "p: 3:1: error");
  has(lines({header(), stray}), "/index: is 6; the sweep has 6 points");
  has(lines({header(), row(2), row(2)}), "/index: point 2 is there already");
  has(lines({header(2, 2), row(2)}), "/index: 2 is not in part 2 of 2");
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  has(lines({header()}) + "{\"index\":" + deep + "}\n", "p: 2:1");
  has(lines({header()}) + "{\"index\":1,\"index\":1}\n", "duplicate key");
  has(lines({header()}) + "{\"index\":NaN}\n", "p: 2:10: error");
}

TEST(SweepLogFile, RowsAreThoseOfTheSweep) {
  std::map<std::size_t, Json> rows = {{0, row(0)}, {3, row(3)}};
  Diagnostics none;
  check_rows(rows, sweep_points(spec()), "p", none);
  EXPECT_TRUE(none.ok()) << none.to_string();
  rows[3]["parameters"]["clock_mhz"] = 3;
  rows[7] = row(7);
  Diagnostics problems;
  check_rows(rows, sweep_points(spec()), "p", problems);
  EXPECT_EQ(problems.error_count(), 2u) << problems.to_string();
}

// Every value of a header and of a row, as every other type: most are refused, and what is not can
// be shown.
TEST(SweepLogFile, OddValuesAreRefusedOrHarmless) {
  const std::vector<Json> others = {nullptr,
                                    true,
                                    -1,
                                    1.5,
                                    "x",
                                    Json::array(),
                                    UINT64_MAX,
                                    1e300,
                                    Json::object(),
                                    Json::array({nullptr})};
  std::size_t refused = 0, accepted = 0;
  for (const bool of_header : {true, false}) {
    const Json good = of_header ? header() : row(1);
    const Json flat = good.flatten();
    for (const auto& [pointer, value] : flat.items()) {
      if (pointer.starts_with("/sweep/")) continue;  // compared with the sweep's file
      for (const Json& other : others) {
        Json changed = good;
        changed[Json::json_pointer(pointer)] = other;
        Diagnostics problems;
        const SweepLogContent content = parse_sweep_log(
            of_header ? lines({changed, row(0)}) : lines({header(), changed, row(0)}), "p",
            problems);
        if (!problems.ok()) {
          ++refused;
          continue;
        }
        ++accepted;
        check_rows(content.rows, sweep_points(spec()), "p", problems);
        const SweepResult result = make_result(spec(), content.rows, {});
        EXPECT_FALSE(sweep_csv(result).empty() || sweep_page(result).empty() ||
                     sweep_summary(result, {}).empty());
      }
    }
  }
  EXPECT_GT(accepted, 0u);
  EXPECT_GT(refused, 3 * accepted);
}

}  // namespace
}  // namespace chasm
