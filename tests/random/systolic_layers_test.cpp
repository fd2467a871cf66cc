// Systolic arrays of any size, dataflow and arithmetic compute strided, padded, dilated and grouped
// convolutions, linear layers and matrix products under any legal mapping: real values, compared
// with the golden arithmetic by the simulation itself.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/run/simulate.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/random_mapping.h"
#include "tests/support/shipped.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

constexpr std::uint64_t kSeedsOfATest = 20, kTests = 10;
constexpr std::array kArithmetic = {"multiply", "shift", "adder"};

std::uint32_t between(Rng& rng, std::int64_t low, std::int64_t high) {
  return static_cast<std::uint32_t>(rng.between(low, high));
}

std::string convolution(Rng& rng, const std::string& arithmetic) {
  const std::uint32_t groups = rng.below(3) == 0 ? between(rng, 2, 3) : 1;
  const std::uint32_t c = groups * between(rng, 1, 4), k = groups * between(rng, 1, 5);
  const std::uint32_t r = between(rng, 1, 3), s = between(rng, 1, 3);
  return fmt::format(
      R"({{"name":"l","type":"conv2d","arithmetic":"{}","inputs":["x"],"out_channels":{},
           "kernel":[{},{}],"stride":[{},{}],"padding":[{},{}],"dilation":[{},{}],"groups":{},
           "bias":{},"activation":"relu"}}|{{"name":"x","shape":[{},{},{}]}})",
      arithmetic, k, r, s, between(rng, 1, 3), between(rng, 1, 3), between(rng, 0, 2),
      between(rng, 0, 2), between(rng, 1, 2), between(rng, 1, 2), groups, rng.below(2) == 0, c,
      between(rng, 5, 9), between(rng, 5, 9));
}

std::string linear(Rng& rng, const std::string& arithmetic) {
  const std::uint32_t features = between(rng, 1, 20);
  return fmt::format(
      R"({{"name":"l","type":"linear","arithmetic":"{}","inputs":["x"],"in_features":{},
           "out_features":{}}}|{{"name":"x","shape":[{},{},1]}})",
      arithmetic, features, between(rng, 1, 20), features, between(rng, 1, 12));
}

std::string matmul(Rng& rng, const std::string& arithmetic) {
  const std::uint32_t heads = between(rng, 1, 2), features = heads * between(rng, 1, 6);
  return fmt::format(
      R"({{"name":"l","type":"matmul","arithmetic":"{}","inputs":["x","y"],"heads":{},
           "transpose_b":true}}|{{"name":"x","shape":[{},{},1]}},{{"name":"y","shape":[{},{},1]}})",
      arithmetic, heads, features, between(rng, 1, 9), features, between(rng, 1, 9));
}

Network random_layer(Rng& rng, const std::string& arithmetic) {
  const std::uint64_t kind = rng.below(6);
  // A product of two activations cannot shift.
  const std::string text = kind == 0                            ? linear(rng, arithmetic)
                           : kind == 1 && arithmetic != "shift" ? matmul(rng, arithmetic)
                                                                : convolution(rng, arithmetic);
  const std::size_t bar = text.find('|');
  return network_of(text.substr(bar + 1), text.substr(0, bar));
}

ArchSpec random_arch(Rng& rng, std::size_t arithmetic) {
  ArchSpec arch = shipped_arch("tiny");
  ChunkSpec& chunk = arch.chunks[arithmetic];
  chunk.interconnect = Interconnect::systolic;
  chunk.dataflow = static_cast<Dataflow>(rng.below(3));
  chunk.overlap_folds = rng.below(2) == 0;
  chunk.rows = between(rng, 1, 5);
  chunk.cols = between(rng, 1, 5);
  chunk.lanes = between(rng, 1, 2);
  chunk.bypass_global_buffer = {false, rng.below(2) == 0};
  chunk.double_buffered = {rng.below(2) == 0, rng.below(2) == 0, rng.below(2) == 0};
  chunk.register_file_words = {between(rng, 2, 24), between(rng, 2, 24), between(rng, 2, 24)};
  chunk.bus_words_per_cycle = {between(rng, 1, 5), between(rng, 1, 5), between(rng, 1, 5),
                               between(rng, 1, 5)};
  return arch;
}

class AnySystolicMapping : public testing::TestWithParam<std::uint64_t> {};

TEST_P(AnySystolicMapping, ComputesTheLayer) {
  for (std::uint64_t seed = GetParam(); seed < GetParam() + kSeedsOfATest; ++seed) {
    Rng rng(seed);
    const std::size_t arithmetic = seed % kArithmetic.size();
    const Network network = random_layer(rng, kArithmetic[arithmetic]);
    const ArchSpec arch = random_arch(rng, arithmetic);
    const Mapping mapping = random_mapping(arch, network, {2000}, rng);
    const ChildResult result = in_child(
        [&] {
          SimOptions options;
          options.functional = true;
          options.seed = seed;
          const RunResult run = simulate(arch, network, mapping, options);
          return std::string(run.operations == network.operations() ? "" : "operations differ");
        },
        60);
    EXPECT_TRUE(result.ok && result.text.empty()) << "seed " << seed << ": " << result.text << "\n"
                                                  << to_json(mapping).dump() << "\n"
                                                  << to_json(arch).dump();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnySystolicMapping,
                         testing::Range<std::uint64_t>(0, kTests* kSeedsOfATest, kSeedsOfATest));

}  // namespace
}  // namespace chasm
