// Machines from the whole schema, alone and together with everything else in it, run small networks
// of every type of layer: values, times and counts hold, and what cannot be done is refused with a
// reason. CHASM_SEED=n runs that case alone (test ChosenSeed) and says how to run it by hand.
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/machines/machine_case.h"
#include "tests/support/machines/random_machine.h"

#ifndef CHASM_MACHINES_FIRST_SEED
#define CHASM_MACHINES_FIRST_SEED 0
#endif
#ifndef CHASM_MACHINES
#define CHASM_MACHINES 300
#endif

namespace chasm {
namespace {

constexpr std::uint64_t kFirstSeed = CHASM_MACHINES_FIRST_SEED;
constexpr std::uint64_t kSeeds = CHASM_MACHINES;
constexpr std::uint64_t kSeedsOfATest = 25;
constexpr std::uint64_t kMostRefused = 5;  // of the seeds of a test

class RandomMachines : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomMachines, ComputeTheirNetworks) {
  std::uint64_t refused = 0, runs = 0, walked = 0, overlaps = 0, referenced = 0;
  for (std::uint64_t seed = GetParam(); seed < GetParam() + kSeedsOfATest; ++seed) {
    const MachineCase point = machine_case(seed);
    const CaseResult result = check_case(point);
    refused += result.how == CaseResult::How::refused ? 1 : 0;
    runs += result.runs, walked += result.walked, overlaps += result.overlaps;
    referenced += result.referenced;
    if (result.how == CaseResult::How::refused) fmt::print("{} refused: {}\n", seed, result.text);
    EXPECT_NE(result.how, CaseResult::How::broken) << result.text << "\n" << describe(point);
  }
  fmt::print(
      "{} machines refused; {} runs, {} with chunks side by side; {} operations walked, {} "
      "on the reference machine\n",
      refused, runs, overlaps, walked, referenced);
  EXPECT_LE(refused, kMostRefused);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomMachines,
                         testing::Range(kFirstSeed, kFirstSeed + kSeeds, kSeedsOfATest));

TEST(RandomMachinesOne, ChosenSeed) {
  const char* seed = std::getenv("CHASM_SEED");
  if (seed == nullptr) GTEST_SKIP() << "set CHASM_SEED to run one case";
  const MachineCase point = machine_case(std::strtoull(seed, nullptr, 10));
  const CaseResult result = check_case(point);
  fmt::print("{}\n{}", result.text, describe(point));
  EXPECT_NE(result.how, CaseResult::How::broken);
}

TEST(RandomMachinesCover, EveryKeyOfTheSchema) {
  MachineCoverage coverage;
  for (std::uint64_t seed = kFirstSeed; seed < kFirstSeed + kSeeds; ++seed)
    if (const MachineCase point = machine_case(seed); point.arch) coverage.add(point.machine);
  EXPECT_EQ(coverage.missing(), "");
}

TEST(RandomMachinesCover, EveryTypeOfLayer) {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = kFirstSeed; seed < kFirstSeed + kSeeds; ++seed) {
    const MachineCase point = machine_case(seed);
    if (!point.arch) continue;
    for (const Layer& layer : point.network.layers)
      ++seen[fmt::format("{} {}", to_string(layer.type), to_string(layer.arithmetic))];
  }
  const Json schema = Json::parse(workload_schema());
  const Json& arithmetics = schema["definitions"]["arithmetic"]["enum"];
  for (const auto& [name, definition] : schema["definitions"].items()) {
    if (!name.starts_with("layer_") || name == "layer_name") continue;
    const std::string type = definition["properties"]["type"]["const"];
    const bool mac = definition["properties"].contains("arithmetic");
    for (const Json& arithmetic : mac ? arithmetics : Json{"none"}) {
      if (type == "matmul" && arithmetic == "shift") continue;  // it has no powers of two
      EXPECT_GE(seen[type + " " + arithmetic.get<std::string>()], 3) << type << " " << arithmetic;
    }
  }
}

}  // namespace
}  // namespace chasm
