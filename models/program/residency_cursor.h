// Output residencies (docs/microarchitecture.md, section 1): maximal runs of steps, or of DRAM
// iterations, with the same output tile.
#pragma once

#include "models/program/loop_cursor.h"

namespace chasm {

struct Residency {
  std::uint64_t index = 0;
  std::uint64_t first_step = 0, steps = 0;
  DimArray<std::uint64_t> offsets;  // of the dimensions at its first iteration
  bool started = false;             // its outputs have been accumulated before
  bool finished = false;            // no reduction loop outside will return to it

  std::uint64_t end_step() const { return first_step + steps; }
  bool reads_back(const Operation& operation) const { return started && !operation.is_row_op(); }
  // Row operations produce nothing before their last pass.
  bool produces(const Operation& operation) const { return finished || !operation.is_row_op(); }
};

// Whether the output tile at these offsets is that at those: reduction dimensions do not tell.
inline bool same_outputs(const Operation& operation, const DimArray<std::uint64_t>& a,
                         const DimArray<std::uint64_t>& b) {
  for (const Dim d : kAllDims)
    if (a[d] != b[d] && !operation.is_reduction(d)) return false;
  return true;
}

class ResidencyCursor {
 public:
  // Residencies with respect to the first `count` temporal loops (all: register files; those of
  // DRAM: the buffer).
  ResidencyCursor(const Program& program, std::size_t count)
      : operation_(program.operation),
        count_(count),
        cursor_(program, relevant_depth(program, Operand::output, count)) {}

  bool next(Residency& residency) {
    if (done_) return false;
    residency = {
        index_++, step_, 0, cursor_.offsets(), cursor_.reduction_started(operation_, count_),
        false};
    do {
      residency.steps += cursor_.steps();
      residency.finished = cursor_.reduction_finished(operation_, count_);
      done_ = !cursor_.advance();
    } while (!done_ && same_outputs(operation_, residency.offsets, cursor_.offsets()));
    step_ = residency.end_step();
    return true;
  }

  // Where the next residency begins.
  const LoopCursor& cursor() const { return cursor_; }
  std::uint64_t next_step() const { return step_; }
  // On by so many iterations of a loop (LoopCursor::skip), which have so many steps.
  void skip(std::size_t loop, std::uint64_t iterations, std::uint64_t steps) {
    cursor_.skip(loop, iterations);
    step_ += steps;
  }

 private:
  const Operation& operation_;
  std::size_t count_;
  LoopCursor cursor_;
  std::uint64_t index_ = 0, step_ = 0;
  bool done_ = false;
};

}  // namespace chasm
