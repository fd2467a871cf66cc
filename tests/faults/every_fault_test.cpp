// Every call of every kind that commands which write files make, failing once, and from there on.
#include <gtest/gtest.h>

#include "tests/faults/faulty_run.h"

namespace chasm {
namespace {

using namespace testing_support;

const std::vector<std::string> kKinds = {"write", "fsync",    "rename", "open",
                                         "close", "truncate", "mkdir"};

// Of memory there are some 10^4 calls: the first hundred, then each a fortieth later.
template <class Survives>
void fail_memory(const Survives& survives_it) {
  for (long n = 1; survives_it({"malloc", n, n % 2 == 0}); n += n < 100 ? 1 : n / 40)
    if (testing::Test::HasFailure()) return;
}

template <class Survives>
void fail_calls(const std::string& kind, const Survives& survives_it) {
  for (const bool later_too : {false, true})
    for (long n = 1; survives_it({kind, n, later_too}); ++n) {
    }
}

class EveryFault : public testing::TestWithParam<std::string> {};

TEST_P(EveryFault, OfTheDiskLeavesAllOrNothing) {
  for (const std::string& kind : kKinds)
    fail_calls(kind, [](const Fault& fault) { return survives(GetParam(), fault); });
}

TEST_P(EveryFault, OfMemoryLeavesAllOrNothing) {
  fail_memory([](const Fault& fault) { return survives(GetParam(), fault); });
}

INSTANTIATE_TEST_SUITE_P(Commands, EveryFault, testing::ValuesIn(faulty_commands()),
                         [](const auto& name) { return name.param; });

TEST(EverySweepFault, OfTheDiskLeavesAJournalToGoOnWith) {
  for (const std::string& kind : kKinds) fail_calls(kind, sweep_survives);
}

TEST(EverySweepFault, OfMemoryLeavesAJournalToGoOnWith) { fail_memory(sweep_survives); }

}  // namespace
}  // namespace chasm
