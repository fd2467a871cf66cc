// The moves of all operands at both levels, of the nests of one operation.
#pragma once

#include <array>
#include <vector>

#include "models/program/program.h"
#include "mapper/operand_moves.h"

namespace chasm {

template <class Sums>
struct NestMoves {
  std::array<Moves<Sums>, kOperands> array, buffer;
};

// Not thread-safe: it keeps the sums of axes it has seen, so that another order of the same loops
// costs products only, and other factors of one dimension few sums.
class NestFactors {
 public:
  // `prototype` gives the operation, and what bypasses the buffer or is kept there.
  explicit NestFactors(const Program& prototype);

  // Of operands that are used (below: that have tiles in the buffer).
  template <class Sums>
  void moves(const NestSplits::Numbers& numbers, NestMoves<Sums>& moves) {
    const LevelNest array = splits.array_level(numbers), buffer = splits.buffer_level(numbers);
    for (std::size_t o = 0; o < kOperands; ++o) {
      if (used_[o]) array_[o].moves(array, moves.array[o]);
      if (buffered_[o]) buffer_[o].moves(buffer, moves.buffer[o]);
    }
  }
  bool used(std::size_t o) const { return used_[o]; }
  bool buffered(std::size_t o) const { return buffered_[o]; }

  NestSplits splits;

 private:
  std::array<bool, kOperands> used_{}, buffered_{};
  std::vector<OperandFactors> array_, buffer_;  // by operand
};

}  // namespace chasm
