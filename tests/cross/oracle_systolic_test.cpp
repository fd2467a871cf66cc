// Systolic arrays in the reference machine: the closed forms of docs/microarchitecture.md, section
// 8, and flattening against the operation before it.
#include <set>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "base/units.h"
#include "models/program/flatten.h"
#include "tests/cross/small_programs.h"
#include "tests/support/oracle/im2col.h"
#include "tests/support/oracle/random_operation.h"

namespace chasm {
namespace {

using oracle::Block;
using oracle::Index;

struct Matrices {
  std::uint64_t pixels, words, filters;  // M, K, N of the contract
};

ArchSpec array(Dataflow dataflow, std::uint32_t rows, std::uint32_t cols) {
  ArchSpec arch = quick_pe();
  ChunkSpec& chunk = arch.chunks[0];
  chunk.interconnect = Interconnect::systolic;
  chunk.dataflow = dataflow;
  chunk.rows = rows;
  chunk.cols = cols;
  return arch;
}

// A matrix product; the given loops stream, the others are folds in the buffer.
Program product(const Matrices& m, Dim along_rows, std::uint64_t rows, Dim along_cols,
                std::uint64_t cols, Dim streaming) {
  const auto extent = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  Program program = matrix_vector(extent(m.filters), extent(m.words));
  Operation& op = program.operation;
  op.bounds[Dim::P] = m.pixels;
  const Axis p = axis({{Dim::P, 1}}, extent(m.pixels), 1);
  op.of(Operand::input) =
      tensor({axis({{Dim::C, 1}}, extent(m.words), extent(m.pixels)), p}, false);
  op.of(Operand::output) =
      tensor({axis({{Dim::K, 1}}, extent(m.filters), extent(m.pixels)), p}, false);
  const std::uint64_t of_rows = op.bounds[along_rows], of_cols = op.bounds[along_cols];
  program.spatial_y = {{along_rows, std::min(rows, of_rows)}};
  program.spatial_x = {{along_cols, std::min(cols, of_cols)}};
  program.buffer = {{along_rows, ceil_div(of_rows, rows)}, {along_cols, ceil_div(of_cols, cols)}};
  program.rf = {{streaming, op.bounds[streaming]}};
  return program;
}

Program product(const Matrices& m, Dataflow dataflow, std::uint64_t rows, std::uint64_t cols) {
  switch (dataflow) {
    case Dataflow::os:
      return product(m, Dim::P, rows, Dim::K, cols, Dim::C);
    case Dataflow::ws:
      return product(m, Dim::C, rows, Dim::K, cols, Dim::P);
    case Dataflow::is:
      return product(m, Dim::C, rows, Dim::P, cols, Dim::K);
  }
  return {};
}

std::uint64_t closed_form(const Matrices& m, Dataflow dataflow, std::uint64_t rows,
                          std::uint64_t cols) {
  switch (dataflow) {
    case Dataflow::os:
      return ceil_div(m.pixels, rows) * ceil_div(m.filters, cols) * (m.words + rows + cols - 2);
    case Dataflow::ws:
      return ceil_div(m.words, rows) * ceil_div(m.filters, cols) * (m.pixels + 2 * rows + cols - 2);
    case Dataflow::is:
      return ceil_div(m.words, rows) * ceil_div(m.pixels, cols) * (m.filters + 2 * rows + cols - 2);
  }
  return 0;
}

TEST(OracleSystolic, IsBusyForTheClosedForm) {
  for (const Dataflow dataflow : {Dataflow::os, Dataflow::ws, Dataflow::is}) {
    for (const Matrices& m : {Matrices{7, 5, 6}, Matrices{1, 9, 4}, Matrices{8, 1, 3}}) {
      for (std::uint32_t rows = 1; rows <= 4; ++rows) {
        for (std::uint32_t cols = 1; cols <= 3; ++cols) {
          const OracleLayer layer =
              run(array(dataflow, rows, cols), product(m, dataflow, rows, cols));
          EXPECT_EQ(of(layer, Cause::busy), closed_form(m, dataflow, rows, cols))
              << fmt::format("dataflow {}, {} x {} x {} on {} x {}", static_cast<int>(dataflow),
                             m.pixels, m.words, m.filters, rows, cols);
          EXPECT_EQ(layer.activity.pe_operations, m.pixels * m.words * m.filters);
        }
      }
    }
  }
}

// Two steps of 2 pixels under the same weights are one fold: 2 + 2 cycles and its skew once. Over
// the buffer loops P, C the weights change at every step: the skew twice as often.
TEST(OracleSystolic, AFoldGoesOnWhileItsTileStays) {
  const ArchSpec arch = array(Dataflow::ws, 3, 1);
  Program program = product({4, 6, 1}, Dataflow::ws, 3, 1);
  program.rf = {{Dim::P, 2}};
  program.buffer = {{Dim::C, 2}, {Dim::P, 2}};
  EXPECT_EQ(of(run(arch, program), Cause::busy), 2U * (4 + 3 + 3 + 1 - 2));
  program.buffer = {{Dim::P, 2}, {Dim::C, 2}};
  EXPECT_EQ(of(run(arch, program), Cause::busy), 4U * (2 + 3 + 3 + 1 - 2));
}

// Preload 3. Two folds of 2 streamed pixels: the second shifts its weights in behind the first, but
// for the one row that 2 cycles do not cover. Behind 3 pixels nothing is left. os has no preload.
TEST(OracleSystolic, OverlappedFoldsPayWhatTheStreamDoesNotCover) {
  ArchSpec arch = array(Dataflow::ws, 3, 1);
  arch.chunks[0].overlap_folds = true;
  EXPECT_EQ(of(run(arch, product({2, 6, 1}, Dataflow::ws, 3, 1)), Cause::busy),
            (2U + 3 + 3 + 1 - 2) + (2 + 1));
  EXPECT_EQ(of(run(arch, product({3, 6, 1}, Dataflow::ws, 3, 1)), Cause::busy),
            (3U + 3 + 3 + 1 - 2) + 3);
  arch.chunks[0].dataflow = Dataflow::os;
  EXPECT_EQ(of(run(arch, product({6, 4, 1}, Dataflow::os, 3, 1)), Cause::busy),
            (4U + 3 + 1 - 2) + 4);
}

// quick_pe, one row and column: input line 6..7, weight line 7..8; fills there at 12 and 13; step
// 13..17 and no skew; the drain comes pipeline_depth later whatever is reduced along the column.
TEST(OracleSystolic, ReductionIsPartOfTheSkew) {
  ArchSpec arch = array(Dataflow::ws, 4, 1);
  const Program program = product({1, 4, 1}, Dataflow::ws, 4, 1);
  // Step 13..13+1+4+4-1 = 21 (preload 4, skew 3, one pixel); drain 22..23, store 23..24, 25, 31.
  EXPECT_EQ(run(arch, program).end, 31U);
}

// One row of 4 pixels under 3 kernel columns, one column of padding on either side: 10 elements of
// 12 are stored, and an element goes over the bus for each pixel that needs its word. The buffer
// holds the 4 stored words.
TEST(OracleSystolic, ElementsOfPaddingAreNotMoved) {
  Program program = matrix_vector(1, 1);
  Operation op = program.operation;
  op.bounds[Dim::Q] = 4;
  op.bounds[Dim::S] = 3;
  op.of(Operand::input) = tensor({axis({{Dim::Q, 1}, {Dim::S, 1}}, 4, 1)}, false);
  op.of(Operand::input).axes[0].offset = -1;
  op.of(Operand::weight) = tensor({axis({{Dim::S, 1}}, 3, 1)}, true);
  op.of(Operand::output) = tensor({axis({{Dim::Q, 1}}, 4, 1)}, false);
  program.operation = flattened(op);
  program.spatial_y = {{Dim::P, 4}};
  program.rf = {{Dim::C, 3}};
  const OracleLayer layer = run(array(Dataflow::os, 4, 1), program);
  EXPECT_EQ(layer.activity.bus_words[WordKind::input], 10U);
  EXPECT_EQ(layer.activity.buffer[WordKind::input], (ReadsWrites{10, 4}));
  EXPECT_EQ(layer.activity.dram[WordKind::input], (ReadsWrites{4, 0}));
  EXPECT_EQ(layer.activity.pe_operations, 12U);
}

Im2col numbers(std::uint64_t q, std::uint64_t r, std::uint64_t s) {
  Im2col im2col;
  im2col.unflat = ones();
  im2col.unflat[Dim::Q] = q;
  im2col.unflat[Dim::R] = r;
  im2col.unflat[Dim::S] = s;
  return im2col;
}

std::string box(const Im2col& im2col, oracle::Range pixels, oracle::Range words) {
  Block block;
  for (const Dim d : kAllDims) block[d] = {0, 1};
  block[Dim::P] = pixels;
  block[Dim::C] = words;
  std::string text;
  const Block before = oracle::stored_box(im2col, block);
  for (const Dim d : {Dim::P, Dim::Q, Dim::C, Dim::R, Dim::S}) {
    text += fmt::format("{}{}..{} ", letter(d), before[d].begin, before[d].end);
  }
  return text;
}

// Rows of 5 pixels, filters of 2 x 3 a channel. The words of the contract, case by case.
TEST(OracleSystolic, TheBoxUnderAPartOfTheMatrix) {
  const Im2col im2col = numbers(5, 2, 3);
  EXPECT_EQ(box(im2col, {6, 9}, {7, 9}), "P1..2 Q1..4 C1..2 R0..1 S1..3 ");
  EXPECT_EQ(box(im2col, {4, 6}, {7, 10}), "P0..2 Q0..5 C1..2 R0..2 S0..3 ");
  EXPECT_EQ(box(im2col, {5, 10}, {5, 7}), "P1..2 Q0..5 C0..2 R0..2 S0..3 ");
}

// Coordinates of the tensor that an iteration of the operation touches; empty for padding.
std::vector<std::int64_t> touched(const std::vector<Axis>& axes, const Index& index) {
  std::vector<std::int64_t> coordinates;
  for (const Axis& a : axes) {
    coordinates.push_back(oracle::coordinate_of(a, index));
    if (coordinates.back() < 0 || coordinates.back() >= a.extent) return {};
  }
  return coordinates;
}

std::int64_t word(const TensorAccess& access, const Index& index) {
  const auto coordinates = touched(access.axes, index);
  if (coordinates.empty()) return -1;
  std::int64_t at = static_cast<std::int64_t>(access.base_word);
  for (std::size_t a = 0; a < coordinates.size(); ++a) {
    at += coordinates[a] * access.axes[a].word_stride;
  }
  return at;
}

// Every iteration of an operation touches the same words after flattening, and different pairs of
// pixel and filter word are different elements.
void expect_same_words(const Operation& op) {
  const Operation flat = flattened(op);
  const auto& b = op.bounds;
  std::set<std::uint64_t> elements;
  std::uint64_t stored = 0;
  Block all;
  for (const Dim d : kAllDims) all[d] = {0, b[d]};
  Index at = oracle::first_of(all);
  do {
    Index matrix = at;
    matrix[Dim::P] = at[Dim::P] * b[Dim::Q] + at[Dim::Q];
    matrix[Dim::C] = (at[Dim::C] * b[Dim::R] + at[Dim::R]) * b[Dim::S] + at[Dim::S];
    matrix[Dim::Q] = matrix[Dim::R] = matrix[Dim::S] = 0;
    EXPECT_EQ(word(flat.of(Operand::weight), matrix), word(op.of(Operand::weight), at));
    EXPECT_EQ(word(flat.of(Operand::output), matrix), word(op.of(Operand::output), at));
    const bool padding = word(op.of(Operand::input), at) < 0;
    const auto element = oracle::array_word(flat.of(Operand::input), matrix);
    EXPECT_EQ(padding, !element.has_value());
    if (at[Dim::K] > 0 || !element) continue;
    elements.insert(*element);
    ++stored;
  } while (oracle::next_in(all, at));
  EXPECT_EQ(elements.size(), stored);
  EXPECT_EQ(flat.iterations(), op.iterations());
}

TEST(OracleSystolic, FlatteningTouchesTheSameWords) {
  int flat = 0;
  for (std::uint64_t seed = 0; flat < 25; ++seed) {
    Rng rng(seed);
    const Operation op = oracle::random_operation(rng);
    if (!op.is_mac() || !flattened(op).of(Operand::input).im2col) continue;
    SCOPED_TRACE(fmt::format("seed {}", seed));
    expect_same_words(op);
    ++flat;
  }
}

}  // namespace
}  // namespace chasm
