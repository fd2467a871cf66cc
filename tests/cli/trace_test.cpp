// The traces of "chasm run": complete files of the run that the result tells of, or none.
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

std::vector<std::string> tiny_run(const std::vector<std::string>& more) {
  std::vector<std::string> words = {"run", "-a", "tiny", "-w", "toy_mixed3", "-o", "-"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Json result_of(const Ran& ran) {
  EXPECT_EQ(ran.code, 0) << ran.err;
  Json result = Json::parse(ran.out);
  result.erase("host");
  return result;
}

TEST(Traces, OfOneRunTellTheSameStory) {
  const TemporaryFolder folder;
  const std::string perfetto = folder / "t.json", vcd = folder / "t.vcd", dram = folder / "t.csv";
  const Json result = result_of(chasm(tiny_run(
      {"--trace", "perfetto=" + perfetto, "--trace", "vcd=" + vcd, "--trace", "dram=" + dram})));
  EXPECT_EQ(result, result_of(chasm(tiny_run({})))) << "a trace must not show in the result";

  const Json trace = Json::parse(text_of(perfetto));
  EXPECT_EQ(trace["otherData"]["cycles"], result["totals"]["cycles"]);
  std::uint64_t layers = 0;
  for (const Json& event : trace["traceEvents"])
    layers += event["ph"] == "X" && event["args"].contains("image") ? 1U : 0U;
  EXPECT_EQ(layers, result["layers"].size());
  EXPECT_NE(text_of(vcd).find("$enddefinitions $end"), std::string::npos);

  std::istringstream lines(text_of(dram));
  std::uint64_t reads = 0, writes = 0;
  for (std::string line; std::getline(lines, line);)
    ++(line.find(",R,0x") != std::string::npos ? reads : writes);
  EXPECT_EQ(64 * reads, result["totals"]["dram"]["read_bytes"].get<std::uint64_t>());
  EXPECT_EQ(64 * writes, result["totals"]["dram"]["write_bytes"].get<std::uint64_t>());
}

TEST(Traces, AreTheSameBytesEveryTime) {
  const TemporaryFolder folder;
  for (const std::string kind : {"perfetto", "vcd", "dram"}) {
    const std::string first = folder / (kind + "1"), second = folder / (kind + "2");
    chasm(tiny_run({"--trace", kind + "=" + first}));
    chasm(tiny_run({"--trace", kind + "=" + second, "--functional"}));
    EXPECT_FALSE(text_of(first).empty());
    EXPECT_EQ(text_of(first), text_of(second)) << kind;
  }
}

TEST(Traces, MayLieInTheFolderThatTheRunMakes) {
  const TemporaryFolder folder;
  const Ran ran = chasm({"run", "-a", "tiny", "-w", "toy_mixed3", "-o", folder / "new", "--trace",
                         "dram=" + (folder / "new/requests.csv")});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_FALSE(text_of(folder / "new/requests.csv").empty());
  EXPECT_FALSE(text_of(folder / "new/result.json").empty());
}

TEST(Traces, APlaceThatCannotBeWrittenIsRefusedBeforeTheSimulation) {
  const TemporaryFolder folder;
  for (const std::string& place : {folder / "none/t.vcd", folder.path(), std::string("/proc/t")}) {
    const Ran ran = chasm(tiny_run({"--trace", "vcd=" + place}));
    EXPECT_EQ(ran.code, 3) << place;
    EXPECT_TRUE(ran.said("cannot write there")) << ran.err;
    EXPECT_EQ(ran.out, "");
  }
  EXPECT_TRUE(folder.content().empty());
}

TEST(Traces, AFullDiskIsSaid) {
  const Ran ran = chasm(tiny_run({"--trace", "vcd=/dev/full"}));
  EXPECT_EQ(ran.code, 3);
  EXPECT_TRUE(ran.said("/dev/full: error: cannot write the file: No space left")) << ran.err;
  EXPECT_EQ(ran.out, "");
}

}  // namespace
}  // namespace chasm
