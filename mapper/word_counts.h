// How many words a program moves, exactly and in closed form: the numbers that the simulator counts
// (models/energy/activity.h), of any legal program. Lines of DRAM are in mapper/line_counts.h.
#pragma once

#include "models/arch/arch_spec.h"
#include "models/energy/activity.h"
#include "models/program/program.h"
#include "mapper/nest_moves.h"

namespace chasm {

// Deliveries of input or weight: only those that bring words count.
struct Deliveries {
  std::uint64_t times = 0;
  std::uint64_t words = 0;      // distinct ones
  std::uint64_t receivers = 0;  // (word, PE) pairs
  bool operator==(const Deliveries&) const = default;
};
// Residencies of output tiles at one level: complete ones leave as outputs, the others are spilled
// as psums and read back later, words for words.
struct OutputResidencies {
  std::uint64_t complete = 0, spilled = 0;
  std::uint64_t complete_words = 0, spilled_words = 0;
  std::uint64_t held_words = 0;  // the same words as often as PEs hold them
  bool operator==(const OutputResidencies&) const = default;
};

struct WordCounts {
  std::uint64_t steps = 0, operations = 0;
  // Deliveries into the register files, and into the buffer (none of an operand that bypasses it or
  // is kept there); at Operand::input and Operand::weight.
  std::array<Deliveries, 2> fills, loads;
  OutputResidencies drains, stores;  // in the PEs; in the buffer (none of a kept output)
  bool operator==(const WordCounts&) const = default;
};

// The simulator's counts. Bursts are 0.
Activity to_activity(const WordCounts&, const Program&);

// Counts the mappings of one operation. Not thread-safe: it keeps the sums of axes it has seen, so
// that another order of the same loops costs products only.
class WordCounter {
 public:
  // `prototype` gives the operation, and what bypasses the buffer or is kept there; its loops do
  // not matter.
  explicit WordCounter(const Program& prototype);

  // What all orders of a nest's loops have in common.
  using Prepared = NestMoves<MoveSums>;
  Prepared prepare(const LoopNest& nest) {
    Prepared prepared;
    prepare(nest, prepared);
    return prepared;
  }
  void prepare(const LoopNest& nest, Prepared& prepared) {
    factors_.moves(factors_.splits.numbers(nest), prepared);
  }
  // `prepared` is of the same nest, or of one that differs only in the order of loops of different
  // dimensions at one level.
  WordCounts count(const LoopNest&, const Prepared& prepared) const;
  WordCounts count(const LoopNest& nest) {
    prepare(nest, prepared_);
    return count(nest, prepared_);
  }

 private:
  OutputResidencies residencies(const LoopNest&, const OperandMoves&, bool buffer) const;

  DimArray<std::uint64_t> bounds_;
  bool row_op_;
  NestFactors factors_;
  std::uint64_t operations_ = 1, output_words_ = 1;
  DimArray<bool> moves_output_{};
  Prepared prepared_;
};

// Iterations of a PE along one dimension, over a range of its blocks: all alike but the last.
struct BlockExtents {
  std::uint64_t whole = 1, times = 1;  // so many blocks of that length
  std::uint64_t last = 0;              // and one of this; 0: none
};
// Of the blocks at `first`, first + array, ... below `end`.
BlockExtents block_extents(std::uint64_t first, std::uint64_t end, std::uint64_t array,
                           std::uint64_t rf);

// Cycles in which steps issue (docs/microarchitecture.md, sections 2 and 8): the iterations of the
// busiest PE over its lanes, step by step; with what a systolic array adds a fold.
std::uint64_t step_cycles(const DimArray<BlockExtents>&, std::uint64_t lanes);
std::uint64_t issue_cycles(const Program&, const ChunkSpec&);
// The stationary operand as if it were an output: its residencies in the PEs are the folds.
Operation folds_of(const Operation&, Dataflow);

}  // namespace chasm
