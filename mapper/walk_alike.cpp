#include "mapper/walk_alike.h"

#include <algorithm>
#include <numeric>

#include "base/units.h"

namespace chasm::walk {
namespace {

// Whether all coordinates that indices first .. end - 1 of a dimension touch on an axis, whatever
// the other dimension, are stored ones.
bool inside(const Axis& axis, Dim d, std::uint64_t first, std::uint64_t end,
            const DimArray<std::uint64_t>& bounds) {
  std::int64_t least = axis.offset, most = axis.offset;
  bool moves = false;
  for (const Axis::Term& term : axis.terms) {
    moves = moves || term.dim == d;
    const std::uint64_t low = term.dim == d ? first : 0;
    const std::uint64_t high = (term.dim == d ? end : bounds[term.dim]) - 1;
    least += term.coefficient * static_cast<std::int64_t>(low);
    most += term.coefficient * static_cast<std::int64_t>(high);
  }
  return !moves || (least >= 0 && most < axis.extent);
}

}  // namespace

Alike::Alike(const Program& program, std::uint64_t channels)
    : program_(program),
      channels_(channels),
      loops_(temporal_loops(program)),
      weights_(loops_.size(), 1),
      array_(array_tile(program)) {
  for (std::size_t l = loops_.size(); l-- > 1;) weights_[l - 1] = weights_[l] * loops_[l].trips;
}

Alike::Range Alike::range(std::size_t loop, const LoopCursor& cursor) const {
  const Operation& operation = program_.operation;
  const Dim d = loops_[loop].dim;  // no structured binding: Clang 14 cannot capture it
  const std::uint64_t trips = loops_[loop].trips, block = loops_[loop].block;
  std::uint64_t base = 0;
  for (std::size_t l = 0; l < loop; ++l)
    if (loops_[l].dim == d) base += cursor.index(l) * loops_[l].block;
  const std::uint64_t left = operation.bounds[d] - base;
  Range range{0, std::min(trips, ceil_div(left, block)) - 1};
  if (operation.is_reduction(d)) {  // psums are made in the first, and complete in the last
    ++range.first;
    if (range.last == 0) return {1, 0};
    --range.last;
  }
  const auto alike = [&](std::uint64_t i) {
    const std::uint64_t first = base + i * block, end = first + block;
    if (end > operation.bounds[d]) return false;
    for (const TensorAccess& access : operation.access) {
      if (!access.used) continue;
      if (access.im2col && (d == Dim::P || d == Dim::C)) {
        if (d == Dim::C) continue;  // whole channels
        const DimArray<std::uint64_t>& unflat = access.im2col->unflat;
        for (const Axis& axis : access.im2col->stored)
          if (!inside(axis, Dim::P, first / unflat[Dim::Q], (end - 1) / unflat[Dim::Q] + 1, unflat))
            return false;
        continue;
      }
      for (const Axis& axis : access.axes)
        if (!inside(axis, d, first, end, operation.bounds)) return false;
    }
    return true;
  };
  while (range.first <= range.last && !alike(range.first)) ++range.first;
  while (range.first < range.last && !alike(range.last)) --range.last;
  return range;
}

bool Alike::same_words(std::size_t loop, std::uint64_t iterations) const {
  const TensorAccess& input = program_.operation.of(Operand::input);
  if (!input.used || !input.im2col) return true;
  const std::uint64_t indices = iterations * loops_[loop].block;
  const DimArray<std::uint64_t>& unflat = input.im2col->unflat;
  if (loops_[loop].dim == Dim::P) return indices % unflat[Dim::Q] == 0;
  if (loops_[loop].dim == Dim::C) return indices % (unflat[Dim::R] * unflat[Dim::S]) == 0;
  return true;
}

// Words between a block and the one so many indices on, or a divisor of all such distances: blocks
// before them are whole ones or those of an edge.
std::uint64_t Alike::parameter_shift(Operand operand, Dim d, std::uint64_t indices) const {
  const DimArray<std::uint64_t>& bounds = program_.operation.bounds;
  std::uint64_t before = indices, after = 1;
  bool outer = true;
  for (const Axis& axis : program_.operation.of(operand).axes)
    for (const Axis::Term& term : axis.terms) {
      if (term.dim == d) {
        outer = false;
      } else if (outer) {
        const std::uint64_t whole = std::min(array_[term.dim], bounds[term.dim]);
        before *= std::gcd(whole, bounds[term.dim] % whole);
      } else {
        after *= bounds[term.dim];
      }
    }
  return outer ? 0 : before * after;
}

bool Alike::same_lines_of_tensor(const TensorAccess& access, const Placement& placement, Dim d,
                                 std::uint64_t indices) const {
  const TensorLayout& layout = placement.layout;
  const std::uint64_t sample = layout.channels * layout.pixels;
  if (access.im2col && d == Dim::P) indices /= access.im2col->unflat[Dim::Q];
  if (access.im2col && d == Dim::C)
    indices /= access.im2col->unflat[Dim::R] * access.im2col->unflat[Dim::S];
  for (const Axis& axis : access.stored_axes())
    for (const Axis::Term& term : axis.terms) {
      if (term.dim != d) continue;
      std::uint64_t words = indices * static_cast<std::uint64_t>(term.coefficient) *
                            static_cast<std::uint64_t>(axis.word_stride);
      if (!layout.canonical()) {
        if (words % sample == 0)
          words = layout.stored_words(words);
        else if (words % layout.pixels != 0)
          words *= layout.block;  // pixels
        else if (words / layout.pixels % layout.block == 0)
          words = words / layout.pixels / layout.block * layout.pixels * layout.block;
        else if (layout.blocks() == 1)
          words /= layout.pixels;  // channels of one block
        else
          return false;
      }
      if (!moves_whole_lines(words, placement)) return false;
    }
  return true;
}

bool Alike::same_lines(std::size_t loop, std::uint64_t iterations, Operand operand) const {
  const TensorAccess& access = program_.operation.of(operand);
  const Dim d = loops_[loop].dim;
  const std::uint64_t indices = iterations * loops_[loop].block;
  const Placement& placement = program_.placement[static_cast<std::size_t>(operand)];
  if (access.is_parameter)
    return moves_whole_lines(parameter_shift(operand, d, indices), placement);
  if (!same_lines_of_tensor(access, placement, d, indices)) return false;
  return operand != Operand::output || !accumulates_over_steps(program_) ||
         same_lines_of_tensor(access, program_.psum, d, indices);
}

}  // namespace chasm::walk
