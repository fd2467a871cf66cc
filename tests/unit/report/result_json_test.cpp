#include "sim/report/result_json.h"

#include <gtest/gtest.h>

#include "sim/report/pretty_json.h"
#include "tests/unit/report/sample_run.h"

namespace chasm {
namespace {

using testing_support::sample_run;

TEST(ResultJson, ConformsToItsSchema) {
  Diagnostics problems;
  const auto schema = parse_json(result_schema(), "result.schema.json", problems);
  ASSERT_TRUE(schema) << problems.to_string();
  EXPECT_TRUE(validate_schema(to_json(sample_run()), "result.json", schema->root, problems))
      << problems.to_string();
}

TEST(ResultJson, SchemaRefusesAnUnknownAndAMissingKey) {
  Diagnostics problems;
  const auto schema = parse_json(result_schema(), "result.schema.json", problems);
  ASSERT_TRUE(schema) << problems.to_string();
  Json result = to_json(sample_run());
  result["totals"]["cycle"] = 1;
  result["layers"][0].erase("chunk");
  EXPECT_FALSE(validate_schema(result, "result.json", schema->root, problems));
  EXPECT_EQ(problems.error_count(), 2u) << problems.to_string();
}

TEST(ResultJson, TotalsFollowFromTheRun) {
  const Json totals = to_json(sample_run())["totals"];
  EXPECT_EQ(totals["cycles"], 1000u);
  EXPECT_DOUBLE_EQ(totals["latency_s"], 4e-6);
  EXPECT_DOUBLE_EQ(totals["images_per_s"], 250e3);
  EXPECT_DOUBLE_EQ(totals["energy_j"], 1000e-12);
  EXPECT_DOUBLE_EQ(totals["edp_js"], 1000e-12 * 4e-6);
  EXPECT_DOUBLE_EQ(totals["average_power_w"], 1000e-12 / 4e-6);
  EXPECT_DOUBLE_EQ(totals["pe_utilization"], 3000.0 / 8000.0);
  EXPECT_DOUBLE_EQ(totals["dram"]["bandwidth_bytes_per_s"], 384 / 4e-6);
  EXPECT_TRUE(totals["area_mm2"].is_null());
}

TEST(ResultJson, PartialSumsAreOutputWordsAndCountedBeside) {
  const Json words = to_json(sample_run())["layers"][0]["traffic_words"];
  EXPECT_EQ(words["dram"]["output"],
            Json::parse(R"({"reads":5,"writes":18,"psum_reads":5,"psum_writes":7})"));
  EXPECT_EQ(words["bus"]["weight"], Json::parse(R"({"words":21,"receivers":0})"));
  EXPECT_EQ(words["bus"]["reduction"], Json::parse(R"({"words":9})"));
}

TEST(ResultJson, OnlyTheHostBlockKnowsTheMachine) {
  RunResult slow = sample_run();
  slow.wall_s = 77;
  slow.peak_rss_bytes = 1;
  slow.kernel_activations = 5;
  Json a = to_json(sample_run()), b = to_json(slow);
  EXPECT_EQ(a.items().begin().key(), "schema");
  EXPECT_EQ(std::prev(a.end()).key(), "host");
  EXPECT_NE(a.dump(), b.dump());
  a.erase("host");
  b.erase("host");
  EXPECT_EQ(a.dump(), b.dump());
}

TEST(ResultJson, HashesTellInputsApart) {
  RunResult other = sample_run();
  other.options["images"] = 2;
  const Json a = to_json(sample_run())["inputs"]["hashes"];
  const Json b = to_json(other)["inputs"]["hashes"];
  EXPECT_EQ(a["workload"], b["workload"]);
  EXPECT_NE(a["options"], b["options"]);
}

TEST(PrettyJson, ReadsBackAndKeepsShortValuesOnOneLine) {
  const Json value = Json::parse(R"({"z":[["K",4],["P",2]],"a":0.1,"s":"q\"uote","e":[],"o":{}})");
  EXPECT_EQ(pretty_json(value),
            "{\"z\": [[\"K\", 4], [\"P\", 2]], \"a\": 0.1, \"s\": \"q\\\"uote\", \"e\": [], \"o\": "
            "{}}\n");
  for (const std::size_t width : {1u, 20u, 40u, 200u})
    EXPECT_EQ(Json::parse(pretty_json(value, width)).dump(), value.dump()) << width;
  const std::string narrow = pretty_json(value, 30);
  EXPECT_NE(narrow.find("\n  \"z\": [[\"K\", 4], [\"P\", 2]],\n"), std::string::npos) << narrow;
}

}  // namespace
}  // namespace chasm
