#include "mapper/lower.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/units.h"
#include "mapper/build_program.h"
#include "mapper/map_network.h"
#include "tests/unit/mapper/support.h"

namespace chasm {
namespace {

struct Case {
  ArchSpec arch = preset("tiny");
  Network network = zoo("toy_all_types");
  Mapping mapping;
  Diagnostics diagnostics;

  Case() {
    const auto found = map_network(arch, network, {}, diagnostics);
    EXPECT_TRUE(found) << diagnostics.to_string();
    if (found) mapping = *found;
  }
  std::optional<Lowered> run() { return lower(arch, network, mapping, diagnostics, "m.json"); }
  std::string first_convolution() const {
    for (const Layer& layer : network.layers) {
      if (layer.type == LayerType::conv2d) return layer.name;
    }
    return {};
  }
};

// 64 bits hold three pairs. Without zeros a pair is one word, with nothing else 32.
TEST(RunLengthCode, TakesAThirdOf64BitsForAWordAndTheZerosBeforeIt) {
  constexpr std::uint64_t kBit = Placement::kUnitsOfABit;
  EXPECT_EQ(rlc_units(0, 32), (64 * kBit + 1) / 3);
  EXPECT_EQ(rlc_units(0, 16), 0U) << "21.3 bits are more than 16";
  EXPECT_EQ(rlc_units(0.5, 16), 699051U) << "10.67 bits: a pair holds nearly two words";
  EXPECT_EQ(rlc_units(1, 16), (64 * kBit / 3 + 16) / 32);
}

TEST(RunLengthCode, IsThatOfActivationsWhoseZerosAreKnown) {
  Case c;
  c.network.zeros[c.network.output_of(0)] = 0.9;
  for (const bool on : {false, true}) {
    c.arch.layout.compression = on ? Compression::rlc : Compression::none;
    const auto lowered = c.run();
    ASSERT_TRUE(lowered) << c.diagnostics.to_string();
    int compressed = 0;
    for (const auto& operation : lowered->operations)
      for (std::size_t o = 0; o < kOperands; ++o) {
        const TensorAccess& access = operation.program.operation.access[o];
        const bool known =
            access.used && !access.is_parameter && access.tensor == c.network.output_of(0);
        const Placement& placement = operation.program.placement[o];
        EXPECT_EQ(placement.compressed, on && known ? rlc_units(0.9, placement.bits) : 0U);
        compressed += placement.compressed > 0 ? 1 : 0;
      }
    EXPECT_EQ(compressed > 1, on) << "its producer and its consumers";
  }
}

// Of products whose input is known to be zero now and then, on a chunk that has the gates.
TEST(ZeroGating, IsOfProductsWhoseZerosAreKnown) {
  Case c;
  for (const Layer& layer : c.network.layers) {
    const auto l = static_cast<std::size_t>(&layer - c.network.layers.data());
    c.network.zeros[c.network.output_of(l)] = 0.3;
  }
  for (const bool on : {false, true}) {
    for (ChunkSpec& chunk : c.arch.chunks)
      chunk.zero_gating = on && (chunk.runs(Arithmetic::multiply) || chunk.runs(Arithmetic::shift));
    const auto lowered = c.run();
    ASSERT_TRUE(lowered) << c.diagnostics.to_string();
    int gated = 0, ungated = 0;
    for (const auto& lowered_operation : lowered->operations) {
      const Program& program = lowered_operation.program;
      const OpKind kind = program.operation.kind;
      const bool product = kind == OpKind::multiply_accumulate || kind == OpKind::shift_accumulate;
      const bool known = c.network.zeros.count(program.operation.of(Operand::input).tensor) > 0;
      EXPECT_EQ(program.gated, on && product && known ? 19661U : 0U) << "0.3 x 65536 = 19660.8";
      ++(program.gated > 0 ? gated : ungated);
    }
    EXPECT_EQ(gated > 0, on);
    EXPECT_GT(ungated, 0) << "the first layer, additions and pools";
  }
}

TEST(Lower, KeepsNetworkOrderAndPlacesTensorsApart) {
  Case c;
  const auto lowered = c.run();
  ASSERT_TRUE(lowered) << c.diagnostics.to_string();
  struct Region {
    std::uint64_t base, bytes;
  };
  std::vector<Region> regions;
  std::size_t layer = 0;
  for (const LoweredOperation& operation : lowered->operations) {
    EXPECT_GE(operation.layer, layer);
    layer = operation.layer;
    const Program& program = operation.program;
    for (std::size_t o = 0; o < kOperands; ++o) {
      const TensorAccess& access = program.operation.access[o];
      if (!access.used) continue;
      if (access.is_parameter) {
        regions.push_back({program.placement[o].dram_base,
                           packed_bytes(access.words, program.placement[o].bits)});
      } else {
        EXPECT_EQ(program.placement[o].dram_base, lowered->tensor_base[access.tensor]);
        EXPECT_EQ(program.placement[o].bits, lowered->quantization.tensor_bits[access.tensor]);
      }
      EXPECT_LE(program.pe_bits[o], program.placement[o].bits);
    }
    if (accumulates_over_steps(program)) {
      regions.push_back(
          {program.psum.dram_base,
           packed_bytes(program.operation.of(Operand::output).words, program.psum.bits)});
    }
  }
  ASSERT_EQ(lowered->tensor_base.size(), c.network.tensor_count());
  for (std::uint32_t t = 0; t < c.network.tensor_count(); ++t) {
    regions.push_back(
        {lowered->tensor_base[t],
         packed_bytes(c.network.tensor_shape(t).size(), lowered->quantization.tensor_bits[t])});
  }
  std::sort(regions.begin(), regions.end(),
            [](const Region& a, const Region& b) { return a.base < b.base; });
  for (std::size_t i = 0; i < regions.size(); ++i) {
    EXPECT_EQ(regions[i].base % 64, 0U);
    const std::uint64_t end = i + 1 < regions.size() ? regions[i + 1].base : lowered->dram_bytes;
    EXPECT_LE(regions[i].base + regions[i].bytes, end);
    EXPECT_LT(end - regions[i].base - regions[i].bytes, 64U) << "no gaps";
  }
}

TEST(Lower, OpenBufferTilesAreChosen) {
  Case c;
  const auto given = c.run();
  for (auto& [name, operation] : c.mapping.layers) operation.buffer_tiles = {};
  const auto chosen = c.run();
  ASSERT_TRUE(given && chosen) << c.diagnostics.to_string();
  for (std::size_t i = 0; i < given->operations.size(); ++i) {
    EXPECT_EQ(given->operations[i].program, chosen->operations[i].program);
  }
}

TEST(Lower, UnknownLayersAndChunksGetAHint) {
  Case c;
  const std::string name = c.first_convolution();
  OperationMapping& conv = c.mapping.layers.at(name);
  c.mapping.layers[name + "x"] = conv;
  conv.chunk += "X";
  EXPECT_FALSE(c.run());
  EXPECT_FALSE(c.diagnostics.only_infeasible());
  const std::string text = c.diagnostics.to_string();
  EXPECT_NE(text.find("m.json: /layers/" + name + "x: error: network toy_all_types has no layer"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("did you mean \"" + name + "\"?"), std::string::npos) << text;
  EXPECT_NE(text.find("/layers/" + name + "/chunk: error: tiny has no chunk"), std::string::npos)
      << text;
}

TEST(Lower, AMissingLayerAndAWrongChunkAreInvalid) {
  Case c;
  const std::string name = c.first_convolution();
  c.mapping.layers.at(name).chunk = "VEC";
  c.mapping.layers.erase(c.network.layers.back().name);
  EXPECT_FALSE(c.run());
  EXPECT_FALSE(c.diagnostics.only_infeasible());
  const std::string text = c.diagnostics.to_string();
  EXPECT_NE(text.find("chunk VEC (vector) cannot run layer " + name), std::string::npos) << text;
  EXPECT_NE(text.find("layer \"" + c.network.layers.back().name + "\" has no mapping"),
            std::string::npos)
      << text;
}

TEST(Lower, LoopsThatDoNotFitAreInfeasibleAndAbsurdOnesInvalid) {
  Case c;
  const std::string name = c.first_convolution();
  OperationMapping& conv = c.mapping.layers.at(name);
  const OperationMapping sound = conv;
  conv.rf = conv.spatial_x = conv.spatial_y = conv.buffer = conv.dram = {};
  const Operation operation = [&] {
    for (std::size_t l = 0;; ++l) {
      if (c.network.layers[l].name == name) return operations_of(c.network, l).at(0);
    }
  }();
  for (const Dim d : kAllDims) conv.rf.push_back({d, operation.bounds[d]});
  EXPECT_FALSE(c.run());
  EXPECT_TRUE(c.diagnostics.only_infeasible()) << c.diagnostics.to_string();

  c.diagnostics = {};
  conv = sound;
  for (int i = 0; i < 100; ++i) conv.dram.push_back({Dim::K, operation.bounds[Dim::K]});
  EXPECT_FALSE(c.run());
  EXPECT_FALSE(c.diagnostics.only_infeasible());
}

// A mapping may take an operand through the buffer that the chunk lets past it, not the reverse.
TEST(Lower, AnOperandGoesPastTheBufferWhereTheMappingSaysSo) {
  Case c;
  const std::string name = c.first_convolution();
  OperationMapping& conv = c.mapping.layers.at(name);
  const auto weights_pass = [&] {
    const auto lowered = c.run();
    EXPECT_TRUE(lowered) << c.diagnostics.to_string();
    if (!lowered) return false;
    for (const LoweredOperation& operation : lowered->operations)
      if (operation.program.operation.name == name) return operation.program.bypass_buffer[1];
    return false;
  };
  ChunkSpec* chunk = nullptr;
  for (ChunkSpec& candidate : c.arch.chunks)
    if (candidate.name == conv.chunk) chunk = &candidate;
  ASSERT_TRUE(chunk);
  chunk->bypass_global_buffer.weight = true;
  conv.bypass.reset();
  EXPECT_TRUE(weights_pass());
  conv.bypass = {false, false, false};
  EXPECT_FALSE(weights_pass());
  conv.bypass = {true, true, false};
  EXPECT_FALSE(c.run());
  EXPECT_TRUE(c.diagnostics.only_infeasible());
  EXPECT_NE(c.diagnostics.to_string().find("/layers/" + name + "/buffer/bypass: error: " + name +
                                           ": input cannot go past the global buffer"),
            std::string::npos)
      << c.diagnostics.to_string();
}

}  // namespace
}  // namespace chasm
