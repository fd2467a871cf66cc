// Functional mode on shipped networks, under three different mappings each: simulate() compares
// every output word with the golden arithmetic and every count of words with its own, and throws on
// the first difference; so to finish is to agree. Cycles must not depend on the mode.
#include <algorithm>
#include <map>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "sim/run/simulate.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/random_mapping.h"
#include "tests/support/shipped.h"
#include "tests/support/single_layer.h"

namespace chasm {
namespace {

constexpr unsigned kSeconds = 280;  // of one simulation
// A random mapping of more steps than these would take long; few layers need more.
constexpr RandomMappingOptions kRandom{20'000};

struct Case {
  const char* arch;
  std::string network;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.network << " on " << c.arch; }

std::string simulate_values(const ArchSpec& arch, const Network& network, const Mapping& mapping) {
  SimOptions options;
  options.functional = true;
  const RunResult result = simulate(arch, network, mapping, options);
  const std::uint64_t all = network.operations().total() * network.batch;
  return result.operations.total() == all ? "" : "operations differ";
}

void expect_golden_values(const ArchSpec& arch, const Network& network, std::uint64_t seed) {
  Rng rng(seed);
  for (const Mapping& mapping : different_mappings(arch, network, kRandom, rng)) {
    const ChildResult child =
        in_child([&] { return simulate_values(arch, network, mapping); }, kSeconds);
    EXPECT_TRUE(child.ok && child.text.empty())
        << network.name << " on " << arch.name << ": " << child.text << "\n"
        << (network.layers.size() == 1 ? to_json(mapping).dump() : "");
  }
}

class WholeNetwork : public testing::TestWithParam<Case> {};

TEST_P(WholeNetwork, AgreesWithGolden) {
  expect_golden_values(shipped_arch(GetParam().arch), shipped_network(GetParam().network), 1);
}

// Layers of larger networks, ten of each: one of every type and arithmetic, then any others, drawn
// at random. Where a layer has very many operations some of its rows are left out.
constexpr std::size_t kLayersOfANetwork = 10;
#ifdef CHASM_LONG_TESTS
constexpr std::uint64_t kMostOperations = 3'000'000;
#else
constexpr std::uint64_t kMostOperations = 300'000;
#endif

std::vector<std::size_t> drawn_layers(const Network& network, Rng& rng) {
  std::vector<std::size_t> order(network.layers.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
  std::map<std::pair<LayerType, Arithmetic>, std::size_t> seen;
  const auto is_first = [&](std::size_t l) {
    return seen[{network.layers[l].type, network.layers[l].arithmetic}]++ == 0;
  };
  std::stable_partition(order.begin(), order.end(), is_first);
  order.resize(std::min(order.size(), kLayersOfANetwork));
  return order;
}

class LayersOf : public testing::TestWithParam<Case> {};

TEST_P(LayersOf, AgreeWithGolden) {
  const ArchSpec arch = shipped_arch(GetParam().arch);
  const Network network = shipped_network(GetParam().network);
  Rng rng(1);
  for (const std::size_t layer : drawn_layers(network, rng))
    expect_golden_values(
        arch, cropped_layer_network(single_layer_network(network, layer), kMostOperations), layer);
}

std::string test_name(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.network + "_on_" + info.param.arch;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

#ifdef CHASM_LONG_TESTS
// Every shipped network for CIFAR, and every larger one, also those to come.
std::vector<Case> cases_on(const char* arch, bool cifar) {
  std::vector<Case> cases;
  for (const std::string& name : zoo_names())
    if (name.rfind("toy_", 0) != 0 && (name.find("cifar10") != std::string::npos) == cifar)
      cases.push_back({arch, name});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Cifar, WholeNetwork, testing::ValuesIn(cases_on("nasa-45nm", true)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(OtherMachines, WholeNetwork,
                         testing::Values(Case{"eyeriss-65nm", "resnet20_cifar10"},
                                         Case{"eyeriss-45nm-168", "nasa_fbnet_conv_cifar10"},
                                         Case{"systolic-16x16", "resnet20_cifar10"}),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Large, LayersOf, testing::ValuesIn(cases_on("nasa-45nm", false)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(LargeSystolic, LayersOf,
                         testing::Values(Case{"systolic-16x16", "mobilenet_v2"},
                                         Case{"systolic-16x16", "alexnet_grouped"}),
                         test_name);
#else
INSTANTIATE_TEST_SUITE_P(Small, WholeNetwork,
                         testing::Values(Case{"tiny", "toy_mixed3"}, Case{"tiny", "toy_all_types"},
                                         Case{"nasa-45nm", "toy_mixed3"},
                                         Case{"nasa-45nm", "toy_all_types"}),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Small, LayersOf, testing::Values(Case{"nasa-45nm", "deit_tiny"}),
                         test_name);

// One simulation a process: each mode in a child of its own.
TEST(FunctionalMode, TakesTheSameCycles) {
  const ArchSpec arch = shipped_arch("tiny");
  const Network network = shipped_network("toy_all_types");
  Rng rng(1);
  const Mapping mapping = random_mapping(arch, network, {}, rng);
  const auto cycles = [&](bool functional) {
    const ChildResult child = in_child(
        [&] {
          SimOptions options;
          options.functional = functional;
          return std::to_string(simulate(arch, network, mapping, options).cycles);
        },
        kSeconds);
    EXPECT_TRUE(child.ok) << child.text;
    return child.text;
  };
  const std::string timing = cycles(false);
  EXPECT_GT(std::stoull(timing), 0U);
  EXPECT_EQ(timing, cycles(true));
}
#endif

}  // namespace
}  // namespace chasm
