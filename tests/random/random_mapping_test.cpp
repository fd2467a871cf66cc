// Any legal mapping computes the network: random loops, orders, spatial factors and buffer tiles,
// with or without tensors kept on chip, run with real values. The simulation itself compares every
// layer with the golden arithmetic and checks that every operation was executed once.
#include "tests/support/random_mapping.h"

#include <gtest/gtest.h>

#include "sim/run/simulate.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/shipped.h"

namespace chasm {
namespace {

class AnyLegalMapping : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(AnyLegalMapping, ComputesTheNetwork) {
  const auto [arch_name, network_name] = GetParam();
  const ArchSpec arch = shipped_arch(arch_name);
  const Network network = shipped_network(network_name);
  for (std::uint64_t seed = 0; seed < 15; ++seed) {
    Rng rng(seed);
    SimOptions options;
    // In every other case with part of the buffer for kept tensors.
    if (seed % 2 == 1)
      options.keep_on_chip_bytes = rng.below(arch.global_buffer.capacity_bytes / 2);
    const ArchSpec tiles = arch_for_tiles(arch, options.keep_on_chip_bytes);
    const Mapping mapping = random_mapping(tiles, network, {}, rng);
    options.functional = true;
    options.seed = seed;
    const ChildResult result = in_child(
        [&] {
          const RunResult run = simulate(arch, network, mapping, options);
          return std::string(run.operations == network.operations() ? "" : "operations differ");
        },
        120);
    EXPECT_TRUE(result.ok && result.text.empty()) << "seed " << seed << ": " << result.text << "\n"
                                                  << to_json(mapping).dump();
  }
}

INSTANTIATE_TEST_SUITE_P(Toys, AnyLegalMapping,
                         testing::Combine(testing::Values("tiny", "nasa-45nm"),
                                          testing::Values("toy_mixed3", "toy_all_types")));

}  // namespace
}  // namespace chasm
