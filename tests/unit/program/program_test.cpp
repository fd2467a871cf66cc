#include "models/program/program.h"

#include <set>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

Program example() {
  const Network network = network_of(
      R"({"name":"x","shape":[4,9,9]})",
      R"({"name":"conv","type":"conv2d","arithmetic":"shift","inputs":["x"],"out_channels":10,
          "kernel":[3,3],"stride":[2,2],"padding":[1,1]})");
  Program program;
  program.operation = operations_of(network, 0).at(0);
  program.operation.name = "a \"name\"\n";
  program.dram = {{Dim::K, 2}};
  program.buffer = {{Dim::P, 5}, {Dim::C, 2}};
  program.spatial_x = {{Dim::Q, 3}};
  program.spatial_y = {{Dim::K, 2}, {Dim::C, 2}};
  program.rf = {{Dim::K, 3}, {Dim::Q, 2}, {Dim::R, 3}, {Dim::S, 3}};
  program.bypass_buffer = {false, true, false};
  program.buffer_tiles = {2, 0, 1};
  program.buffer_base = {1024, 0, 64};
  program.kept = {true, false, false};
  program.placement = {{{64, 6, {4, 4, 81}, 123456}, {128, 5}, {192, 8}}};
  program.psum = {640, 16, {10, 10, 25}};
  program.pe_bits = {6, 5, 8};
  program.gated = 40000;
  return program;
}

TEST(Program, TilesMultiplyTheLoopsBelow) {
  const Program program = example();
  EXPECT_EQ(rf_tile(program).values, (std::array<std::uint64_t, kDims>{1, 1, 3, 1, 1, 2, 3, 3}));
  EXPECT_EQ(array_tile(program).values, (std::array<std::uint64_t, kDims>{1, 1, 6, 2, 1, 6, 3, 3}));
  EXPECT_EQ(buffer_tile(program).values,
            (std::array<std::uint64_t, kDims>{1, 1, 6, 4, 5, 6, 3, 3}));
  EXPECT_EQ(clipped(buffer_tile(program), program.operation)[Dim::Q], 5U);
  EXPECT_TRUE(accumulates_over_steps(program));
  EXPECT_EQ(buffer_bits(program, Operand::output), 16U);
  EXPECT_EQ(buffer_bits(program, Operand::input), 6U);
  EXPECT_EQ(tile_words(program.operation.of(Operand::input), rf_tile(program)), 3U * 5);
}

TEST(Program, DistinctCoordinatesEqualTheirEnumeration) {
  Rng rng(1);
  for (int i = 0; i < 2000; ++i) {
    Axis axis;
    axis.terms = {{Dim::P, rng.between(1, 4)}, {Dim::R, rng.between(1, 4)}};
    axis.extent = rng.between(1, 40);
    axis.offset = -rng.between(0, 3);
    DimArray<std::uint64_t> tile = ones();
    tile[Dim::P] = 1 + rng.below(9);
    tile[Dim::R] = 1 + rng.below(6);
    std::set<std::int64_t> coordinates;
    for (std::uint64_t p = 0; p < tile[Dim::P]; ++p) {
      for (std::uint64_t r = 0; r < tile[Dim::R]; ++r) {
        coordinates.insert(static_cast<std::int64_t>(p) * axis.terms[0].coefficient +
                           static_cast<std::int64_t>(r) * axis.terms[1].coefficient);
      }
    }
    EXPECT_EQ(distinct_coordinates(axis, tile),
              std::min<std::uint64_t>(coordinates.size(), static_cast<std::uint64_t>(axis.extent)));
  }
}

TEST(Program, TextRoundTrip) {
  Diagnostics diagnostics;
  Program program = example();
  for (int i = 0; i < 2; ++i) {
    const std::optional<Program> again = parse_program(print_program(program), "text", diagnostics);
    ASSERT_TRUE(again) << diagnostics.to_string();
    EXPECT_EQ(*again, program);
    const Network network =
        network_of(R"({"name":"x","shape":[4,2,3]})",
                   R"({"name":"pool","type":"global_avg_pool","inputs":["x"]})");
    program = Program{};  // second round: no loops, an unused operand
    program.operation = operations_of(network, 0).at(0);
  }
}

TEST(Program, TilesInTheBufferBeginWithTheFirstOperandThatHasAny) {
  Program program = example();  // input kept, weight through a FIFO
  EXPECT_FALSE(has_buffer_tiles(program, Operand::input));
  EXPECT_FALSE(has_buffer_tiles(program, Operand::weight));
  EXPECT_TRUE(has_buffer_tiles(program, Operand::output));
  EXPECT_EQ(buffer_space_base(program), 64U);
  program.kept[0] = false;
  EXPECT_EQ(buffer_space_base(program), 1024U);
  program.kept = {true, false, true};
  EXPECT_EQ(buffer_space_base(program), 0U);
}

TEST(Program, FaultsOfATextAreNamedWithTheirPlace) {
  const std::string text = print_program(example());
  for (std::size_t cut = 0; cut < text.size() - 1;
       ++cut) {  // no prefix crashes; few are whole programs
    Diagnostics diagnostics;
    const auto program = parse_program(text.substr(0, cut), "text", diagnostics);
    EXPECT_NE(program.has_value(), !diagnostics.ok());
  }
  Diagnostics diagnostics;
  std::string broken = text;
  broken.replace(broken.find("Q 2"), 3, "Q x");
  EXPECT_FALSE(parse_program(broken, "text", diagnostics));
  EXPECT_NE(diagnostics.to_string().find("error: expected a whole number, found `x`"),
            std::string::npos)
      << diagnostics.to_string();
}

}  // namespace
}  // namespace chasm
