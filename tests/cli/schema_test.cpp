// Every file that ships, and every JSON file that the program writes, satisfies the schema that it
// prints for it.
#include <sstream>

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::Ran;
using testing_support::TemporaryFolder;
using testing_support::text_of;

class Schema {
 public:
  explicit Schema(const std::string& kind) : kind_(kind) {
    schema_ = Json::parse(chasm({"schema", kind}).out);
  }
  void accepts(const std::string& text, const std::string& what) const {
    Diagnostics problems;
    const auto document = parse_json(text, what, problems);
    ASSERT_TRUE(document) << problems.to_string();
    EXPECT_TRUE(validate_schema(document->root, what, schema_, problems))
        << kind_ << ": " << problems.to_string();
  }
  void refuses(Json value, const std::string& what) const {
    Diagnostics problems;
    EXPECT_FALSE(validate_schema(value, what, schema_, problems)) << kind_;
  }

 private:
  std::string kind_;
  Json schema_;
};

std::vector<std::string> names_of(const std::string& kind) {
  std::istringstream lines(chasm({"list", kind, "--names"}).out);
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) names.push_back(line);
  return names;
}

class ShippedFiles : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(ShippedFiles, SatisfyTheirSchema) {
  const auto& [list, kind] = GetParam();
  const Schema schema(kind);
  const std::vector<std::string> names = names_of(list);
  EXPECT_GE(names.size(), 2U);
  for (const std::string& name : names)
    if (name != "ideal") schema.accepts(chasm({"show", name}).out, name);  // keys, no configuration
}

INSTANTIATE_TEST_SUITE_P(Kinds, ShippedFiles,
                         testing::Values(std::pair("archs", "arch"), std::pair("nets", "workload"),
                                         std::pair("sweeps", "sweep"),
                                         std::pair("energy-tables", "energy-table"),
                                         std::pair("drams", "dram")));

TEST(EmittedFiles, OfARunSatisfyTheirSchemas) {
  const TemporaryFolder folder;
  const Ran ran = chasm({"run", "-a", "tiny", "-w", "toy_all_types", "-o", folder / "r",
                         "--functional", "--tensors", folder / "t", "--set",
                         "dram.standard=DDR4-2400", "--trace", "dram=" + (folder / "trace.csv")});
  ASSERT_EQ(ran.code, 0) << ran.err;
  Schema("result").accepts(text_of(folder / "r/result.json"), "result.json");
  const std::string mapping = text_of(folder / "r/mapping.json");
  Schema("mapping").accepts(mapping, "mapping.json");
  Schema("quantization").accepts(text_of(folder / "t/quantization.json"), "quantization.json");
  // The inputs that a result holds are files of their kinds; a mapping that says everything is one
  // of constraints.
  const Json inputs = Json::parse(text_of(folder / "r/result.json"))["inputs"];
  Schema("arch").accepts(inputs["architecture"].dump(), "architecture");
  Schema("workload").accepts(inputs["workload"].dump(), "workload");
  Schema("mapping").accepts(inputs["mapping"].dump(), "mapping");
  Json demands = Json::parse(mapping);
  demands["schema"] = "chasm/constraints/1";
  Schema("constraints").accepts(demands.dump(), "constraints");
  const std::string file = folder.file("constraints.json", demands.dump());
  const Ran checked = chasm({"validate", file, "-a", "tiny", "-w", "toy_all_types"});
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_NE(checked.out.find(": ok (constraints, "), std::string::npos) << checked.out;
  demands["layers"].front()["chunck"] = "MUL";
  Schema("constraints").refuses(demands, "constraints");
  const Ran replayed = chasm({"dram", "--config", "DDR4-2400", folder / "trace.csv", "-o", "-"});
  ASSERT_EQ(replayed.code, 0) << replayed.err;
  Schema("dram-result").accepts(replayed.out, "dram");
  Json wrong = Json::parse(replayed.out);
  wrong.erase("cycles");
  Schema("dram-result").refuses(wrong, "dram");
}

TEST(EmittedFiles, OfAnAllocationSatisfyTheirSchemas) {
  const TemporaryFolder folder;
  const Ran ran = chasm({"map", "-a", "tiny", "-w", "toy_mixed3", "--search", "quick", "--verify",
                         "1", "--allocate", "eq8", "--arch-output", folder / "arch.json", "-o",
                         folder / "mapping.json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  Schema("arch").accepts(text_of(folder / "arch.json"), "arch.json");
  Schema("mapping").accepts(text_of(folder / "mapping.json"), "mapping.json");
}

// Points that are ok, that violate a limit, are infeasible and invalid.
TEST(EmittedFiles, OfASweepSatisfyTheirSchema) {
  const TemporaryFolder folder;
  const std::string sweep = folder.file("sweep.json", R"({
    "name": "schemas", "base": {"arch": "tiny", "workload": "toy_mixed3"},
    "axes": [{"path": "arch.chunks.ADD.arithmetic", "values": ["adder", "multiply"]},
             {"path": "arch.chunks.MUL.pe_array.rows", "values": [0, 2, 9]}],
    "constraints": {"pes": {"max": 30}}})");
  const Schema schema("sweep-result");
  const Ran ran = chasm({"sweep", sweep, "-o", folder / "out"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  std::istringstream lines(text_of(folder / "out/points.jsonl"));
  std::string statuses;
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    schema.accepts(line, "points.jsonl");
    statuses += Json::parse(line).value("status", "") + " ";
  }
  EXPECT_EQ(count, 7);
  for (const char* status : {"ok", "invalid", "infeasible", "violates"})
    EXPECT_NE(statuses.find(status), std::string::npos) << statuses;
  schema.accepts(text_of(folder / "out/pareto.json"), "pareto.json");
  const std::string printed = chasm({"sweep", sweep, "-o", "-"}).out;
  schema.accepts(printed, "document");
  Json wrong = Json::parse(printed);
  wrong["points"][0]["status"] = "fine";
  schema.refuses(wrong, "document");
}

// The totals of a point are those of a result.
TEST(EmittedFiles, TotalsHaveOneDefinition) {
  const Json result = Json::parse(chasm({"schema", "result"}).out);
  const Json sweep = Json::parse(chasm({"schema", "sweep-result"}).out);
  EXPECT_EQ(sweep["definitions"]["totals"], result["properties"]["totals"]);
  EXPECT_EQ(sweep["definitions"]["count"], result["definitions"]["count"]);
}

}  // namespace
}  // namespace chasm
