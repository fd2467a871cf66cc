// Walks the existing iterations of a program's temporal loops (DRAM and buffer, outermost first),
// or of the outer ones alone, in lexicographic order. Clipped iterations are skipped; nothing is
// stored but one index a loop.
#pragma once

#include <vector>

#include "models/program/program.h"

namespace chasm {

// The temporal loops of a program with the block of its dimension that one iteration covers.
struct TemporalLoop {
  Dim dim;
  std::uint64_t trips;  // as written; an edge may have fewer
  std::uint64_t block;  // indices of `dim` an iteration covers
};
std::vector<TemporalLoop> temporal_loops(const Program&);

// Loops that matter: one more than the position of the innermost temporal loop, among the first
// `count`, whose dimension the operand depends on and whose trips are more than one. 0 when there
// is none.
std::size_t relevant_depth(const Program&, Operand, std::size_t count);

// The same for the register files: a loop also matters when its dimension leaves PEs idle at an
// edge. They hold nothing then, so they need their words again when they work again, whether the
// operand depends on the dimension or not.
std::size_t delivery_depth(const Program&, Operand);

class LoopCursor {
 public:
  // Walks the first `depth` temporal loops. The cursor starts on the first iteration.
  LoopCursor(const Program&, std::size_t depth);

  // Steps to the next iteration; false at the end (the cursor stays). outermost_changed() is then
  // the loop that advanced.
  bool advance();
  bool at_last() const;  // no further iteration exists

  std::size_t outermost_changed() const { return changed_; }
  std::size_t depth() const { return loops_.size(); }
  std::uint64_t index(std::size_t loop) const { return index_[loop]; }
  Dim dim(std::size_t loop) const { return loops_[loop].dim; }
  // On by so many iterations of a loop, the loops inside staying where they are: only where none of
  // these iterations is clipped.
  void skip(std::size_t loop, std::uint64_t iterations) {
    index_[loop] += iterations;
    offsets_[loops_[loop].dim] += iterations * loops_[loop].block;
  }
  const DimArray<std::uint64_t>& offsets() const { return offsets_; }
  // Steps inside the current iteration of the walked loops (existing iterations of all temporal
  // loops below).
  std::uint64_t steps() const;
  // Whether a walked loop of a reduction dimension below position `count` has advanced past its
  // first, or can still advance.
  bool reduction_started(const Operation&, std::size_t count) const;
  bool reduction_finished(const Operation&, std::size_t count) const;

 private:
  std::uint64_t trips_at(std::size_t loop) const;

  DimArray<std::uint64_t> bounds_;
  std::vector<TemporalLoop> loops_;
  std::vector<std::uint64_t> index_, trips_;
  DimArray<std::uint64_t> offsets_;
  DimArray<std::uint64_t> inner_block_;  // extent of a dimension below the walked loops
  DimArray<std::uint64_t> array_tile_;
  std::size_t changed_ = 0;
};

}  // namespace chasm
