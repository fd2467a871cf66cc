#include "sim/report/result_reader.h"

#include <gtest/gtest.h>

#include "sim/report/html_report.h"
#include "sim/report/result_json.h"
#include "sim/report/run_report.h"
#include "tests/unit/report/sample_run.h"

namespace chasm {
namespace {

using testing_support::sample_run;

RunResult with_banks() {
  RunResult run = sample_run();
  run.row_hit_rate = 0.875;
  run.dram.emplace();
  run.dram->bus_busy = 17;
  run.dram->lost = {1, 2, 3, 4, 5};
  run.area_mm2 = 1.5;
  run.images = 2;
  run.layers[1].image = 1;
  run.layers[1].kept = {true, false, true};
  return run;
}

TEST(ResultReader, ReadsWhatWasWritten) {
  for (const RunResult& run : {sample_run(), with_banks()}) {
    Diagnostics problems;
    const Json json = to_json(run);
    const auto read = read_result({"result.json", json}, problems);
    ASSERT_TRUE(read) << problems.to_string();
    EXPECT_EQ(to_json(*read).dump(), json.dump());
    EXPECT_EQ(render_report(*read, {}), render_report(run, {}));
    EXPECT_EQ(html_report(*read), html_report(run));
  }
}

TEST(ResultReader, KeepsTheToolThatMadeIt) {
  Diagnostics problems;
  Json json = to_json(sample_run());
  json["tool"]["version"] = "0.0.7";
  const auto read = read_result({"result.json", json}, problems);
  ASSERT_TRUE(read) << problems.to_string();
  EXPECT_EQ(to_json(*read)["tool"]["version"], "0.0.7");
  EXPECT_NE(html_report(*read).find("chasm 0.0.7"), std::string::npos);
}

TEST(ResultReader, TakesOlderResultsWithoutTheParts) {
  Diagnostics problems;
  Json json = to_json(sample_run());
  json["totals"]["dram"].erase("peak_bytes_per_cycle");
  for (Json& layer : json["layers"]) layer.erase("energy_by_part_pj");
  const auto read = read_result({"result.json", json}, problems);
  ASSERT_TRUE(read) << problems.to_string();
  EXPECT_NE(html_report(*read).find("other: 10.00 pJ"), std::string::npos);
}

struct Fault {
  const char* pointer;
  Json value;
  const char* said;
};

TEST(ResultReader, RefusesWhatContradictsItself) {
  const std::vector<Fault> faults = {
      {"/schema", "chasm/mapping/1", "this is no result"},
      {"/schema", 3, "this is no result"},
      {"/layers/1/end_cycle", 399, "ends before it starts"},
      {"/layers/0/traffic_words/dram/output/psum_reads", 6, "more partial sums than words"},
      {"/totals/energy_j", 2e-9, "makes it 1"},
      {"/energy/0/total_pj", 301, "/totals/energy_j"},
      {"/totals/cycles", -1, "/totals/cycles"},
      {"/layers/0/cycles_by_cause/busy", "many", "/layers/0/cycles_by_cause/busy"}};
  for (const Fault& fault : faults) {
    Diagnostics problems;
    Json json = to_json(sample_run());
    json[Json::json_pointer(fault.pointer)] = fault.value;
    EXPECT_FALSE(read_result({"result.json", json}, problems)) << fault.pointer;
    EXPECT_NE(problems.to_string().find(fault.said), std::string::npos) << problems.to_string();
  }
}

TEST(ResultReader, AMissingFileIsADiagnostic) {
  Diagnostics problems;
  EXPECT_FALSE(load_result("no/such/result.json", problems));
  EXPECT_EQ(problems.error_count(), 1u);
}

}  // namespace
}  // namespace chasm
