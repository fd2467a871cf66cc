#include "mapper/greedy.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "mapper/cost_model.h"
#include "mapper/lower.h"

namespace chasm {
namespace {

ArchSpec preset(const std::string& name) {
  Diagnostics diagnostics;
  const std::optional<Document> document = load_arch_document(name, {}, diagnostics);
  std::optional<ArchSpec> arch;
  if (document) arch = read_arch(*document, diagnostics);
  EXPECT_TRUE(arch) << diagnostics.to_string();
  return arch ? *arch : ArchSpec{};
}

bool can_run(const ArchSpec& arch, const Network& network) {
  for (const Layer& layer : network.layers) {
    bool found = false;
    for (const ChunkSpec& chunk : arch.chunks) found = found || chunk.runs(layer.arithmetic);
    if (!found) return false;
  }
  return true;
}

class GreedyOnPreset : public testing::TestWithParam<std::string> {};

TEST_P(GreedyOnPreset, MapsEveryNetworkOfTheZooItCanRun) {
  const ArchSpec arch = preset(GetParam());
  for (const std::string& name : zoo_names()) {
    Diagnostics diagnostics;
    const std::optional<Network> network = load_network(name, diagnostics);
    ASSERT_TRUE(network) << diagnostics.to_string();
    const auto begin = std::chrono::steady_clock::now();
    const std::optional<Mapping> mapping = map_network(arch, *network, {}, diagnostics);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    EXPECT_EQ(mapping.has_value(), can_run(arch, *network)) << name << "\n" << diagnostics.to_string();
    if (!mapping) continue;
    const std::optional<Lowered> lowered = lower(arch, *network, *mapping, diagnostics);
    ASSERT_TRUE(lowered) << name << "\n" << diagnostics.to_string();
    double cycles = 0, steps = 0, ideal = 0;
    for (const LoweredOperation& operation : lowered->operations) {
      const ChunkSpec& chunk = arch.chunks[operation.chunk];
      const CostModel model(operation.program, chunk, arch);
      const Cost cost = model.evaluate(to_nest(operation.program));
      cycles += cost.cycles, steps += cost.steps;
      ideal += static_cast<double>(operation.program.operation.iterations()) / static_cast<double>(chunk.pes() * chunk.lanes);
      if (getenv("VERBOSE")) printf("  %-20s %-4s it %9.0f ideal %9.0f cyc %9.0f util %.2f steps %8.0f issue %9.0f\n", operation.program.operation.name.c_str(), chunk.name.c_str(), (double)operation.program.operation.iterations(), (double)operation.program.operation.iterations()/(double)(chunk.pes()*chunk.lanes), cost.cycles, (double)operation.program.operation.iterations()/(double)(chunk.pes()*chunk.lanes)/cost.cycles, cost.steps, cost.issue_cycles);
    }
    printf("%-20s %-40s %.3f s  cycles %.3g ideal %.3g util %.2f steps %.3g cycles/step %.1f\n", arch.name.c_str(), name.c_str(), seconds, cycles, ideal, ideal / cycles, steps, cycles / steps);
  }
}

INSTANTIATE_TEST_SUITE_P(Presets, GreedyOnPreset, testing::ValuesIn(preset_names()));

}  // namespace
}  // namespace chasm
