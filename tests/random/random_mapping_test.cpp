// Any legal mapping computes the network: random loops, orders, spatial factors and buffer tiles,
// with or without tensors kept on chip, run with real values. The simulation itself compares every
// layer with the golden arithmetic and checks that every operation was executed once.
#include <algorithm>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "mapper/assign.h"
#include "mapper/build_program.h"
#include "mapper/lower.h"
#include "sim/run/simulate.h"
#include "tests/support/oracle/in_child.h"

namespace chasm {
namespace {

// Factors of every dimension at each level but DRAM, which covers the rest.
struct Factors {
  DimArray<std::uint64_t> buffer = ones(), x = ones(), y = ones(), rf = ones();
};

class RandomMapping {
 public:
  RandomMapping(const Operation& operation, const ChunkSpec& chunk, const ArchSpec& arch,
                const QuantizationPlan& plan, Rng& rng)
      : operation_(operation),
        chunk_(chunk),
        limits_(limits_of(chunk, arch.global_buffer)),
        plan_(plan),
        rng_(rng) {}

  OperationMapping make() {
    Factors factors;
    OperationMapping mapping = loops(factors);
    EXPECT_TRUE(fits(mapping)) << operation_.name;
    for (int i = 0; i < 150; ++i) {
      Factors next = factors;
      DimArray<std::uint64_t>* const levels[] = {&next.buffer, &next.x, &next.y, &next.rf};
      const Dim d = kAllDims[rng_.below(kDims)];
      (*levels[rng_.below(4)])[d] =
          1 + rng_.below(std::min<std::uint64_t>(operation_.bounds[d], 6));
      const OperationMapping candidate = loops(next);
      if (!fits(candidate)) continue;
      factors = next;
      mapping = candidate;
    }
    return mapping;
  }

 private:
  bool fits(const OperationMapping& mapping) const {
    Diagnostics ignored;
    const Program program = build_program(operation_, chunk_, limits_, mapping, plan_);
    return verify_program(program, limits_, "", "", ignored);
  }

  void add(std::vector<Loop>& level, Dim d, std::uint64_t trips) {
    if (trips >= 4 && rng_.below(3) == 0) {  // the same dimension twice
      level.push_back({d, 2});
      trips = ceil_div(trips, 2);
    }
    if (trips > 1 || rng_.below(16) == 0) level.push_back({d, trips});
  }

  void shuffle(std::vector<Loop>& level) {
    for (std::size_t i = level.size(); i > 1; --i) std::swap(level[i - 1], level[rng_.below(i)]);
  }

  OperationMapping loops(const Factors& factors) {
    OperationMapping mapping;
    mapping.chunk = chunk_.name;
    for (const Dim d : kAllDims) {
      const bool row = operation_.is_row_op() && (d == Dim::C || d == Dim::R);
      const std::uint64_t below = factors.buffer[d] * factors.x[d] * factors.y[d] * factors.rf[d];
      if (!row) add(mapping.dram, d, ceil_div(operation_.bounds[d], below));
      if (!row) add(mapping.buffer, d, factors.buffer[d]);
      add(mapping.spatial_x, d, factors.x[d]);
      add(mapping.spatial_y, d, factors.y[d]);
      add(mapping.rf, d, factors.rf[d]);
    }
    for (auto* level :
         {&mapping.dram, &mapping.buffer, &mapping.spatial_x, &mapping.spatial_y, &mapping.rf}) {
      shuffle(*level);
    }
    if (operation_.is_row_op()) add_rows(mapping, factors);
    for (std::size_t o = 0; o < kOperands; ++o) {
      if (rng_.below(2) == 0)
        mapping.buffer_tiles[o] = 1 + static_cast<std::uint32_t>(rng_.below(2));
    }
    return mapping;
  }

  // The passes and the rest of the row, innermost; at DRAM level where the row is cut there.
  void add_rows(OperationMapping& mapping, const Factors& factors) {
    const std::uint64_t below =
        factors.buffer[Dim::C] * factors.x[Dim::C] * factors.y[Dim::C] * factors.rf[Dim::C];
    const std::uint64_t rest = ceil_div(operation_.bounds[Dim::C], below);
    (rest > 1 ? mapping.dram : mapping.buffer).push_back({Dim::R, operation_.bounds[Dim::R]});
    if (rest > 1) mapping.dram.push_back({Dim::C, rest});
    if (factors.buffer[Dim::C] > 1) mapping.buffer.push_back({Dim::C, factors.buffer[Dim::C]});
  }

  const Operation& operation_;
  const ChunkSpec& chunk_;
  const ProgramLimits limits_;
  const QuantizationPlan& plan_;
  Rng& rng_;
};

Mapping random_mapping(const ArchSpec& arch, const Network& network, Rng& rng) {
  Diagnostics diagnostics;
  const auto chunks = assign_chunks(arch, network, diagnostics);
  EXPECT_TRUE(chunks) << diagnostics.to_string();
  std::vector<LayerWidths> widths;
  for (const std::uint32_t chunk : *chunks) widths.push_back(widths_of(arch.chunks[chunk]));
  const QuantizationPlan plan = plan_quantization(network, widths);
  Mapping mapping;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    for (const Operation& operation : operations_of(network, l)) {
      mapping.layers[operation.name] =
          RandomMapping(operation, arch.chunks[(*chunks)[l]], arch, plan, rng).make();
    }
  }
  return mapping;
}

ArchSpec arch_of(const std::string& name) {
  Diagnostics diagnostics;
  const auto document = load_arch_document(name, {}, diagnostics);
  auto arch = document ? read_arch(*document, diagnostics) : std::nullopt;
  EXPECT_TRUE(arch) << diagnostics.to_string();
  return arch ? *arch : ArchSpec{};
}

class AnyLegalMapping : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(AnyLegalMapping, ComputesTheNetwork) {
  const auto [arch_name, network_name] = GetParam();
  Diagnostics diagnostics;
  const ArchSpec arch = arch_of(arch_name);
  const auto network = load_network(network_name, diagnostics);
  ASSERT_TRUE(network) << diagnostics.to_string();
  for (std::uint64_t seed = 0; seed < 15; ++seed) {
    Rng rng(seed);
    SimOptions options;
    // In every other case with part of the buffer for kept tensors.
    if (seed % 2 == 1)
      options.keep_on_chip_bytes = rng.below(arch.global_buffer.capacity_bytes / 2);
    const ArchSpec tiles = arch_for_tiles(arch, options.keep_on_chip_bytes);
    const Mapping mapping = random_mapping(tiles, *network, rng);
    options.functional = true;
    options.seed = seed;
    const ChildResult result = in_child(
        [&] {
          const RunResult run = simulate(arch, *network, mapping, options);
          return std::string(run.operations == network->operations() ? "" : "operations differ");
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
