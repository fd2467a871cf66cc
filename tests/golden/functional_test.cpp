// Functional mode on shipped networks: simulate() compares every output word with the golden
// arithmetic and every count of words with its own, and throws on the first difference; so to
// finish is to agree. Cycles must not depend on the mode.
#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/error.h"
#include "mapper/greedy.h"
#include "sim/run/simulate.h"
#include "tests/support/single_layer.h"

namespace chasm {
namespace {

ArchSpec load_arch(const std::string& name) {
  Diagnostics diagnostics;
  const auto document = load_arch_document(name, {}, diagnostics);
  const auto arch = document ? read_arch(*document, diagnostics) : std::nullopt;
  EXPECT_TRUE(arch) << diagnostics.to_string();
  return *arch;
}

Network load_net(const std::string& name) {
  Diagnostics diagnostics;
  const auto network = load_network(name, diagnostics);
  EXPECT_TRUE(network) << diagnostics.to_string();
  return *network;
}

RunResult run(const ArchSpec& arch, const Network& network, bool functional) {
  Diagnostics diagnostics;
  const auto mapping = map_network(arch, network, {}, diagnostics);
  EXPECT_TRUE(mapping) << diagnostics.to_string();
  SimOptions options;
  options.functional = functional;
  return simulate(arch, network, *mapping, options);
}

struct Case {
  const char* arch;
  const char* network;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.network << " on " << c.arch; }

class WholeNetwork : public testing::TestWithParam<Case> {};

TEST_P(WholeNetwork, AgreesWithGolden) {
  const Network network = load_net(GetParam().network);
  const RunResult result = run(load_arch(GetParam().arch), network, true);
  EXPECT_EQ(result.operations.total(), network.operations().total() * network.batch);
}

#ifdef CHASM_LONG_TESTS
INSTANTIATE_TEST_SUITE_P(Cifar, WholeNetwork,
                         testing::Values(Case{"nasa-45nm", "nasa_fbnet_conv_cifar10"},
                                         Case{"nasa-45nm", "nasa_hybrid_adder_a_cifar10"},
                                         Case{"nasa-45nm", "nasa_hybrid_all_b_cifar10"},
                                         Case{"nasa-45nm", "nasa_hybrid_all_repo_cifar10"},
                                         Case{"nasa-45nm", "nasa_hybrid_shift_a_cifar10"},
                                         Case{"nasa-45nm", "nasa_mostly_shift_cifar10"},
                                         Case{"nasa-45nm", "resnet20_addernet_cifar10"},
                                         Case{"nasa-45nm", "mobilenet_v2_addernet_cifar10"},
                                         Case{"nasa-45nm", "mobilenet_v2_deepshift_cifar10"},
                                         Case{"eyeriss-65nm", "resnet20_cifar10"},
                                         Case{"eyeriss-45nm-168", "nasa_fbnet_conv_cifar10"},
                                         Case{"systolic-16x16", "resnet20_cifar10"}));

// One layer of each type and arithmetic of every larger network: the one with the fewest
// operations.
class LayersOf : public testing::TestWithParam<std::tuple<std::string, int>> {};

TEST_P(LayersOf, AgreeWithGolden) {
  const Network network = load_net(std::get<0>(GetParam()));
  std::map<std::pair<LayerType, Arithmetic>, std::vector<std::pair<std::uint64_t, std::size_t>>>
      kinds;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    kinds[{layer.type, layer.arithmetic}].emplace_back(layer.operations + layer.out_shape.size(),
                                                       l);
  }
  const std::size_t index = static_cast<std::size_t>(std::get<1>(GetParam()));
  if (index >= kinds.size()) GTEST_SKIP() << "has " << kinds.size() << " kinds of layers";
  auto layers = std::next(kinds.begin(), static_cast<std::ptrdiff_t>(index))->second;
  std::sort(layers.begin(), layers.end());
  const Network single = single_layer_network(network, layers.front().second);
  SCOPED_TRACE(single.name);
  const RunResult result = run(load_arch("nasa-45nm"), single, true);
  EXPECT_EQ(result.operations.total(), single.operations().total() * single.batch);
}

INSTANTIATE_TEST_SUITE_P(Large, LayersOf,
                         testing::Combine(testing::Values(std::string("alexnet_eyeriss_conv"),
                                                          "bert_base_layer_seq128", "deit_tiny",
                                                          "mobilenet_v2", "resnet18", "resnet50",
                                                          "vgg16", "shiftaddnas_t0_mix_v3_224_nose",
                                                          "shiftaddnas_t0_mix_v4_224_nose"),
                                          testing::Range(0, 10)));
#else
INSTANTIATE_TEST_SUITE_P(Small, WholeNetwork,
                         testing::Values(Case{"tiny", "toy_mixed3"}, Case{"tiny", "toy_all_types"},
                                         Case{"nasa-45nm", "toy_mixed3"},
                                         Case{"nasa-45nm", "toy_all_types"},
                                         Case{"nasa-45nm", "resnet20_deepshift_cifar10"}));

std::uint64_t cycles(bool functional) {
  return run(load_arch("tiny"), load_net("toy_all_types"), functional).cycles;
}

// One simulation a process: each mode in a child of its own.
TEST(FunctionalMode, TakesTheSameCycles) {
  const auto in_child = [](bool functional) {
    int pipes[2];
    EXPECT_EQ(pipe(pipes), 0);
    if (fork() == 0) {
      const std::uint64_t count = cycles(functional);
      const bool written = write(pipes[1], &count, sizeof count) == sizeof count;
      std::_Exit(written ? 0 : 1);
    }
    std::uint64_t count = 0;
    EXPECT_EQ(read(pipes[0], &count, sizeof count), static_cast<ssize_t>(sizeof count));
    return count;
  };
  const std::uint64_t timing = in_child(false), functional = in_child(true);
  EXPECT_GT(timing, 0U);
  EXPECT_EQ(timing, functional);
}
#endif

}  // namespace
}  // namespace chasm
