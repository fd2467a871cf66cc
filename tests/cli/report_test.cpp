// Results shown again: report, compare and explain say what the run said, and end as promised.
#include <algorithm>

#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::Ran;
using testing_support::TemporaryFolder;
using testing_support::text_of;

// A run's folder.
std::string run_into(const TemporaryFolder& folder, const std::string& name,
                     const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"run", "-a",          "tiny",     "-w",   "toy_all_types",
                                    "-o",  folder / name, "--search", "quick"};
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = chasm(words);
  EXPECT_EQ(ran.code, 0) << ran.err;
  return folder / name;
}

TEST(Report, IsThatOfTheRun) {
  const TemporaryFolder folder;
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--images", "3", "--schedule", "pipelined", "--functional"},
        std::vector<std::string>{"--set", "dram.standard=DDR4-2400", "--keep-on-chip", "512"}}) {
    const std::string run = run_into(folder, "r", options);
    const Ran text = chasm({"report", run});
    EXPECT_EQ(text.code, 0) << text.err;
    EXPECT_EQ(text.out, text_of(run + "/report.txt"));
    const Ran again = chasm({"report", run + "/result.json", "--html", folder / "again.html"});
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(again.out, "");
    EXPECT_EQ(text_of(folder / "again.html"), text_of(run + "/report.html"));
    EXPECT_EQ(chasm({"report", run, "--html", "-"}).out, text_of(run + "/report.html"));
  }
}

TEST(Report, WritesTablesAsCsv) {
  const TemporaryFolder folder;
  const std::string run = run_into(folder, "r");
  EXPECT_EQ(chasm({"report", run, "--csv", folder / "l.csv"}).code, 0);
  EXPECT_EQ(chasm({"report", run, "--csv", folder / "tables"}).code, 0);
  EXPECT_EQ(text_of(folder / "l.csv"), text_of(folder / "tables/layers.csv"));
  EXPECT_EQ(chasm({"report", run, "--csv", "-"}).out, text_of(folder / "l.csv"));
  Diagnostics problems;
  const auto result = read_json_file(run + "/result.json", problems);
  ASSERT_TRUE(result) << problems.to_string();
  for (const char* table : {"layers", "chunks", "engines", "energy"}) {
    const std::string text = text_of(folder / ("tables/" + std::string(table) + ".csv"));
    const auto lines = std::count(text.begin(), text.end(), '\n');
    EXPECT_EQ(static_cast<std::size_t>(lines), 1 + result->root[table].size()) << table;
  }
}

TEST(Report, RooflineNamesEveryLayer) {
  const TemporaryFolder folder;
  const std::string run = run_into(folder, "r");
  const Ran roofline = chasm({"report", run, "--roofline"});
  EXPECT_EQ(roofline.code, 0) << roofline.err;
  Diagnostics problems;
  const auto result = read_json_file(run + "/result.json", problems);
  for (const Json& layer : result->root["layers"])
    EXPECT_NE(roofline.out.find("\n" + layer["name"].get<std::string>() + " "), std::string::npos)
        << layer["name"] << roofline.out;
}

TEST(Report, WrongFilesEndWithThree) {
  const TemporaryFolder folder;
  const std::string run = run_into(folder, "r");
  std::string text = text_of(run + "/result.json");
  const auto at = text.find("\"cycles\": ") + 10;
  const std::string edited = folder.file("edited.json", text.replace(at, 1, "9"));
  for (const std::string& wrong :
       {folder / "none", edited, run + "/mapping.json",
        folder.file("half.json", text.substr(0, 500)), folder.file("empty.json", "")}) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"report", wrong, "--html", folder / "x.html"},
          std::vector<std::string>{"compare", run, wrong},
          std::vector<std::string>{"explain", "energy", wrong},
          std::vector<std::string>{"explain", "layer", "conv", wrong}}) {
      const Ran ran = chasm(words);
      EXPECT_EQ(ran.code, 3) << wrong << ran.err;
      EXPECT_EQ(ran.out, "");
      EXPECT_TRUE(ran.said("error: ")) << ran.err;
    }
  }
  EXPECT_EQ(text_of(folder / "x.html"), "");
  EXPECT_EQ(chasm({"report", run, "--html", folder / "no/such/x.html"}).code, 3);
}

TEST(Compare, EndsWithSixAboveALimit) {
  const TemporaryFolder folder;
  const std::string fast = run_into(folder, "fast");
  const std::string slow = run_into(folder, "slow", {"--set", "dram.bandwidth_bytes_per_cycle=1"});
  const Ran plain = chasm({"compare", fast, slow});
  EXPECT_EQ(plain.code, 0) << plain.err;
  EXPECT_NE(plain.out.find("dram.bandwidth_bytes_per_cycle: 25.6 -> 1"), std::string::npos)
      << plain.out;
  const Ran worse = chasm({"compare", fast, slow, "--fail-above", "latency=1%"});
  EXPECT_EQ(worse.code, 6);
  EXPECT_EQ(worse.out, plain.out);
  EXPECT_TRUE(worse.said("error: latency: ")) << worse.err;
  EXPECT_EQ(chasm({"compare", slow, fast, "--fail-above", "latency=1%"}).code, 0);
  EXPECT_EQ(chasm({"compare", fast, fast, "--fail-above", "latency=0%", "--fail-above",
                   "layer_energy=0%"})
                .code,
            0);
  const Ran both = chasm({"compare", folder / "x.json", folder / "y.json"});
  EXPECT_TRUE(both.said("x.json: error: ") && both.said("y.json: error: ")) << both.err;
}

TEST(Explain, EnergyOfAComponentIsAShareOfTheWhole) {
  const TemporaryFolder folder;
  const std::string run = run_into(folder, "r");
  const Ran all = chasm({"explain", "energy", run});
  EXPECT_EQ(all.code, 0) << all.err;
  EXPECT_NE(all.out.find("\nall "), std::string::npos) << all.out;
  const Ran part = chasm({"explain", "energy", "MUL.register_file", run});
  EXPECT_EQ(part.code, 0) << part.err;
  EXPECT_EQ(part.out.find("MUL.pe"), std::string::npos) << part.out;
  const Ran wrong = chasm({"explain", "energy", "MULL", run});
  EXPECT_EQ(wrong.code, 3);
  EXPECT_TRUE(wrong.said("did you mean \"MUL\"?")) << wrong.err;
}

// The cycles of the unchanged machine are those of the result; and more bandwidth is the promised
// run with that bandwidth.
TEST(Explain, LayersAreSimulatedAgain) {
  const TemporaryFolder folder;
  const std::vector<std::string> ways = {"--images", "2", "--schedule", "pipelined"};
  const std::string run = run_into(folder, "r", ways);
  Diagnostics problems;
  const auto result = read_json_file(run + "/result.json", problems);
  const std::string name = result->root["layers"][0]["name"].get<std::string>();
  const Ran explained = chasm({"explain", "layer", name, run, "-j", "2"});
  EXPECT_EQ(explained.code, 0) << explained.err;
  EXPECT_EQ(explained.err, "");
  EXPECT_EQ(explained.out, chasm({"explain", "layer", name, run}).out);
  EXPECT_EQ(explained.out.find("other cycles than"), std::string::npos) << explained.out;
  std::vector<std::string> more = {"run",
                                   "-a",
                                   "tiny",
                                   "-w",
                                   "toy_all_types",
                                   "-o",
                                   "-",
                                   "-m",
                                   run + "/mapping.json",
                                   "--set",
                                   "dram.bandwidth_bytes_per_cycle=26.6"};
  more.insert(more.end(), ways.begin(), ways.end());
  const Json wider = Json::parse(chasm(more).out);
  const auto line = explained.out.find("DRAM bytes a cycle: 25.6 to 26.6");
  ASSERT_NE(line, std::string::npos) << explained.out;
  std::string digits = explained.out.substr(line, explained.out.find('\n', line) - line);
  digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
  EXPECT_NE(digits.find(std::to_string(wider["totals"]["cycles"].get<std::uint64_t>())),
            std::string::npos)
      << explained.out;
  const Ran quick = chasm({"explain", "layer", name, run, "--no-repeat"});
  EXPECT_TRUE(explained.out.starts_with(quick.out));
  EXPECT_EQ(quick.out.find("simulated again"), std::string::npos);
  EXPECT_EQ(chasm({"explain", "layer", run}).code, 2);
}

}  // namespace
}  // namespace chasm
