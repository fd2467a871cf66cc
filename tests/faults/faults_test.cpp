// The faults that occur: a disk that is full from some write on, a place that cannot be renamed to
// or flushed, a call now and then without memory.
#include <gtest/gtest.h>

#include "tests/faults/faulty_run.h"

namespace chasm {
namespace {

using namespace testing_support;

class Faults : public testing::TestWithParam<std::string> {};

TEST_P(Faults, OfTheDiskLeaveAllOrNothing) {
  for (const char* kind : {"write", "fsync", "rename"}) {
    EXPECT_TRUE(survives(GetParam(), {kind, 1, true})) << kind;
    EXPECT_TRUE(survives(GetParam(), {kind, 2, false}) || GetParam() == "map") << kind;
  }
}

TEST_P(Faults, OfMemoryLeaveAllOrNothing) {
  for (const long n : {1, 30, 900, 5000}) survives(GetParam(), {"malloc", n, n == 900});
}

INSTANTIATE_TEST_SUITE_P(Commands, Faults, testing::ValuesIn(faulty_commands()),
                         [](const auto& name) { return name.param; });

TEST(SweepFaults, LeaveAJournalToGoOnWith) {
  for (const long n : {1, 2, 3}) EXPECT_TRUE(sweep_survives({"write", n, true}));
  for (const char* kind : {"write", "fsync", "rename"})
    EXPECT_TRUE(sweep_survives({kind, 2, false})) << kind;
  EXPECT_TRUE(sweep_survives({"malloc", 2000, false}));
}

}  // namespace
}  // namespace chasm
