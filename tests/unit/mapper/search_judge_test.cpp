// Searches that weigh energies as told, and that score mappings by another's judgement.
#include <gtest/gtest.h>

#include "mapper/build_program.h"
#include "mapper/search.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

struct SmallCase {
  ArchSpec arch;
  Program program;

  SmallCase() {
    ChunkSpec chunk;
    chunk.rows = chunk.cols = 2;
    chunk.register_file_words = {4, 8, 2};
    arch.global_buffer.capacity_bytes = 256;
    arch.chunks = {chunk};
    const Network network = network_of(R"({"name":"x","shape":[2,6,1]})",
                                       R"({"name":"c","type":"conv2d","inputs":["x"],
        "arithmetic":"multiply","out_channels":4,"kernel":[3,1],"stride":[1,1],"padding":[0,0]})");
    program =
        build_program(operations_of(network, 0).at(0), chunk, limits_of(chunk, arch.global_buffer),
                      {}, plan_quantization(network, {widths_of(chunk)}));
  }
  SearchResult run(const SearchOptions& options) const {
    const auto result = search(program, arch.chunks[0], arch, options);
    EXPECT_TRUE(result);
    return result.value_or(SearchResult{});
  }
};

double dram_words(const Cost& cost) {
  return cost.dram_words[0] + cost.dram_words[1] + cost.dram_words[2] + 2 * cost.psum_load_words;
}

TEST(SearchJudge, ReplacesTheObjective) {
  const SmallCase small;
  SearchOptions options;
  options.method = SearchMethod::exhaustive;
  options.judge = [](const LoopNest& nest, const Cost& cost) {
    // Few words of DRAM, in as many steps as there are.
    return dram_words(cost) - 1e-6 * cost.steps * static_cast<double>(nest.count);
  };
  const SearchResult whole = small.run(options);
  EXPECT_TRUE(whole.complete);
  const Candidate& best = whole.best.at(0);
  EXPECT_EQ(best.score, options.judge(best.nest, best.cost));
  // 12 inputs, 24 weights and 16 outputs; nothing on the array, one iteration a step.
  EXPECT_EQ(dram_words(best.cost), 12 + 24 + 16);
  EXPECT_EQ(best.cost.steps, 96);
  for (const auto method : {SearchMethod::bnb, SearchMethod::anneal}) {
    options.method = method;
    EXPECT_EQ(small.run(options).best.at(0).score, best.score);
  }
}

// Of 8-bit words and 16-bit sums that go out and come back.
double network_energy(const Cost& cost) {
  const double outputs = cost.bus_words[2] - cost.psum_in_words;
  return (cost.bus_words[0] + cost.bus_words[1] + outputs) / 2 + 2 * cost.psum_in_words;
}

TEST(SearchWeights, DecideWhatIsBest) {
  const SmallCase small;
  SearchOptions options;
  options.objective = Objective::energy;
  const auto best = [&](SearchMethod method, const LevelEnergies& levels) {
    options.method = method;
    options.weights = energy_weights(small.program, levels);
    return small.run(options).best.at(0).cost;
  };
  const LevelEnergies of_network{0, 0, 1, 0, 0}, of_dram{0, 0, 0, 0, 1};
  const Cost network = best(SearchMethod::exhaustive, of_network);
  const Cost dram = best(SearchMethod::exhaustive, of_dram);
  EXPECT_EQ(network.energy, network_energy(network));
  EXPECT_LE(network.energy, network_energy(dram));
  EXPECT_EQ(dram.energy, dram.dram_lines() * 32);
  EXPECT_LE(dram.dram_lines(), network.dram_lines());
  EXPECT_EQ(best(SearchMethod::bnb, of_network).energy, network.energy);
  EXPECT_EQ(best(SearchMethod::bnb, of_dram).energy, dram.energy);
}

}  // namespace
}  // namespace chasm
