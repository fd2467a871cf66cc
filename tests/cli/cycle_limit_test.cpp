// run --max-cycles: a run that ends in time is as ever, one that does not ends with exit code 5 and
// a report of who was doing what.
#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::Ran;
using testing_support::TemporaryFolder;

Ran run(const std::vector<std::string>& more) {
  std::vector<std::string> words = {"run", "-a", "tiny", "-w", "toy_mixed3", "-o", "-"};
  words.insert(words.end(), more.begin(), more.end());
  return chasm(words);
}

std::uint64_t cycles_of(const std::string& text) {
  return Json::parse(text).at("totals").at("cycles").get<std::uint64_t>();
}

TEST(MaxCycles, StopsARunThatTakesOneMore) {
  const std::uint64_t cycles = cycles_of(run({}).out);
  const Ran enough = run({"--max-cycles", std::to_string(cycles)});
  EXPECT_EQ(enough.code, 0) << enough.err;
  EXPECT_EQ(cycles_of(enough.out), cycles);
  const Ran stopped = run({"--max-cycles", std::to_string(cycles - 1)});
  EXPECT_EQ(stopped.code, 5);
  EXPECT_EQ(stopped.out, "");
  EXPECT_NE(stopped.err.find("stopped at the limit of " + std::to_string(cycles - 1) + " cycles"),
            std::string::npos)
      << stopped.err;
  EXPECT_NE(stopped.err.find("2 of 3 layers have ended\n"), std::string::npos) << stopped.err;
}

TEST(MaxCycles, TheReportSaysWhoWasDoingWhat) {
  const Ran stopped = run({"--max-cycles", "100", "--images", "3"});
  EXPECT_EQ(stopped.code, 5);
  for (const char* part : {"0 of 9 layers have ended\n", "MUL is in layer ", " of image 0\n",
                           "global_buffer: ", "chunk_0: \"", "step ", "chunk_1: idle",
                           "dma_0: ", "lines in flight", "dma_1: idle"})
    EXPECT_NE(stopped.err.find(part), std::string::npos) << part << "\n" << stopped.err;
  EXPECT_EQ(stopped.err.find("deadlock"), std::string::npos) << stopped.err;
}

// With a memory clock beside the core clock there are instants between the edges.
TEST(MaxCycles, IsExactBesideAMemoryClock) {
  const std::vector<std::string> ddr = {"--set", "dram.standard=DDR4-2400"};
  const std::uint64_t cycles = cycles_of(run(ddr).out);
  for (const std::uint64_t more : {0U, 1U}) {
    std::vector<std::string> words = ddr;
    words.insert(words.end(), {"--max-cycles", std::to_string(cycles - 1 + more)});
    EXPECT_EQ(run(words).code, more == 0 ? 5 : 0);
  }
}

TEST(MaxCycles, NoFileIsMade) {
  const TemporaryFolder folder;
  const Ran stopped = chasm({"run", "-a", "tiny", "-w", "toy_mixed3", "-o", folder / "out",
                             "--max-cycles", "100", "--trace", "vcd=" + (folder / "t.vcd")});
  EXPECT_EQ(stopped.code, 5);
  EXPECT_TRUE(folder.content().empty());
}

TEST(MaxCycles, IsAPositiveNumber) {
  for (const char* bad : {"0", "-1", "x", "1000000000000001", "1e3"}) {
    const Ran ran = run({"--max-cycles", bad});
    EXPECT_EQ(ran.code, 2) << bad;
    EXPECT_NE(ran.err.find("--max-cycles"), std::string::npos) << ran.err;
  }
}

}  // namespace
}  // namespace chasm
