#include "mapper/map_network.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "models/program/verify.h"
#include "mapper/assign.h"
#include "mapper/cost_model.h"
#include "mapper/lower.h"
#include "tests/unit/mapper/support.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

bool can_run(const ArchSpec& arch, const Network& network) {
  return std::all_of(network.layers.begin(), network.layers.end(), [&](const Layer& layer) {
    return std::any_of(arch.chunks.begin(), arch.chunks.end(),
                       [&](const ChunkSpec& chunk) { return chunk.runs(layer.arithmetic); });
  });
}

struct Estimate {
  double cycles = 0, steps = 0, energy = 0;
};
Estimate estimate(const ArchSpec& arch, const Lowered& lowered) {
  Estimate sum;
  for (const LoweredOperation& operation : lowered.operations) {
    const CostModel model(operation.program, arch.chunks[operation.chunk], arch);
    const Cost cost = model.evaluate(to_nest(operation.program));
    sum.cycles += cost.cycles, sum.steps += cost.steps, sum.energy += cost.energy;
  }
  return sum;
}

class GreedyOnPreset : public testing::TestWithParam<std::string> {};

TEST_P(GreedyOnPreset, MapsEveryNetworkOfTheZooItCanRun) {
  const ArchSpec arch = preset(GetParam());
  for (const std::string& name : zoo_names()) {
    const Network network = zoo(name);
    Diagnostics diagnostics;
    const std::optional<Mapping> mapping = map_network(arch, network, {}, diagnostics);
    ASSERT_EQ(mapping.has_value(), can_run(arch, network)) << name << "\n"
                                                           << diagnostics.to_string();
    if (!mapping) {
      EXPECT_TRUE(diagnostics.only_infeasible()) << name;
      continue;
    }
    // Lowering verifies every program.
    const std::optional<Lowered> lowered = lower(arch, network, *mapping, diagnostics);
    ASSERT_TRUE(lowered) << name << "\n" << diagnostics.to_string();
    if (arch.name == "tiny") continue;  // its arrays are smaller than a sensible step
    const Estimate sum = estimate(arch, *lowered);
    EXPECT_GT(sum.cycles, 30 * sum.steps) << name << ": steps are tens of cycles long";
  }
}

INSTANTIATE_TEST_SUITE_P(Presets, GreedyOnPreset, testing::ValuesIn(preset_names()));

TEST(Greedy, EachObjectiveIsBestAtItsOwn) {
  const ArchSpec arch = preset("nasa-45nm");
  const Network network = zoo("resnet20_deepshift_cifar10");
  std::array<Estimate, 3> sums;
  for (const Objective objective : {Objective::edp, Objective::latency, Objective::energy}) {
    Diagnostics diagnostics;
    MapOptions options;
    options.objective = objective;
    const std::optional<Mapping> mapping = map_network(arch, network, options, diagnostics);
    ASSERT_TRUE(mapping) << diagnostics.to_string();
    const std::optional<Lowered> lowered = lower(arch, network, *mapping, diagnostics);
    ASSERT_TRUE(lowered) << diagnostics.to_string();
    sums[static_cast<std::size_t>(objective)] = estimate(arch, *lowered);
  }
  const auto& [edp, latency, energy] = sums;
  EXPECT_LT(latency.cycles, edp.cycles);
  EXPECT_LT(energy.energy, edp.energy);
  EXPECT_LT(edp.cycles * edp.energy, latency.cycles * latency.energy);
  EXPECT_LT(edp.cycles * edp.energy, energy.cycles * energy.energy);
}

TEST(Greedy, SideBySideEveryChunkKeepsToItsShareOfTheBuffer) {
  const ArchSpec arch = preset("nasa-45nm");
  const Network network = zoo("nasa_hybrid_all_b_cifar10");  // runs on all four chunks
  Diagnostics diagnostics;
  MapOptions options;
  options.side_by_side = true;
  const auto mapped = search_network(arch, network, options, diagnostics);
  ASSERT_TRUE(mapped) << diagnostics.to_string();
  std::uint64_t all = 0;
  for (const std::uint64_t share : mapped->buffer_bytes) all += share;
  EXPECT_LE(all, arch.global_buffer.capacity_bytes);
  const auto lowered = lower(arch, network, mapped->mapping(arch), diagnostics);
  ASSERT_TRUE(lowered) << diagnostics.to_string();
  for (const LoweredOperation& operation : lowered->operations) {
    std::uint64_t bytes = 0;
    for (const Operand o : kAllOperands) {
      bytes += buffer_bytes(operation.program, o, arch.global_buffer.word_bytes);
    }
    EXPECT_LE(bytes, mapped->buffer_bytes[operation.chunk]) << operation.program.operation.name;
  }
}

TEST(Greedy, IsDeterministic) {
  const ArchSpec arch = preset("nasa-45nm");
  const Network network = zoo("toy_all_types");
  Diagnostics diagnostics;
  const auto first = map_network(arch, network, {}, diagnostics);
  const auto second = map_network(arch, network, {}, diagnostics);
  ASSERT_TRUE(first && second) << diagnostics.to_string();
  EXPECT_EQ(to_json(*first).dump(), to_json(*second).dump());
}

// Row-stationary loops leave the quick search little: on some layers it takes hundreds of times the
// cycles, and a simulation of that would take minutes.
TEST(Greedy, NoFinalistIsHopeless) {
  ArchSpec arch = preset("nasa-45nm");
  arch.global_buffer.capacity_bytes = 8192;
  const Network network = network_of(
      R"({"name":"x","shape":[672,8,8]})",
      R"({"name":"pw","type":"conv2d","inputs":["x"],"out_channels":112,"kernel":[1,1],"arithmetic":"multiply"})");
  MapOptions options;
  options.method = SearchMethod::anneal;
  options.budget.evaluations = 5000;
  options.finalists = 3;
  options.dataflow = LoopDataflow::rs;
  std::size_t jobs_seen = 0;
  double worst = 0;
  options.verify = [&](const std::vector<MappedJob>& jobs) {
    jobs_seen = jobs.size();
    for (const MappedJob& job : jobs)
      for (const Candidate& candidate : job.result.best)
        worst = std::max(worst, candidate.score / job.result.best.front().score);
    return std::vector<std::size_t>(jobs.size(), 0);
  };
  Diagnostics diagnostics;
  ASSERT_TRUE(map_network(arch, network, options, diagnostics)) << diagnostics.to_string();
  EXPECT_EQ(jobs_seen, 1U);
  EXPECT_LE(worst, 4);
}

// Machines of every odd shape: a mapping that verifies, or a reason that names what is lacking.
TEST(Greedy, RandomMachinesGetALegalMappingOrAReason) {
  const Network network = zoo("toy_all_types");
  Rng rng(3);
  std::size_t mapped = 0, refused = 0;
  for (int i = 0; i < 150; ++i) {
    ArchSpec arch = preset("tiny");
    const auto any = [&](std::uint64_t low, std::uint64_t high) {
      return static_cast<std::uint32_t>(low + rng.below(high - low + 1));
    };
    arch.global_buffer.word_bytes = 1U << rng.below(5);
    arch.global_buffer.capacity_bytes = any(8, rng.below(2) == 0 ? 128 : 3000);
    for (ChunkSpec& chunk : arch.chunks) {
      chunk.rows = any(1, 9), chunk.cols = any(1, 9), chunk.lanes = any(1, 4);
      chunk.register_file_words = {any(1, 20), any(1, 40), any(1, 20)};
      chunk.double_buffered = {rng.below(2) == 0, rng.below(2) == 0, rng.below(2) == 0};
      chunk.bypass_global_buffer = {rng.below(2) == 0, rng.below(2) == 0};
      chunk.spatial_reduction = static_cast<SpatialReduction>(rng.below(3));
      if (chunk.pe_kind != PeKind::vector && rng.below(3) == 0) {
        chunk.interconnect = Interconnect::systolic;
        chunk.dataflow = static_cast<Dataflow>(rng.below(3));
        chunk.bypass_global_buffer.input = false;
      }
    }
    Diagnostics diagnostics;
    const auto mapping = map_network(arch, network, {}, diagnostics);
    if (!mapping) {
      ++refused;
      ASSERT_TRUE(diagnostics.only_infeasible());
      const std::string text = diagnostics.to_string();
      EXPECT_TRUE(text.find("register file of chunk") != std::string::npos ||
                  text.find("too few") != std::string::npos)
          << text;
      continue;
    }
    ++mapped;
    ASSERT_TRUE(lower(arch, network, *mapping, diagnostics)) << diagnostics.to_string();
  }
  EXPECT_GT(mapped, 30U);
  EXPECT_GT(refused, 10U);
}

TEST(Greedy, ALayerNoChunkRunsIsInfeasible) {
  const ArchSpec arch = preset("eyeriss-45nm-168");
  Diagnostics diagnostics;
  EXPECT_FALSE(map_network(arch, zoo("toy_mixed3"), {}, diagnostics));
  EXPECT_TRUE(diagnostics.only_infeasible());
  const std::string text = diagnostics.to_string();
  EXPECT_NE(text.find("arithmetic shift) can run on no chunk of eyeriss-45nm-168; its chunks:"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("add a chunk of arithmetic \"shift\""), std::string::npos) << text;
}

TEST(Greedy, ABufferTooSmallNamesTheBytesThatLack) {
  ArchSpec arch = preset("tiny");
  arch.global_buffer.capacity_bytes = 8;
  Diagnostics diagnostics;
  const Network network = network_of(R"({"name":"x","shape":[4,4,4]})",
                                     R"({"name":"relu_add","type":"add","inputs":["x","x"]})");
  EXPECT_FALSE(map_network(arch, network, {}, diagnostics));
  EXPECT_TRUE(diagnostics.only_infeasible());
  // One word of each operand in words of four bytes.
  EXPECT_NE(diagnostics.to_string().find(
                "the buffer tiles take 12 bytes (input 4 in 1 tile, weight 4 in 1 "
                "tile, output 4 in 1 tile), the global buffer has 8: 4 too few"),
            std::string::npos)
      << diagnostics.to_string();
}

TEST(Assign, SpreadsLayersOfAnArithmeticOverItsChunksByLoad) {
  ArchSpec arch = preset("tiny");
  ChunkSpec second = arch.chunks[0];
  second.name = "MUL2";
  second.rows = 1;
  second.cols = 2;  // a third of the PEs of MUL
  arch.chunks.push_back(second);
  std::string layers;
  for (int i = 0; i < 8; ++i) {
    const std::string input = i == 0 ? "x" : "l" + std::to_string(i - 1);
    layers += std::string(i == 0 ? "" : ",") + R"({"name":"l)" + std::to_string(i) +
              R"(","type":"linear","arithmetic":"multiply","inputs":[")" + input +
              R"("],"in_features":16,"out_features":16})";
  }
  Diagnostics diagnostics;
  const auto chunks =
      assign_chunks(arch, network_of(R"({"name":"x","shape":[16,1,1]})", layers), diagnostics);
  ASSERT_TRUE(chunks);
  EXPECT_EQ(*chunks, (std::vector<std::uint32_t>{0, 4, 0, 0, 0, 4, 0, 0}));
}

}  // namespace
}  // namespace chasm
