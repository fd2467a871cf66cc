// The timing walk against the simulator over the shipped networks: every layer alone, under the
// mapper's mapping. Exact where the DRAM is ideal; the error where it has banks is printed.
#include <cmath>
#include <ctime>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mapper/map_network.h"
#include "mapper/lower.h"
#include "mapper/timing_walk.h"
#include "models/accelerator.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/shipped.h"

namespace chasm {
namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Layer {
  std::string name;
  std::uint64_t simulated, walked, events, steps, bursts;
  double simulation_s, walk_s;
  double error() const {
    return 100 * (static_cast<double>(walked) / static_cast<double>(simulated) - 1);
  }
};

std::uint64_t number_in(const std::string& text, std::size_t i) {
  std::istringstream stream(text);
  std::uint64_t value = 0;
  for (std::size_t n = 0; n <= i; ++n) stream >> value;
  return value;
}

void measure(const std::string& arch_name, const std::string& network_name,
             const std::vector<Override>& overrides, std::vector<Layer>& layers) {
  const ArchSpec arch = shipped_arch(arch_name, overrides);
  const Network network = shipped_network(network_name);
  Diagnostics problems;
  const auto mapping = map_network(arch, network, {}, problems);
  if (!mapping) return;  // a layer that no chunk can run
  const auto lowered = lower(arch, network, *mapping, problems);
  ASSERT_TRUE(lowered) << problems.to_string();
  for (const LoweredOperation& operation : lowered->operations) {
    const ChildResult child = in_child(
        [&] {
          const double begin = cpu_seconds();
          const JobResult result = run_jobs(arch, {{operation.chunk, &operation.program, 0}}).at(0);
          return fmt::format("{} {} {} {}", result.report.end, result.report.steps,
                             result.activity.dram_read_bursts + result.activity.dram_write_bursts,
                             static_cast<std::uint64_t>(1e9 * (cpu_seconds() - begin)));
        },
        600);
    ASSERT_TRUE(child.ok) << child.text;
    const double begin = cpu_seconds();
    const WalkedTiming walked = walk_timing(operation.program, arch.chunks[operation.chunk], arch);
    layers.push_back({arch_name + " " + network_name + " " + operation.program.operation.name,
                      number_in(child.text, 0), walked.cycles, walked.events,
                      number_in(child.text, 1), number_in(child.text, 2),
                      1e-9 * static_cast<double>(number_in(child.text, 3)), cpu_seconds() - begin});
    if (std::getenv("CHASM_LAYER") && operation.program.operation.name == std::getenv("CHASM_LAYER")) fmt::print("{}\n", print_program(operation.program));
    if (std::getenv("CHASM_VERBOSE")) {
      const Layer& l = layers.back();
      fmt::print(
          "{:60} {:10} {:+7.2f}% steps {:8} lines {:7} events {:8} sim {:9.3f} ms walk {:8.3f} ms "
          "{:6.1f}x\n",
          l.name, l.simulated, l.error(), l.steps, l.bursts, l.events, 1e3 * l.simulation_s,
          1e3 * l.walk_s, l.simulation_s / l.walk_s);
    }
  }
}

void print(const char* what, std::vector<Layer> layers) {
  std::sort(layers.begin(), layers.end(),
            [](const Layer& a, const Layer& b) { return a.error() < b.error(); });
  const auto at = [&](double share) {
    return layers[static_cast<std::size_t>(share * static_cast<double>(layers.size() - 1))].error();
  };
  double simulation = 0, walk = 0;
  std::vector<double> ratio;
  for (const Layer& l : layers) {
    simulation += l.simulation_s;
    walk += l.walk_s;
    ratio.push_back(l.simulation_s / l.walk_s);
  }
  std::sort(ratio.begin(), ratio.end());
  fmt::print(
      "{}: {} layers, error p0/p5/p50/p95/p100 {:+.2f}/{:+.2f}/{:+.2f}/{:+.2f}/{:+.2f} %; {} and "
      "{}; {:.3f} s simulated, {:.3f} s walked ({:.1f}x; median {:.1f}x, p5 {:.1f}x)\n",
      what, layers.size(), at(0), at(.05), at(.5), at(.95), at(1), layers.front().name,
      layers.back().name, simulation, walk, simulation / walk, ratio[ratio.size() / 2],
      ratio[ratio.size() / 20]);
}

class Zoo : public testing::TestWithParam<const char*> {};

TEST_P(Zoo, WalksAsItIsSimulated) {
  const char* only = std::getenv("CHASM_NETWORK");
  for (const bool ideal : {true, false}) {
    std::vector<Layer> layers;
    for (const char* network :
         {"toy_all_types", "toy_mixed3", "nasa_hybrid_all_b_cifar10", "resnet20_cifar10",
          "resnet18", "mobilenet_v2", "vgg16", "deit_tiny", "alexnet_grouped"}) {
      if (only && network != std::string(only)) continue;
      std::vector<Override> overrides;
      if (ideal) overrides = {{"dram.standard", "ideal"}};
      measure(GetParam(), network, overrides, layers);
    }
    print(ideal ? "ideal" : "banked", layers);
  }
}

INSTANTIATE_TEST_SUITE_P(Archs, Zoo,
                         testing::Values("nasa-45nm", "eyeriss-45nm-168", "tiny",
                                         "systolic-16x16"));

}  // namespace
}  // namespace chasm
