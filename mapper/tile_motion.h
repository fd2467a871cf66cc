// How many words of an operand's tile are new when the loops move it: the closed form behind the
// cost model. A tile is a product over the axes of the tensor, a loop shifts it along at most one
// of them, and what a shift leaves over of an axis is an interval. Exact where every factor divides
// and nothing is padded; elsewhere words are scaled by the average over all positions of the tile,
// which is exact as long as tiles do not overlap.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/program/program.h"

namespace chasm {

inline constexpr std::size_t kMaxAxes = 5;

// One axis under the terms that move it, in the units of its only term where there is one.
struct AxisShape {
  Dim first = Dim::N, second = Dim::N;
  std::int64_t first_step = 1, second_step = 1;
  std::size_t terms = 0;  // of dimensions with more than one iteration
  std::int64_t offset = 0, extent = 1;
  std::int64_t word_stride = 1;
};

// One tensor of an operation.
struct OperandShape {
  OperandShape(const Operation&, Operand);

  bool used = false, is_parameter = false;
  std::vector<AxisShape> axes;
  DimArray<std::int8_t> axis_of{};   // -1: the operand does not depend on the dimension
  DimArray<std::int64_t> step_of{};  // coordinates an iteration moves
  DimArray<std::uint64_t> bounds;

  bool depends_on(Dim d) const { return axis_of[d] >= 0; }
};

// The tile of an operand at one level: `rf` indices of every dimension in each of `spatial` PEs
// side by side (1: a buffer tile).
class Tile {
 public:
  Tile(const OperandShape&, const DimArray<std::uint64_t>& rf,
       const DimArray<std::uint64_t>& spatial);

  double words() const { return words_; }  // average over all positions
  double length(std::size_t axis) const { return axes_[axis].total * axes_[axis].scale; }
  // New words where the axes move by these coordinates at once (negative: backwards); `lengths`
  // gets the new or whole length of each axis.
  double moved(const std::array<std::int64_t, kMaxAxes>& shifts,
               std::array<double, kMaxAxes>& lengths) const;

 private:
  struct AxisTile {
    bool sliding = false;  // two terms: tiles may overlap
    std::int64_t pitch = 0,
                 reach = 0;  // sliding, one PE after another: start to start; length (0: has gaps)
    std::uint64_t first_rf = 1, second_rf = 1, first_pes = 1, second_pes = 1;
    double total = 1;  // coordinates of an interior tile
    double scale = 1;  // average stored coordinates over that
  };
  double new_length(std::size_t axis, std::int64_t shift) const;
  double enumerate_new(std::size_t axis, std::int64_t shift) const;
  double average_length(const AxisShape&, std::uint64_t first, std::uint64_t second) const;

  const OperandShape& shape_;
  std::array<AxisTile, kMaxAxes> axes_;
  double words_ = 1, scale_ = 1;
};

// The temporal loops above a tile with the indices an iteration covers and the trips it makes on
// average (edges have fewer).
struct TemporalLoops {
  struct Level {
    Dim dim;
    std::uint64_t trips, block;
    double average_trips;
  };
  std::array<Level, 4 * kDims> loops;
  std::size_t count = 0;
};

// Calls visit(times, new words, lengths, moved) for the first tile and then for each loop,
// innermost first: how often it advances while the loops inside it start again, and what that
// brings.
template <class Visit>
void for_each_move(const OperandShape& shape, const Tile& tile, const TemporalLoops& nest,
                   std::size_t count, Visit visit) {
  std::array<double, 4 * kDims + 1> outer;
  outer[0] = 1;
  for (std::size_t l = 0; l < count; ++l) outer[l + 1] = outer[l] * nest.loops[l].average_trips;
  std::array<double, kMaxAxes> lengths{};
  std::array<std::int64_t, kMaxAxes> wrapped{};
  for (std::size_t a = 0; a < shape.axes.size(); ++a) lengths[a] = tile.length(a);
  visit(1.0, tile.words(), lengths, true);
  for (std::size_t l = count; l-- > 0;) {
    const TemporalLoops::Level& loop = nest.loops[l];
    std::array<std::int64_t, kMaxAxes> shifts = wrapped;
    bool moves = false;
    if (shape.depends_on(loop.dim)) {
      const auto axis = static_cast<std::size_t>(shape.axis_of[loop.dim]);
      const std::int64_t step = shape.step_of[loop.dim] * static_cast<std::int64_t>(loop.block);
      shifts[axis] += step;
      wrapped[axis] -= step * static_cast<std::int64_t>(loop.trips - 1);
    }
    for (std::size_t a = 0; a < shape.axes.size(); ++a) moves = moves || shifts[a] != 0;
    const double times = outer[l] * (loop.average_trips - 1);
    visit(times, moves ? tile.moved(shifts, lengths) : 0.0, lengths, moves);
  }
}

}  // namespace chasm
