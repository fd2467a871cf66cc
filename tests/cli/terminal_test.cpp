// The program on a terminal, and as a part of a pipe.
#include <gtest/gtest.h>

#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::chasm_on_terminal;
using testing_support::Ran;
using testing_support::shell;
using testing_support::TemporaryFolder;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::vector<std::string> kShort = {"run", "-a", "tiny", "-w", "toy_mixed3"};

TEST(Terminal, HasColoursUnlessToldNot) {
  EXPECT_TRUE(has(chasm_on_terminal(kShort).out, "\033[1m"));
  EXPECT_FALSE(has(chasm_on_terminal(kShort, {"NO_COLOR=1"}).out, "\033[1m"));
  EXPECT_FALSE(has(chasm_on_terminal(kShort, {"TERM=dumb"}).out, "\033[1m"));
}

TEST(Terminal, APipeGetsNeitherColoursNorProgress) {
  const Ran ran = chasm(kShort);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_FALSE(has(ran.out, "\033"));
  EXPECT_EQ(ran.err, "");
}

TEST(Terminal, LongWorkShowsItsProgressAndCanBeInterrupted) {
  const TemporaryFolder folder;
  const Ran ran = chasm_on_terminal({"run", "-a", "tiny", "-w", "mobilenet_v2", "--images", "50",
                                     "--search", "quick", "--verify", "1", "-o", folder / "out"},
                                    {}, "simulating: ");
  EXPECT_EQ(ran.code, 130) << ran.out;
  // Mapping has shown the like before.
  const auto simulating = ran.out.find("simulating: ");
  ASSERT_NE(simulating, std::string::npos) << ran.out;
  EXPECT_TRUE(has(ran.out.substr(simulating), " layers/s, ETA ")) << ran.out;
  EXPECT_TRUE(has(ran.out, "interrupted")) << ran.out;
  EXPECT_TRUE(folder.content().empty());
}

TEST(Pipe, AReaderThatStopsEndsTheProgramQuietly) {
  const Ran ran = shell("chasm show resnet50 | head -c 1", "/tmp");
  EXPECT_EQ(ran.out.size(), 1u);
  EXPECT_EQ(ran.err, "");
}

}  // namespace
}  // namespace chasm
