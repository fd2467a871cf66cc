// chasm map: the same mapping whatever was mapped before; every combination of dataflows.
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/cli/program_run.h"

namespace chasm {
namespace {

using testing_support::chasm;
using testing_support::Ran;
using testing_support::TemporaryFolder;

std::string mapping_of(const std::string& network, const std::string& cache,
                       const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = {"map", "-a", "nasa-45nm", "-w", network, "--cache", cache};
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = chasm(words);
  EXPECT_EQ(ran.code, 0) << ran.err;
  return ran.out;
}

// Results of the other search are found for layers that both share, and for the whole at the end.
TEST(Map, TheCacheNeverChangesAMapping) {
  const TemporaryFolder folder;
  const std::string cache = folder / "mappings.sqlite";
  const std::string network = "resnet20_deepshift_cifar10";
  const std::vector<std::string> budget = {"--budget", "300"};
  const std::string fresh = mapping_of(network, "off", budget);
  EXPECT_NE(mapping_of(network, cache, {"--budget", "300", "--dataflow", "CLP=ws"}), fresh);
  EXPECT_EQ(mapping_of(network, cache, budget), fresh);
  EXPECT_EQ(mapping_of(network, cache, budget), fresh);
}

// Kernels of 5 x 5 are wider than the 24 words that a PE has for a tile of inputs.
TEST(Map, CombinationsAreAllThereAndSayWhatCannotKeepToThem) {
  const std::string table =
      mapping_of("nasa_hybrid_all_b_cifar10", "off", {"--combinations", "--search", "quick"});
  std::set<std::string> combinations;
  std::size_t relaxed = 0;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" Js") != std::string::npos) combinations.insert(line.substr(0, 20));
    if (line.find(" layers  ") != std::string::npos) {
      ++relaxed;
      EXPECT_NE(line.find("_dw without: S whole in a PE"), std::string::npos) << line;
      EXPECT_TRUE(
          line.starts_with("SLP=is       3 of 24") || line.starts_with("SLP=os       3 of 24") ||
          line.starts_with("ALP=is       2 of 18") || line.starts_with("ALP=os       2 of 18"))
          << line;
    }
  }
  EXPECT_EQ(combinations.size(), 64U) << table;
  EXPECT_EQ(relaxed, 4U) << table;
}

}  // namespace
}  // namespace chasm
