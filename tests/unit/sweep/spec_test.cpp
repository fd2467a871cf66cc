#include <gtest/gtest.h>

#include "sim/sweep/sweep_points.h"
#include "tests/unit/sweep/support.h"

namespace chasm {
namespace {

using testing_support::problems_of;
using testing_support::spec_of;
using testing_support::sweep_json;

const std::string kAxis = R"("axes": [{"path": "arch.clock_mhz", "values": [100, 200]}])";

TEST(SweepSpec, DefaultsAreThoseOfTheDocument) {
  const SweepSpec spec = spec_of(sweep_json(kAxis));
  EXPECT_EQ(spec.sampling, Sampling::grid);
  EXPECT_EQ(spec.axes.at(0).name, "clock_mhz");
  ASSERT_EQ(spec.objectives.size(), 2u);
  EXPECT_EQ(spec.objectives[0].figure, "latency_s");
  EXPECT_EQ(spec.objectives[1].figure, "energy_j");
  EXPECT_FALSE(spec.seconds);
  EXPECT_FALSE(spec.memory_bytes);
}

TEST(SweepSpec, GoalsKnowWhatIsBetter) {
  const SweepSpec spec = spec_of(sweep_json(
      kAxis + R"(, "objectives": ["images_per_s", "power_w", {"figure": "pes", "goal": "max"}])"));
  EXPECT_TRUE(spec.objectives[0].maximise);
  EXPECT_EQ(spec.objectives[1].figure, "average_power_w");
  EXPECT_FALSE(spec.objectives[1].maximise);
  EXPECT_TRUE(spec.objectives[2].maximise);
}

TEST(SweepSpec, RelativePathsStartAtTheFile) {
  Diagnostics problems;
  const auto document = parse_json(sweep_json(kAxis), "some/folder/s.json", problems);
  const auto spec = read_sweep(*document, problems);
  ASSERT_TRUE(spec) << problems.to_string();
  EXPECT_EQ(spec->arch_place("tiny"), "tiny");
  EXPECT_EQ(spec->arch_place("my.json"), "some/folder/my.json");
  EXPECT_EQ(spec->workload_place("/abs.json"), "/abs.json");
}

struct Mistake {
  std::string more, said;
};

TEST(SweepSpec, MistakesAreNamedAtTheirPlace) {
  const std::vector<Mistake> mistakes = {
      {R"("axis": [])", "unknown key \"axis\"; did you mean \"axes\"?"},
      {R"("limits": {})", "neither \"axes\" nor \"points\""},
      {R"("axes": [{"path": "arch.clock_mhz"}])", "/axes/0: error: neither \"values\" nor"},
      {R"("axes": [{"path": "arch.clock_mhz", "values": []}])", "/axes/0/values"},
      {R"("axes": [{"path": "arch.clok_mhz", "values": [1]}])",
       "/axes/0/path: error: the architecture has no key \"clok_mhz\"; did you mean "
       "\"clock_mhz\"?"},
      {R"("axes": [{"path": ["arch.clock_mhz", "arch.chunks.MULL.pe_array.rows"], "values": [1]}])",
       "/axes/0/path/1: error: \"chunks\" has no element \"MULL\""},
      {R"("axes": [{"path": "workload.btch", "values": [1]}])",
       "the network has no key \"btch\"; did you mean \"batch\"?"},
      {R"("axes": [{"path": "arhc.clock_mhz", "values": [1]}])",
       "unknown path \"arhc.clock_mhz\"; did you mean \"arch.clock_mhz\"?"},
      {R"("axes": [{"path": "options.image", "values": [1]}])",
       "there is no option \"image\"; did you mean \"images\"?"},
      {R"("axes": [{"path": "options.images", "values": [1, 0]}])",
       "/axes/0/values/1: error: 0 is out of range"},
      {R"("axes": [{"path": "arch", "values": ["tiny", "tyni"]}])",
       "/axes/0/values/1: error: there is no architecture \"tyni\""},
      {R"("axes": [{"path": "workload", "values": [3]}])",
       "/axes/0/values/0: error: is not the name"},
      {R"("axes": [{"path": "arch.clock_mhz", "range": {"from": 5, "to": 5, "steps": 3}}])",
       "\"from\" (5) must be below \"to\" (5)"},
      {R"("axes": [{"path": "arch.clock_mhz", "range": {"from": 0, "to": 5, "steps": 3, "scale": "log"}}])",
       "/axes/0/range/from: error: 0 is not above 0"},
      {R"("axes": [{"path": "arch.clock_mhz", "range": {"from": 1, "to": 5}}])",
       "a range in a grid needs \"steps\""},
      {kAxis + R"(, "sampling": {"kind": "random"})", "/sampling: error: \"points\" is missing"},
      {kAxis + R"(, "sampling": {"kind": "grid", "points": 3})", "as many points as its axes make"},
      {kAxis + R"(, "points": [{"arch.clock_mhz": 3}])", "exclude each other"},
      {kAxis + R"(, "constraints": {"area": {"max": 2}})", "there is no figure \"area\""},
      {kAxis + R"(, "constraints": {"pes": {"max": 2, "min": 3}})", "\"min\" (3) is above"},
      {kAxis + R"(, "objectives": ["latncy_s"])", "did you mean \"latency_s\"?"},
      {kAxis + R"(, "limits": {"seconds": 0})", "/limits/seconds: error: 0 is out of range"},
      {R"("axes": [{"path": "arch.clock_mhz", "values": [1]}, {"path": "arch.clock_mhz", "values": [2]}])",
       "\"clock_mhz\" is varied twice: also in /axes/0/path"},
      {R"("axes": [{"path": "arch.clock_mhz", "range": {"from": 1, "to": 5.5, "steps": 400}},
                   {"path": "arch.global_buffer.banks", "range": {"from": 1, "to": 1000, "steps": 1000}}])",
       "the grid has 400000 points"},
      {R"("points": [{"arch.clock_mhz": 3}, {"arch.clok_mhz": 3}])",
       "/points/1/arch.clok_mhz: error: the architecture has no key"}};
  for (const Mistake& mistake : mistakes) {
    const std::string said = problems_of(sweep_json(mistake.more));
    EXPECT_NE(said.find(mistake.said), std::string::npos) << mistake.more << "\n" << said;
  }
}

TEST(SweepSpec, SaysEverythingAtOnce) {
  const std::string said = problems_of(sweep_json(
      R"("axes": [{"path": "arhc", "values": [1]}, {"path": "arch.clok_mhz", "values": [1]},
                  {"path": "options.images", "values": [0]}],
         "objectives": ["latncy_s"], "constraints": {"are_mm2": {"min": 1}})"));
  for (const char* part : {"arhc", "clok_mhz", "0 is out of range", "latncy_s", "are_mm2"})
    EXPECT_NE(said.find(part), std::string::npos) << said;
}

// The key may be one of the architecture that is missing.
TEST(SweepSpec, KeysAreNotJudgedWhereAnArchitectureIsMissing) {
  const std::string said = problems_of(sweep_json(
      R"("axes": [{"path": "arch", "values": ["tiny", "tyni"]},
                  {"path": "arch.clok_mhz", "values": [1]}])"));
  EXPECT_NE(said.find("tyni"), std::string::npos) << said;
  EXPECT_EQ(said.find("clok_mhz"), std::string::npos) << said;
}

TEST(SweepSpec, TheHashKnowsTheInputs) {
  const std::string a = spec_of(sweep_json(kAxis)).inputs_hash;
  EXPECT_EQ(a, spec_of(sweep_json(kAxis)).inputs_hash);
  EXPECT_NE(a, spec_of(R"({"name": "s", "base": {"arch": "tiny", "workload": "toy_all_types"}, )" +
                       kAxis + "}")
                   .inputs_hash);
}

TEST(ShippedSweeps, AreCorrectAndOneHasTwoHundredPoints) {
  std::size_t most = 0;
  EXPECT_GE(sweep_names().size(), 4u);
  for (const std::string& name : sweep_names()) {
    Diagnostics problems;
    const auto document = load_sweep_document(name, problems);
    ASSERT_TRUE(document) << problems.to_string();
    const auto spec = read_sweep(*document, problems);
    ASSERT_TRUE(spec) << name << ": " << problems.to_string();
    EXPECT_EQ(spec->name, name);
    EXPECT_FALSE(document->root.value("description", "").empty());
    most = std::max(most, sweep_points(*spec).size());
  }
  EXPECT_EQ(most, 200u);
}

}  // namespace
}  // namespace chasm
