// chasm map: the same mapping whatever was mapped before.
#include <gtest/gtest.h>

#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::Ran;
using testing_support::TemporaryFolder;

constexpr const char* kNetwork = "nasa_hybrid_all_b_cifar10";

std::string mapping_with(const std::string& cache, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"map",      "-a",   "nasa-45nm", "-w", kNetwork,
                                    "--budget", "1000", "--cache",   cache};
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = chasm(words);
  EXPECT_EQ(ran.code, 0) << ran.err;
  return ran.out;
}

// Results of the other search are found for layers that both share, and for the whole at the end.
TEST(Map, TheCacheNeverChangesAMapping) {
  const TemporaryFolder folder;
  const std::string cache = folder / "mappings.sqlite";
  const std::string fresh = mapping_with("off");
  EXPECT_NE(mapping_with(cache, {"--dataflow", "CLP=ws"}), fresh);
  EXPECT_EQ(mapping_with(cache), fresh);
  EXPECT_EQ(mapping_with(cache), fresh);
}

}  // namespace
}  // namespace chasm
