#include "models/program/loop_cursor.h"

#include <algorithm>

#include "base/units.h"

namespace chasm {

std::vector<TemporalLoop> temporal_loops(const Program& program) {
  std::vector<TemporalLoop> loops;
  for (const Loop& loop : program.dram) loops.push_back({loop.dim, loop.trips, 0});
  for (const Loop& loop : program.buffer) loops.push_back({loop.dim, loop.trips, 0});
  DimArray<std::uint64_t> below = array_tile(program);
  for (std::size_t l = loops.size(); l-- > 0;) {
    loops[l].block = below[loops[l].dim];
    below[loops[l].dim] *= loops[l].trips;
  }
  return loops;
}

namespace {

// One more than the position of the innermost of the first `count` temporal loops whose dimension
// matters.
template <class Matters>
std::size_t depth_of(const Program& program, std::size_t count, const Matters& matters) {
  std::size_t depth = 0;
  for (std::size_t l = 0; l < count; ++l) {
    const Loop& loop =
        l < program.dram.size() ? program.dram[l] : program.buffer[l - program.dram.size()];
    if (loop.trips > 1 && matters(loop.dim)) depth = l + 1;
  }
  return depth;
}

}  // namespace

std::size_t relevant_depth(const Program& program, Operand operand, std::size_t count) {
  const TensorAccess& access = program.operation.of(operand);
  return depth_of(program, count, [&](Dim d) { return access.depends_on(d); });
}

std::size_t delivery_depth(const Program& program, Operand operand) {
  const TensorAccess& access = program.operation.of(operand);
  const DimArray<std::uint64_t> rf = rf_tile(program), array = array_tile(program);
  return depth_of(program, program.dram.size() + program.buffer.size(), [&](Dim d) {
    const std::uint64_t blocks = ceil_div(program.operation.bounds[d], rf[d]);
    return access.depends_on(d) || blocks % (array[d] / rf[d]) != 0;
  });
}

LoopCursor::LoopCursor(const Program& program, std::size_t depth)
    : bounds_(program.operation.bounds),
      loops_(temporal_loops(program)),
      array_tile_(array_tile(program)) {
  inner_block_ = array_tile_;
  for (std::size_t l = loops_.size(); l-- > depth;) inner_block_[loops_[l].dim] *= loops_[l].trips;
  loops_.resize(depth);
  index_.assign(depth, 0);
  trips_.assign(depth, 0);
  offsets_.values.fill(0);
  for (std::size_t l = 0; l < depth; ++l) trips_[l] = trips_at(l);
}

// Valid while the loops at and below `loop` stand at their first iteration.
std::uint64_t LoopCursor::trips_at(std::size_t loop) const {
  const TemporalLoop& l = loops_[loop];
  return std::min(l.trips, ceil_div(bounds_[l.dim] - offsets_[l.dim], l.block));
}

bool LoopCursor::advance() {
  std::size_t l = loops_.size();
  while (l > 0 && index_[l - 1] + 1 == trips_[l - 1]) --l;
  if (l == 0) return false;
  changed_ = l - 1;
  for (std::size_t inner = l; inner < loops_.size(); ++inner) {
    offsets_[loops_[inner].dim] -= index_[inner] * loops_[inner].block;
    index_[inner] = 0;
  }
  ++index_[changed_];
  offsets_[loops_[changed_].dim] += loops_[changed_].block;
  for (std::size_t inner = l; inner < loops_.size(); ++inner) trips_[inner] = trips_at(inner);
  return true;
}

bool LoopCursor::at_last() const {
  for (std::size_t l = 0; l < loops_.size(); ++l)
    if (index_[l] + 1 != trips_[l]) return false;
  return true;
}

std::uint64_t LoopCursor::steps() const {
  std::uint64_t steps = 1;
  for (const Dim d : kAllDims)
    if (inner_block_[d] != array_tile_[d])
      steps *= ceil_div(std::min(inner_block_[d], bounds_[d] - offsets_[d]), array_tile_[d]);
  return steps;
}

bool LoopCursor::reduction_started(const Operation& operation, std::size_t count) const {
  for (std::size_t l = 0; l < std::min(count, loops_.size()); ++l)
    if (index_[l] > 0 && operation.is_reduction(loops_[l].dim)) return true;
  return false;
}

bool LoopCursor::reduction_finished(const Operation& operation, std::size_t count) const {
  for (std::size_t l = 0; l < std::min(count, loops_.size()); ++l)
    if (index_[l] + 1 < trips_[l] && operation.is_reduction(loops_[l].dim)) return false;
  return true;
}

}  // namespace chasm
