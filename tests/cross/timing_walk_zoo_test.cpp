// The timing walk against the simulator over the shipped networks: every layer alone, under the
// mapper's own mapping. Equal where the DRAM is ideal, near where it has banks; and how much sooner
// it is done, in CPU time.
#include <ctime>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mapper/lower.h"
#include "mapper/map_network.h"
#include "mapper/timing_walk.h"
#include "models/accelerator.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/shipped.h"

namespace chasm {
namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Layer {
  std::string name;
  std::uint64_t simulated = 0, walked = 0;
  double simulation_s = 0, walk_s = 0;
  double error() const {
    return 100 * (static_cast<double>(walked) / static_cast<double>(simulated) - 1);
  }
  double speedup() const { return simulation_s / walk_s; }
};

Layer measure(const ArchSpec& arch, const LoweredOperation& operation) {
  Layer layer;
  const ChildResult child = in_child(
      [&] {
        const double begin = cpu_seconds();
        const JobResult result = run_jobs(arch, {{operation.chunk, &operation.program, 0}}).at(0);
        return fmt::format("{} {}", result.report.end, cpu_seconds() - begin);
      },
      600);
  EXPECT_TRUE(child.ok) << child.text;
  std::istringstream(child.text) >> layer.simulated >> layer.simulation_s;
  const double begin = cpu_seconds();
  layer.walked = walk_cycles(operation.program, arch.chunks[operation.chunk], arch);
  layer.walk_s = std::max(cpu_seconds() - begin, 1e-6);  // the clock ticks in microseconds
  return layer;
}

std::vector<Layer> layers_of(const ArchSpec& arch, const std::string& network_name) {
  std::vector<Layer> layers;
  const Network network = shipped_network(network_name);
  Diagnostics problems;
  const auto mapping = map_network(arch, network, {}, problems);
  if (!mapping) return {};  // a layer that no chunk of this machine can run
  const auto lowered = lower(arch, network, *mapping, problems);
  EXPECT_TRUE(lowered) << problems.to_string();
  for (const LoweredOperation& operation : lowered->operations) {
    layers.push_back(measure(arch, operation));
    layers.back().name = network_name + "/" + operation.program.operation.name;
  }
  return layers;
}

// Prints the distribution; the largest error at either end of the middle 90 %.
double summarize(const std::string& what, std::vector<Layer> layers) {
  const auto at = [&](double share) -> const Layer& {
    return layers[static_cast<std::size_t>(share * static_cast<double>(layers.size() - 1))];
  };
  double simulation = 0, walk = 0;
  for (const Layer& l : layers) simulation += l.simulation_s, walk += l.walk_s;
  const auto by = [&](auto key) {
    std::sort(layers.begin(), layers.end(),
              [&](const Layer& a, const Layer& b) { return key(a) < key(b); });
  };
  by([](const Layer& l) { return l.walk_s; });
  fmt::print(
      "{}: {} layers, walked in {:.2f} ms (p50), {:.2f} ms (p95); {:.1f} s simulated, {:.2f} s "
      "walked",
      what, layers.size(), 1e3 * at(.5).walk_s, 1e3 * at(.95).walk_s, simulation, walk);
  by([](const Layer& l) { return l.speedup(); });
  fmt::print(": {:.1f}x (layers p5/p50/p95 {:.1f}x/{:.1f}x/{:.1f}x)\n", simulation / walk,
             at(.05).speedup(), at(.5).speedup(), at(.95).speedup());
  by([](const Layer& l) { return l.error(); });
  fmt::print(
      "    error p0/p5/p50/p95/p100 {:+.2f}/{:+.2f}/{:+.2f}/{:+.2f}/{:+.2f} %, from {} to {}\n",
      at(0).error(), at(.05).error(), at(.5).error(), at(.95).error(), at(1).error(), at(0).name,
      at(1).name);
  return std::max(-at(.05).error(), at(.95).error());
}

class TimingWalkOfZoo : public testing::TestWithParam<const char*> {};

TEST_P(TimingWalkOfZoo, IsTheSimulation) {
  for (const bool ideal : {true, false}) {
    std::vector<Override> overrides;
    if (ideal) overrides.push_back({"dram.standard", "ideal"});
    const ArchSpec arch = shipped_arch(GetParam(), overrides);
    std::vector<Layer> layers;
    for (const std::string& name : zoo_names())
      for (Layer& layer : layers_of(arch, name)) layers.push_back(std::move(layer));
    ASSERT_FALSE(layers.empty());
    const double error =
        summarize(std::string(GetParam()) + (ideal ? ", ideal DRAM" : ", DRAM with banks"), layers);
    EXPECT_LE(error, 5);
    if (!ideal) continue;
    for (const Layer& layer : layers) EXPECT_EQ(layer.walked, layer.simulated) << layer.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Archs, TimingWalkOfZoo, testing::Values("nasa-45nm", "eyeriss-45nm-168"));

}  // namespace
}  // namespace chasm
