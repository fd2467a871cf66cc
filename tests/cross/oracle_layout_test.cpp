// Which lines move which words, in the three layouts of activations.
#include <gtest/gtest.h>

#include "tests/cross/small_programs.h"
#include "tests/support/oracle/layout.h"

namespace chasm {
namespace {

using oracle::Layout;
using Moved = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // line, words

// An image of 3 channels, 2 rows, 2 columns; two words fill a line.
TensorAccess image() {
  return tensor({axis({{Dim::N, 1}}, 1, 12), axis({{Dim::C, 1}}, 3, 4), axis({{Dim::P, 1}}, 2, 2),
                 axis({{Dim::Q, 1}}, 2, 1)},
                false);
}

Moved moved(std::uint64_t block, const oracle::Words& words, std::uint32_t bits = 256) {
  Placement placement;
  placement.bits = bits;
  placement.layout = {block, 3, 4};
  Moved result;
  for (const auto& line : Layout(image(), placement, ones()).transfer(words)) {
    EXPECT_EQ(line.bits, line.words * bits);
    result.emplace_back(line.number, line.words);
  }
  return result;
}

constexpr std::uint64_t kChannelMajor = 0, kChannelsLast = 3, kBlocksOfTwo = 2;
const oracle::Words kTwoChannelsOfARow = {0, 1, 4, 5};

// c0h0 at 0, 1 and c1h0 at 4, 5.
TEST(OracleLayout, ChannelMajor) {
  EXPECT_EQ(moved(kChannelMajor, kTwoChannelsOfARow), (Moved{{0, 2}, {2, 2}}));
}

// Pixel 0 at 0, 1, 2 and pixel 1 at 3, 4, 5.
TEST(OracleLayout, ChannelsLast) {
  EXPECT_EQ(moved(kChannelsLast, kTwoChannelsOfARow), (Moved{{0, 2}, {1, 1}, {2, 1}}));
}

// Block c0, c1: pixels 0 and 1 at 0, 1 and 2, 3. Block c2 (and its padding): pixel 0 at 8, 9.
TEST(OracleLayout, Blocked) {
  EXPECT_EQ(moved(kBlocksOfTwo, kTwoChannelsOfARow), (Moved{{0, 2}, {1, 2}}));
  EXPECT_EQ(moved(kBlocksOfTwo, {8}), (Moved{{4, 1}}));
}

// A line a word: c0 and c2 of pixel 0 have c1 between them when channels lie side by side; in
// blocks they are in rows of their own.
TEST(OracleLayout, TheGapInARowMovesAlong) {
  EXPECT_EQ(moved(kChannelsLast, {0, 8}, 512), (Moved{{0, 1}, {1, 0}, {2, 1}}));
  EXPECT_EQ(moved(kBlocksOfTwo, {0, 8}, 512), (Moved{{0, 1}, {8, 1}}));
  EXPECT_EQ(moved(kChannelMajor, {0, 8}, 512), (Moved{{0, 1}, {8, 1}}));
}

// Ten channels of one sample, the second of two: blocks of 4 pad a sample to 12 words.
TEST(OracleLayout, SamplesBeginWithABlock) {
  Placement placement;
  placement.dram_base = 640;
  placement.bits = 512;
  placement.layout = {4, 10, 1};
  const TensorAccess vector =
      tensor({axis({{Dim::N, 1}}, 2, 10), axis({{Dim::C, 1}}, 10, 1)}, false);
  const auto lines = Layout(vector, placement, ones()).transfer({10});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].number, 10U + 12U);
}

// Spilled psums lie as the outputs do: k0 and k1 of one pixel, one line a psum, are neighbours with
// channels last and a plane apart with channels first.
TEST(OracleLayout, PsumsLieAsTheOutputsDo) {
  Program program = matrix_vector(2, 2);
  Operation& op = program.operation;
  op.bounds[Dim::P] = 2;
  op.of(Operand::input) = tensor({axis({{Dim::C, 1}}, 2, 2), axis({{Dim::P, 1}}, 2, 1)}, false);
  op.of(Operand::output) = tensor({axis({{Dim::K, 1}}, 2, 2), axis({{Dim::P, 1}}, 2, 1)}, false);
  program.dram = {{Dim::C, 2}, {Dim::P, 2}};
  program.rf = {{Dim::K, 2}};
  program.psum.bits = 32 * 8;
  const auto bursts = [&](std::uint64_t block) {
    program.placement[2].layout = {block, 2, 2};
    return run(quick_pe(), program).activity.dram_write_bursts;
  };
  // Two pixels twice: psums, then outputs of a byte, which always share their line.
  EXPECT_EQ(bursts(2), 2U + 2U);
  EXPECT_EQ(bursts(0), 4U + 2U);
}

}  // namespace
}  // namespace chasm
