// The words of the closed form against a walk over every step with the exact tiles of
// models/program/geometry.h.
#include "mapper/cost_model.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "base/units.h"
#include "models/program/geometry.h"
#include "models/program/loop_cursor.h"
#include "models/program/residency_cursor.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

struct Walked {
  std::array<std::uint64_t, kOperands> fills{}, words{}, loads{}, load_words{};
  std::uint64_t steps = 0, issue = 0, psum_in_words = 0, psum_load_words = 0;
};

void walk_outputs(const Program& program, std::size_t loops, bool buffer,
                  std::uint64_t& residencies, std::uint64_t& drained, std::uint64_t& read_back) {
  ResidencyCursor cursor(program, loops);
  ArrayTile array(program, Operand::output);
  BufferTile tile(program, Operand::output);
  Residency residency;
  while (cursor.next(residency)) {
    buffer ? tile.move_to(residency.offsets) : array.move_to(residency.offsets).new_words;
    const std::uint64_t words = buffer ? tile.words() : array.union_words();
    if (residency.produces(program.operation)) ++residencies, drained += words;
    if (residency.reads_back(program.operation)) read_back += words;
  }
}

Walked walk(const Program& program) {
  Walked walked;
  const std::size_t all = program.dram.size() + program.buffer.size();
  for (const Operand o : {Operand::input, Operand::weight}) {
    const auto i = static_cast<std::size_t>(o);
    if (!program.operation.of(o).used) continue;
    ArrayTile array(program, o);
    for (LoopCursor cursor(program, all);;) {
      const std::uint64_t words = array.move_to(cursor.offsets()).new_words;
      walked.fills[i] += words > 0 ? 1 : 0;
      walked.words[i] += words;
      if (!cursor.advance()) break;
    }
    BufferTile tile(program, o);
    for (LoopCursor cursor(program, program.dram.size());;) {
      const std::uint64_t words = tile.move_to(cursor.offsets());
      walked.loads[i] += words > 0 ? 1 : 0;
      walked.load_words[i] += words;
      if (!cursor.advance()) break;
    }
  }
  const DimArray<std::uint64_t> rf = rf_tile(program);
  for (LoopCursor cursor(program, all);;) {
    std::uint64_t iterations = 1;
    for (const Dim d : kAllDims) {
      iterations *= std::min(rf[d], program.operation.bounds[d] - cursor.offsets()[d]);
    }
    ++walked.steps;
    walked.issue += ceil_div(iterations, 2);
    if (!cursor.advance()) break;
  }
  walk_outputs(program, all, false, walked.fills[2], walked.words[2], walked.psum_in_words);
  walk_outputs(program, program.dram.size(), true, walked.loads[2], walked.load_words[2],
               walked.psum_load_words);
  return walked;
}

void shuffle(std::vector<Loop>& loops, Rng& rng) {
  for (std::size_t i = loops.size(); i > 1; --i) std::swap(loops[i - 1], loops[rng.below(i)]);
}

// Random factors of every dimension for the five levels; the bounds are `bounds` where given, else
// their products.
Program random_loops(Rng& rng, const std::vector<Dim>& dims, bool spatial,
                     const DimArray<std::uint64_t>* bounds) {
  Program program;
  for (const Dim d : dims) {
    std::uint64_t left = bounds ? (*bounds)[d] : 12;
    for (auto* level :
         {&program.rf, &program.spatial_x, &program.spatial_y, &program.buffer, &program.dram}) {
      const bool is_spatial = level == &program.spatial_x || level == &program.spatial_y;
      // With edges a dimension has one temporal loop: of two, the inner one is shorter at the end
      // of the outer.
      const bool in_buffer = level == &program.buffer;
      const bool rest = bounds && (level == &program.dram || (in_buffer && rng.below(2) == 0));
      const std::uint64_t most = bounds && in_buffer ? 1 : std::min<std::uint64_t>(left, 3);
      const std::uint64_t trips = rest ? left : 1 + rng.below(most);
      if ((is_spatial && !spatial) || trips == 1) continue;
      level->push_back({d, trips});
      left = bounds ? ceil_div(left, trips) : left / trips;
    }
  }
  shuffle(program.dram, rng);
  shuffle(program.buffer, rng);
  return program;
}

void expect_equal(const Program& program, const std::string& what) {
  ChunkSpec chunk;
  chunk.lanes = 2;
  const Cost cost = CostModel(program, chunk, ArchSpec{}).evaluate(to_nest(program));
  const Walked walked = walk(program);
  const std::string text = what + "\n" + print_program(program);
  EXPECT_NEAR(cost.steps, static_cast<double>(walked.steps), 1e-6 * cost.steps) << text;
  EXPECT_NEAR(cost.issue_cycles, static_cast<double>(walked.issue), 1e-6 * cost.issue_cycles)
      << text;
  for (std::size_t o = 0; o < kOperands; ++o) {
    const std::string operand = std::string(to_string(kAllOperands[o])) + " " + text;
    EXPECT_NEAR(cost.fills[o], static_cast<double>(walked.fills[o]), 1e-6 * cost.fills[o])
        << operand;
    EXPECT_NEAR(cost.bus_words[o], static_cast<double>(walked.words[o]), 1e-6 * cost.bus_words[o])
        << operand;
    EXPECT_NEAR(cost.loads[o], static_cast<double>(walked.loads[o]), 1e-6 * cost.loads[o])
        << operand;
    EXPECT_NEAR(cost.dram_words[o], static_cast<double>(walked.load_words[o]),
                1e-6 * cost.dram_words[o])
        << operand;
  }
  EXPECT_NEAR(cost.psum_in_words, static_cast<double>(walked.psum_in_words),
              1e-6 * cost.psum_in_words)
      << text;
  EXPECT_NEAR(cost.psum_load_words, static_cast<double>(walked.psum_load_words),
              1e-6 * cost.psum_load_words)
      << text;
}

// Sliding windows at both levels, spatial reductions, spills: exact where every factor divides and
// nothing is padded.
TEST(CostModel, WordsOfDividingFactorsEqualTheWalk) {
  Rng rng(7);
  for (int i = 0; i < 300 && !testing::Test::HasFailure(); ++i) {
    Program program = random_loops(
        rng, {Dim::N, Dim::G, Dim::K, Dim::C, Dim::P, Dim::Q, Dim::R, Dim::S}, true, nullptr);
    const DimArray<std::uint64_t> b = [&] {
      DimArray<std::uint64_t> tile = buffer_tile(program);
      for (const Loop& loop : program.dram) tile[loop.dim] *= loop.trips;
      return tile;
    }();
    const std::uint64_t stride = 1 + rng.below(3), dilation = 1 + rng.below(2);
    const auto extent = [&](Dim position, Dim kernel) {
      return (b[position] - 1) * stride + (b[kernel] - 1) * dilation + 1;
    };
    const std::string input =
        fmt::format(R"({{"name":"x","shape":[{},{},{}]}})", b[Dim::G] * b[Dim::C],
                    extent(Dim::P, Dim::R), extent(Dim::Q, Dim::S));
    const std::string layer = fmt::format(
        R"({{"name":"conv","type":"conv2d","arithmetic":"multiply","inputs":["x"],"out_channels":{},"kernel":[{},{}],
            "stride":[{},{}],"dilation":[{},{}],"padding":[0,0],"groups":{}}})",
        b[Dim::G] * b[Dim::K], b[Dim::R], b[Dim::S], stride, stride, dilation, dilation, b[Dim::G]);
    program.operation = operations_of(network_of(input, layer, b[Dim::N]), 0).at(0);
    ASSERT_EQ(program.operation.bounds, b);
    expect_equal(program, fmt::format("case {}", i));
  }
}

// Edges: exact without sliding windows, on one PE (one that was idle at an edge gets its words
// again).
TEST(CostModel, WordsWithEdgesEqualTheWalkWhereTilesDoNotOverlap) {
  Rng rng(8);
  const Network network = network_of(
      R"({"name":"q","shape":[14,11,1]},{"name":"k","shape":[14,13,1]})",
      R"({"name":"qk","type":"matmul","arithmetic":"multiply","inputs":["q","k"],"heads":2,"transpose_b":true})",
      3);
  const Operation operation = operations_of(network, 0).at(0);
  for (int i = 0; i < 300 && !testing::Test::HasFailure(); ++i) {
    Program program =
        random_loops(rng, {Dim::N, Dim::G, Dim::K, Dim::C, Dim::P}, false, &operation.bounds);
    program.operation = operation;
    expect_equal(program, fmt::format("case {}", i));
  }
}

// Padding and edges with windows: an average, near the walk.
TEST(CostModel, WordsOfPaddedLayersAreNearTheWalk) {
  Rng rng(9);
  const Network network = network_of(
      R"({"name":"x","shape":[8,14,14]})",
      R"({"name":"conv","type":"conv2d","arithmetic":"multiply","inputs":["x"],"out_channels":12,"kernel":[3,3],
          "stride":[1,1],"padding":[1,1]})");
  const Operation operation = operations_of(network, 0).at(0);
  double estimated = 0, walked = 0;
  for (int i = 0; i < 200; ++i) {
    Program program = random_loops(rng, {Dim::K, Dim::C, Dim::P, Dim::Q, Dim::R, Dim::S}, true,
                                   &operation.bounds);
    program.operation = operation;
    const Cost cost = CostModel(program, ChunkSpec{}, ArchSpec{}).evaluate(to_nest(program));
    const auto words = static_cast<double>(walk(program).words[0]);
    EXPECT_NEAR(cost.bus_words[0], words, 0.5 * words) << print_program(program);
    estimated += cost.bus_words[0], walked += words;
  }
  EXPECT_NEAR(estimated, walked, 0.1 * walked);
}

}  // namespace
}  // namespace chasm
