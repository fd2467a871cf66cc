// Limits of time and memory, signals, full disks and closed channels: a documented exit code, what
// was being done, and all files of -o or none.
#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::chasm_on_terminal;
using testing_support::Ran;
using testing_support::shell;
using testing_support::TemporaryFolder;
using testing_support::text_of;

// More than any machine does in a test: 36 x 10^12 operations, as a network of one layer.
std::string endless(const TemporaryFolder& folder) {
  return folder.file("big.json", R"({"name": "big", "inputs": [{"name": "i",
    "shape": [64, 100000, 100000]}], "layers": [{"name": "conv", "type": "conv2d",
    "arithmetic": "multiply", "inputs": ["i"], "out_channels": 64, "kernel": [3, 3],
    "padding": [1, 1]}]})");
}

std::vector<std::string> endless_run(const TemporaryFolder& folder,
                                     const std::vector<std::string>& more) {
  std::vector<std::string> words = {"run",      "-a",    "tiny",    "-w", endless(folder),
                                    "--search", "quick", "--cache", "off"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::vector<std::string> outputs(const TemporaryFolder& folder) {
  std::vector<std::string> names = folder.content();
  std::erase(names, "big.json");
  return names;
}

TEST(MaxSeconds, EndsASimulationAndSaysWhereItWas) {
  const TemporaryFolder folder;
  const Ran ran =
      chasm(endless_run(folder, {"--verify", "1", "--max-seconds", "1.5", "-o", folder / "out"}));
  EXPECT_EQ(ran.code, 5) << ran.err;
  EXPECT_TRUE(ran.said("chasm: stopped at the limit of 1.5 s while simulating: ")) << ran.err;
  EXPECT_TRUE(ran.said("MUL is in layer conv of image 0, after ")) << ran.err;
  EXPECT_TRUE(outputs(folder).empty());
}

TEST(MaxSeconds, EndsFinalistsAndTheSearch) {
  const TemporaryFolder folder;
  const Ran finalists = chasm(endless_run(folder, {"--max-seconds", "2"}));
  EXPECT_EQ(finalists.code, 5);
  EXPECT_TRUE(finalists.said("s while mapping")) << finalists.err;
  const Ran search = chasm({"map", "-a", "tiny", "-w", "resnet18", "--budget", "1e9", "--cache",
                            "off", "--max-seconds", "0.5", "-o", folder / "m.json"});
  EXPECT_EQ(search.code, 5);
  EXPECT_TRUE(search.said("s while mapping")) << search.err;
  EXPECT_TRUE(outputs(folder).empty());
}

TEST(MaxCycles, BoundsFinalistsToo) {
  const TemporaryFolder folder;
  const Ran ran = chasm(endless_run(folder, {"--max-cycles", "100000"}));
  EXPECT_EQ(ran.code, 5);
  EXPECT_TRUE(ran.said("stopped at the limit of 100000 cycles")) << ran.err;
}

TEST(MaxMemory, FunctionalTensorsAreKnownBefore) {
  const TemporaryFolder folder;
  const Ran ran = chasm(endless_run(
      folder, {"--verify", "1", "--functional", "--max-cycles", "100", "--max-memory", "4GiB"}));
  EXPECT_EQ(ran.code, 4);
  EXPECT_TRUE(ran.said("--functional needs 5120.0 GB")) << ran.err;
}

#ifndef CHASM_SANITIZED  // whose allocator ends the process in its own way
TEST(MaxMemory, EndsARunThatNeedsMore) {
  const TemporaryFolder folder;
  const Ran ran =
      chasm({"run", "-a", "tiny", "-w", "toy_mixed3", "--images", "10000", "--search", "quick",
             "--verify", "1", "--cache", "off", "--max-memory", "5MB", "-o", folder / "out"});
  EXPECT_EQ(ran.code, 5) << ran.err;
  EXPECT_TRUE(ran.said("stopped at the limit of 0.005 GB of memory while simulating")) << ran.err;
  EXPECT_TRUE(folder.content().empty());
}

TEST(MaxMemory, ARowOfManyImagesIsSmall) {
  const Ran ran =
      chasm({"run", "-a", "tiny", "-w", "toy_mixed3", "--images", "1000", "--search", "quick",
             "--verify", "1", "--cache", "off", "--max-memory", "30MB", "-o", "-"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(Json::parse(ran.out).at("layers").size(), 3000U);
}
#endif

TEST(Limits, AreCheckedAsWords) {
  for (const auto& [option, bad] :
       std::vector<std::pair<std::string, std::string>>{{"--max-seconds", "0"},
                                                        {"--max-seconds", "soon"},
                                                        {"--max-seconds", "-1"},
                                                        {"--max-memory", "0"},
                                                        {"--max-memory", "4 apples"},
                                                        {"--max-memory", "99999TiB"}})
    for (const char* command : {"run", "map"}) {
      const Ran ran = chasm({command, "-a", "tiny", "-w", "toy_mixed3", option, bad});
      EXPECT_EQ(ran.code, 2) << option << bad;
      EXPECT_TRUE(ran.said(option)) << ran.err;
    }
}

TEST(Limits, OfASweepBoundItsPoints) {
  const TemporaryFolder folder;
  const std::string sweep = folder.file(
      "s.json", R"({"name": "s", "base": {"arch": "tiny", "workload": "toy_mixed3"}, "points": [
      {"arch.clock_mhz": 100}, {"workload": ")" +
                    endless(folder) + R"("},
      {"arch.clock_mhz": 300}]})");
  const Ran ran = chasm({"sweep", sweep, "-o", folder / "out", "-j", "2", "--max-seconds", "2"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const std::string rows = text_of(folder / "out" + std::string("/points.jsonl"));
  EXPECT_NE(rows.find("took more than 2 s; chasm: stopped at the limit of 2 s while"),
            std::string::npos)
      << rows;
  EXPECT_NE(ran.out.find("2 ok"), std::string::npos) << ran.out;
}

TEST(FarTrace, EndsAtOnce) {
  const TemporaryFolder folder;
  folder.file("far.csv", "0,R,0x40\n1152921504606846975,R,0x80\n");
  const Ran ran = chasm({"dram", "-c", "DDR4-2400", folder / "far.csv", "-o", "-"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_GE(Json::parse(ran.out).at("totals").at("cycles").get<std::uint64_t>(),
            1152921504606846975U);
}

// ---- what writes -------------------------------------------------------------------------------

const std::string kRun =
    "chasm run -a tiny -w toy_mixed3 --search quick --verify 1 --cache off -o out --trace "
    "vcd=out/t.vcd";

TEST(FullDisk, LeavesAllFilesOrNone) {
  const TemporaryFolder folder;
  EXPECT_EQ(shell(kRun, folder.path()).code, 0);
  const std::string before = text_of(folder / "out/report.html");
  const std::vector<std::string> all = folder.content();
  EXPECT_EQ(all.size(), 6U);
  for (const char* blocks : {"1", "8", "40"}) {  // of 512 bytes: too few for another of them
    const TemporaryFolder fresh;
    for (const TemporaryFolder* where : {&folder, &fresh}) {
      const Ran ran =
          shell("ulimit -f " + std::string(blocks) + "; " + kRun + " --images 2", where->path());
      EXPECT_EQ(ran.code, 3) << ran.err;
      EXPECT_TRUE(ran.said("File too large")) << ran.err;
    }
    EXPECT_TRUE(fresh.content().empty()) << fresh.content().front();
    EXPECT_EQ(folder.content(), all);
    EXPECT_EQ(text_of(folder / "out/report.html"), before);
  }
}

TEST(StandardOutput, ThatIsFullOrClosedIsAnErrorBesideWholeFiles) {
  for (const char* to : {">/dev/full", ">&-"}) {
    const TemporaryFolder folder;
    const Ran ran = shell(kRun + " " + to, folder.path());
    EXPECT_EQ(ran.code, 3) << ran.err;
    EXPECT_TRUE(ran.said("cannot write to standard output")) << ran.err;
    EXPECT_EQ(folder.content().size(), 6U);
    EXPECT_EQ(text_of(folder / "out/result.json").front(), '{');
  }
}

TEST(StandardError, ThatIsClosedGetsIntoNoFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(shell(kRun + " 2>&- >/dev/null", folder.path()).code, 0);
  for (const std::string& name : folder.content())
    if (name != "out") EXPECT_EQ(text_of(folder / name).find("wrote "), std::string::npos) << name;
}

TEST(Signals, EndARunWithAWordAndNoFile) {
  for (const auto& [signal, code, word] :
       {std::tuple{"TERM", 143, "terminated"}, {"INT", 130, "interrupted"}}) {
    const TemporaryFolder folder;
    endless(folder);
    // In the background a shell without job control ignores SIGINT, so the shell becomes chasm.
    const Ran ran =
        shell(std::string("me=$$; (sleep 1; kill -") + signal +
                  " $me) & exec chasm run -a tiny -w big.json --search quick --verify 1 -o out",
              folder.path());
    EXPECT_EQ(ran.code, code) << ran.err;
    EXPECT_TRUE(ran.said(std::string("chasm: ") + word + " while ")) << ran.err;
    EXPECT_TRUE(outputs(folder).empty());
  }
}

TEST(Signals, ATerminatedSweepKeepsItsPoints) {
  const TemporaryFolder folder;
  folder.file("s.json",
              R"({"name": "s", "base": {"arch": "tiny", "workload": "toy_mixed3"}, "axes": [
      {"path": "workload", "values": ["toy_mixed3", ")" +
                  endless(folder) + R"("]}]})");
  const Ran ran =
      shell("me=$$; (sleep 2; kill -TERM $me) & exec chasm sweep s.json -o out", folder.path());
  EXPECT_EQ(ran.code, 143) << ran.err;
  EXPECT_TRUE(ran.said("chasm: terminated: 1 of 2 points are kept in out")) << ran.err;
}

TEST(Output, FollowsALink) {
  const TemporaryFolder folder;
  const Ran ran = shell(
      "ln -s real.json link.json; chasm map -a tiny -w toy_mixed3 --search quick "
      "--verify 1 --cache off -o link.json && test -L link.json",
      folder.path());
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(text_of(folder / "real.json").front(), '{');
}

TEST(Progress, OfOneLongSimulationShowsCycles) {
  const TemporaryFolder folder;
  const Ran ran = chasm_on_terminal(
      endless_run(folder, {"--verify", "1", "--max-seconds", "2", "-o", folder / "out"}));
  EXPECT_EQ(ran.code, 5);
  EXPECT_NE(ran.out.find("simulating: 0 of 1 layers, "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find(" cycles/s, for 0:0"), std::string::npos) << ran.out;
}

TEST(Progress, OfFinalistsAndTraces) {
  const TemporaryFolder folder;
  const Ran finalists =
      chasm_on_terminal({"run", "-a", "tiny", "-w", "mobilenet_v2", "--search", "random",
                         "--budget", "200", "--cache", "off", "--max-seconds", "20"},
                        {}, "simulating finalists: ");
  EXPECT_EQ(finalists.code, 130) << finalists.out;
  std::string trace;
  for (int i = 0; i < 2'000'000; ++i) trace += "0,R,0x" + std::to_string(i % 1000) + "40\n";
  const Ran replayed =
      chasm_on_terminal({"dram", "-c", "DDR4-2400", folder.file("t.csv", trace)}, {}, "requests/s");
  EXPECT_NE(replayed.out.find("replaying: "), std::string::npos) << replayed.out;
}

}  // namespace
}  // namespace chasm
