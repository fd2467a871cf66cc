// Cycles of issue, of a program: no average, no walk over steps.
#include <algorithm>
#include <vector>

#include "base/units.h"
#include "models/program/loop_cursor.h"
#include "mapper/word_counts.h"

namespace chasm {
namespace {

// Sum over all combinations of ceil(product of lengths / lanes).
std::uint64_t sum_of_cycles(const BlockExtents* extents, std::size_t count,
                            std::uint64_t iterations, std::uint64_t lanes) {
  if (count == 0) return ceil_div(iterations, lanes);
  const BlockExtents& e = *extents;
  std::uint64_t cycles = 0;
  if (e.times > 0)
    cycles = e.times * sum_of_cycles(extents + 1, count - 1, iterations * e.whole, lanes);
  if (e.last > 0) cycles += sum_of_cycles(extents + 1, count - 1, iterations * e.last, lanes);
  return cycles;
}

std::uint64_t count_folds(const Program& program, const Operation& folds) {
  const LoopNest nest = to_nest(program);
  OperandFactors factors(folds, Operand::output, OperandFactors::Level::array);
  NestSplits splits(folds.bounds);
  OperandMoves moves;
  factors.moves(splits.array_level(splits.numbers(nest)), moves);
  std::uint64_t count = moves.first().filled;
  moves.for_each_loop(nest.loops.data(), nest.count, [&](const MoveSums& sums, const auto&) {
    count += sums.filled - sums.still;
  });
  return count;
}

// What of each stationary tile's preload the fold before does not hide: the sum over folds but the
// first.
std::uint64_t bare_preloads(const Program& program, const Operation& folds, std::uint64_t preload,
                            std::uint64_t lanes) {
  const std::size_t loops = program.dram.size() + program.buffer.size();
  const std::size_t depth = [&] {
    Program other = program;
    other.operation = folds;
    return relevant_depth(other, Operand::output, loops);
  }();
  const DimArray<std::uint64_t> rf = rf_tile(program), array = array_tile(program);
  DimArray<std::uint64_t> block = array;
  const std::vector<TemporalLoop> temporal = temporal_loops(program);
  for (std::size_t l = depth; l < loops; ++l) block[temporal[l].dim] *= temporal[l].trips;

  LoopCursor cursor(program, depth);
  DimArray<std::uint64_t> fold = cursor.offsets();
  std::uint64_t streamed = 0, bare = 0;
  do {
    const DimArray<std::uint64_t>& at = cursor.offsets();
    const bool same = std::all_of(kAllDims.begin(), kAllDims.end(),
                                  [&](Dim d) { return at[d] == fold[d] || folds.is_reduction(d); });
    if (!same) bare += preload - std::min(preload, streamed), streamed = 0;
    fold = at;
    DimArray<BlockExtents> extents;
    for (const Dim d : kAllDims)
      extents[d] =
          block_extents(at[d], std::min(folds.bounds[d], at[d] + block[d]), array[d], rf[d]);
    streamed += step_cycles(extents, lanes);
  } while (cursor.advance());
  return bare;
}

std::uint64_t skew_cycles(const Program& program, const ChunkSpec& chunk, std::uint64_t lanes) {
  const Operation folds = folds_of(program.operation, chunk.dataflow);
  const std::uint64_t preload = chunk.dataflow == Dataflow::os ? 0 : chunk.rows;
  const std::uint64_t whole = preload + chunk.rows + chunk.cols - 2;
  if (!chunk.overlap_folds) return count_folds(program, folds) * whole;
  return whole + (preload == 0 ? 0 : bare_preloads(program, folds, preload, lanes));
}

}  // namespace

Operation folds_of(const Operation& operation, Dataflow dataflow) {
  const TensorAccess& stationary = operation.of(dataflow == Dataflow::os   ? Operand::output
                                                : dataflow == Dataflow::ws ? Operand::weight
                                                                           : Operand::input);
  Operation folds = operation;
  TensorAccess& output = folds.of(Operand::output);
  output = {};
  output.used = true;
  for (const Dim d : kAllDims)
    if (stationary.depends_on(d))
      output.axes.push_back({{{d, 1}}, 0, static_cast<std::int64_t>(operation.bounds[d]), 1});
  return folds;
}

BlockExtents block_extents(std::uint64_t first, std::uint64_t end, std::uint64_t array,
                           std::uint64_t rf) {
  const std::uint64_t blocks = ceil_div(end - first, array);
  const std::uint64_t last = std::min(rf, end - first - (blocks - 1) * array);
  if (last == rf) return {rf, blocks, 0};
  return {rf, blocks - 1, last};
}

// Where all blocks of a dimension are alike, or nothing is rounded, it is a factor.
std::uint64_t step_cycles(const DimArray<BlockExtents>& extents, std::uint64_t lanes) {
  std::array<BlockExtents, kDims> uneven;
  std::size_t count = 0;
  std::uint64_t times = 1, iterations = 1;
  for (const BlockExtents& e : extents.values) {
    if (lanes == 1)
      times *= e.times * e.whole + e.last;
    else if (e.last > 0)
      uneven[count++] = e;
    else
      times *= e.times, iterations *= e.whole;
  }
  return times * sum_of_cycles(uneven.data(), count, iterations, lanes);
}

std::uint64_t issue_cycles(const Program& program, const ChunkSpec& chunk) {
  const std::uint64_t lanes = chunk.pe_operations(arithmetic_of(program.operation.kind));
  const LoopNest nest = to_nest(program);
  DimArray<BlockExtents> extents;
  for (const Dim d : kAllDims)
    extents[d] = block_extents(0, program.operation.bounds[d], nest.array(d), nest.rf[d]);
  const std::uint64_t cycles = step_cycles(extents, lanes);
  if (chunk.interconnect != Interconnect::systolic) return cycles;
  return cycles + skew_cycles(program, chunk, lanes);
}

}  // namespace chasm
