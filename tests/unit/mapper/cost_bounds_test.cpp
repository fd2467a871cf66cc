// Bounds of what a mapping costs; tests/random/search_test.cpp holds them to random mappings.
#include "mapper/cost_bounds.h"

#include <gtest/gtest.h>

#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

// 65536 outputs of few inputs: in a twentieth of their bits they cost less than a bound of the
// plain ones says.
TEST(CostBounds, KnowThatOutputsAreCompressed) {
  Program program;
  program.operation = operation_of(R"({"name":"x","shape":[1,32,32]})",
                                   R"({"name":"c","type":"conv2d","inputs":["x"],
        "arithmetic":"multiply","out_channels":64,"kernel":[1,1],"stride":[1,1],"padding":[0,0]})");
  program.buffer = {{Dim::K, 64}, {Dim::P, 32}, {Dim::Q, 32}};
  for (Placement& placement : program.placement) placement.bits = 16;
  const ArchSpec arch;
  const ChunkSpec chunk;
  const auto bound = [&] {
    return CostBounds(program, chunk, arch, CostModel(program, chunk, arch)).of({});
  };
  const CostBounds::Bound plain = bound();
  program.placement[2].compressed = program.placement[2].dram_units() / 20;
  const Cost cost = CostModel(program, chunk, arch).evaluate(to_nest(program));
  EXPECT_LT(cost.energy, plain.energy);
  EXPECT_GE(cost.cycles, bound().cycles);
  EXPECT_GE(cost.energy, bound().energy);
}

}  // namespace
}  // namespace chasm
