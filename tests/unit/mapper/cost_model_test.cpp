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
#include "mapper/line_counts.h"
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

// Random factors of every dimension for the five levels; they cover the bounds where those are
// given, else the bounds are their products.
Program random_loops(Rng& rng, const std::vector<Dim>& dims,
                     const DimArray<std::uint64_t>* bounds) {
  Program program;
  for (const Dim d : dims) {
    std::uint64_t left = bounds ? (*bounds)[d] : 12;
    for (auto* level :
         {&program.rf, &program.spatial_x, &program.spatial_y, &program.buffer, &program.dram}) {
      const bool rest = bounds && level == &program.dram;
      const std::uint64_t trips = rest ? left : 1 + rng.below(std::min<std::uint64_t>(left, 3));
      if (trips == 1) continue;
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
  const auto same = [&](double estimate, std::uint64_t count, const char* of) {
    EXPECT_EQ(estimate, static_cast<double>(count)) << of << " " << text;
  };
  same(cost.steps, walked.steps, "steps");
  same(cost.issue_cycles, walked.issue, "issue");
  for (std::size_t o = 0; o < kOperands; ++o) {
    same(cost.fills[o], walked.fills[o], to_string(kAllOperands[o]));
    same(cost.bus_words[o], walked.words[o], to_string(kAllOperands[o]));
    same(cost.loads[o], walked.loads[o], to_string(kAllOperands[o]));
    same(cost.dram_words[o], walked.load_words[o], to_string(kAllOperands[o]));
  }
  same(cost.psum_in_words, walked.psum_in_words, "psums read back");
  same(cost.psum_load_words, walked.psum_load_words, "psums loaded");
}

// Sliding windows at both levels, spatial reductions, spills; every factor divides.
TEST(CostModel, WordsOfDividingFactorsEqualTheWalk) {
  Rng rng(7);
  for (int i = 0; i < 300 && !testing::Test::HasFailure(); ++i) {
    Program program = random_loops(
        rng, {Dim::N, Dim::G, Dim::K, Dim::C, Dim::P, Dim::Q, Dim::R, Dim::S}, nullptr);
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
    program.operation = operation_of(input, layer, b[Dim::N]);
    ASSERT_EQ(program.operation.bounds, b);
    expect_equal(program, fmt::format("case {}", i));
  }
}

// Edges, with PEs that are idle there.
TEST(CostModel, WordsWithEdgesEqualTheWalk) {
  Rng rng(8);
  const Network network = network_of(
      R"({"name":"q","shape":[14,11,1]},{"name":"k","shape":[14,13,1]})",
      R"({"name":"qk","type":"matmul","arithmetic":"multiply","inputs":["q","k"],"heads":2,"transpose_b":true})",
      3);
  const Operation operation = operations_of(network, 0).at(0);
  for (int i = 0; i < 300 && !testing::Test::HasFailure(); ++i) {
    Program program =
        random_loops(rng, {Dim::N, Dim::G, Dim::K, Dim::C, Dim::P}, &operation.bounds);
    program.operation = operation;
    expect_equal(program, fmt::format("case {}", i));
  }
}

// Padding and edges with windows.
TEST(CostModel, WordsOfPaddedLayersEqualTheWalk) {
  Rng rng(9);
  const Network network = network_of(
      R"({"name":"x","shape":[8,14,14]})",
      R"({"name":"conv","type":"conv2d","arithmetic":"multiply","inputs":["x"],"out_channels":12,"kernel":[3,3],
          "stride":[1,1],"padding":[1,1]})");
  const Operation operation = operations_of(network, 0).at(0);
  for (int i = 0; i < 200 && !testing::Test::HasFailure(); ++i) {
    Program program =
        random_loops(rng, {Dim::K, Dim::C, Dim::P, Dim::Q, Dim::R, Dim::S}, &operation.bounds);
    program.operation = operation;
    expect_equal(program, fmt::format("case {}", i));
  }
}

// Parts of a larger tensor lie in pieces: one word a channel here, each in a line of its own.
TEST(CostModel, LinesOfScatteredWordsAreCountedOneByOne) {
  Program program;
  program.operation =
      operation_of(R"({"name":"a","shape":[24,1,1]},{"name":"b","shape":[24,196,1]})",
                   R"({"name":"c","type":"concat","inputs":["a","b"],"axis":"tokens"})");
  program.rf = {{Dim::K, 24}};
  ChunkSpec chunk;
  chunk.pe_kind = PeKind::vector;
  const double lines =
      CostModel(program, chunk, ArchSpec{}).evaluate(to_nest(program)).dram_lines();
  const LineCounts exact = count_lines(program);
  EXPECT_EQ(exact.writes, 24U);
  EXPECT_NEAR(lines, static_cast<double>(exact.reads + exact.writes), 2);
}

// 16 outputs of a window of three in one PE: 18 inputs, 3 weights and 16 outputs of 16 bits pass
// the network once and the buffer twice.
TEST(CostModel, EnergyIsWhatTheWeightsSay) {
  Program program;
  program.operation = operation_of(R"({"name":"x","shape":[1,18,1]})",
                                   R"({"name":"c","type":"conv2d","inputs":["x"],
        "arithmetic":"multiply","out_channels":1,"kernel":[3,1],"stride":[1,1],"padding":[0,0]})");
  program.rf = {{Dim::P, 16}, {Dim::R, 3}};
  for (Placement& placement : program.placement) placement.bits = 16;
  program.pe_bits = {16, 16, 16};
  program.psum.bits = 16;
  const auto cost = [&](const LevelEnergies& levels) {
    return CostModel(program, ChunkSpec{}, ArchSpec{}, energy_weights(program, levels))
        .evaluate(to_nest(program));
  };
  EXPECT_EQ(cost({1, 0, 0, 0, 0}).energy, 48);
  EXPECT_EQ(cost({0, 1, 0, 0, 0}).energy, 4 * 48);
  EXPECT_EQ(cost({0, 0, 1, 0, 0}).energy, 37);
  EXPECT_EQ(cost({0, 0, 0, 1, 0}).energy, 2 * 37);
  const Cost dram = cost({0, 0, 0, 0, 1});
  EXPECT_EQ(dram.energy, dram.dram_lines() * 32);
  EXPECT_EQ(cost({}).energy, 4 * 48 + 2 * 37 + 6 * 2 * 37 + 200 * dram.energy);
}

}  // namespace
}  // namespace chasm
