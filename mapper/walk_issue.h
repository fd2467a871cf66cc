// The issue stage (docs/microarchitecture.md, sections 1, 2 and 8): what each step takes.
#pragma once

#include "models/arch/arch_spec.h"
#include "models/program/loop_cursor.h"
#include "mapper/walk_basics.h"

namespace chasm::walk {

class Issue {
 public:
  Issue(const Program&, const ChunkSpec&, Cycle begin);

  bool done() const { return done_; }
  std::uint64_t step() const { return step_; }
  Cycle end() const { return end_; }
  // The next step starts at that cycle.
  void issue(Cycle start);
  // The outermost loop that has advanced since the last time; the number of loops where none has.
  std::size_t take_advanced() {
    const std::size_t advanced = advanced_;
    advanced_ = cursor_.depth();
    return advanced;
  }

  const LoopCursor& cursor() const { return cursor_; }
  void save(Snapshot&) const;
  void shift(std::size_t loop, std::uint64_t iterations, std::uint64_t steps, Cycle cycles);

 private:
  Cycle skew(Cycle cycles);

  const Operation& operation_;
  LoopCursor cursor_;
  struct Extent {
    Dim dim;
    std::uint64_t rf;
  };
  std::vector<Extent> extents_;  // of a PE, where there is more than one iteration
  std::uint64_t lanes_;
  std::size_t advanced_;
  bool done_ = false;
  std::uint64_t step_ = 0;
  Cycle end_;

  // Systolic arrays.
  bool systolic_, overlap_;
  Cycle preload_ = 0, fill_and_drain_ = 0, streamed_ = 0;
  std::vector<Dim> stationary_;  // dimensions of the operand that stays
  DimArray<std::uint64_t> fold_;
  bool in_fold_ = false;
};

}  // namespace chasm::walk
