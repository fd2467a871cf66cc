#include "mapper/operand_moves.h"

#include <algorithm>

#include "base/check.h"
#include "base/units.h"

namespace chasm {
namespace {

// Positions that one iteration covers, by how many of the dimension's loops lie outside.
struct Blocks {
  std::array<std::uint64_t, 4 * kDims + 1> of{};
  std::size_t levels = 0;
  explicit Blocks(const LevelNest::Trips& trips) : levels(trips.count + 1) {
    of[trips.count] = 1;
    for (std::size_t l = trips.count; l-- > 0;) of[l] = of[l + 1] * trips.all[l];
  }
};

DimMove back(std::uint64_t block) { return {false, block}; }
DimMove ahead(std::uint64_t block) { return {true, block}; }

LevelNest level_of(const LoopNest& nest, std::size_t count) {
  LevelNest level;
  for (std::size_t l = 0; l < count; ++l) {
    LevelNest::Trips& trips = level.trips[nest.loops[l].dim];
    trips.all[trips.count++] = nest.loops[l].trips;
  }
  return level;
}

}  // namespace

LevelNest array_level_of(const LoopNest& nest, const DimArray<std::uint64_t>& bounds) {
  LevelNest level = level_of(nest, nest.count);
  for (const Dim d : kAllDims) level.tiles[d] = {bounds[d], nest.rf[d], nest.spatial(d)};
  return level;
}

LevelNest buffer_level_of(const LoopNest& nest, const DimArray<std::uint64_t>& bounds) {
  LevelNest level = level_of(nest, nest.dram);
  for (const Dim d : kAllDims) level.tiles[d] = {bounds[d], nest.array(d), 1};
  for (std::size_t l = nest.dram; l < nest.count; ++l)
    level.tiles[nest.loops[l].dim].rf *= nest.loops[l].trips;
  return level;
}

OperandFactors::OperandFactors(const Operation& operation, Operand operand, Level level)
    : bounds_(operation.bounds),
      free_(level == Level::buffer       ? FreeDim::counted
            : operand == Operand::output ? FreeDim::held
                                         : FreeDim::delivered),
      im2col_(operation.of(operand).im2col) {
  // No sum is larger than the number of iterations: a word of a tile has one in that step and PE.
  std::uint64_t iterations = 1;
  for (const Dim d : kAllDims)
    CHECK(!__builtin_mul_overflow(iterations, bounds_[d], &iterations),
          "{} has more than 2^64 iterations", operation.name);
  const bool box = im2col_ && level == Level::buffer;
  for (const Axis& axis : box ? im2col_->stored : operation.of(operand).axes) {
    const bool joint = im2col_ && in_box(axis);
    if (!joint) add_axis(axis);
  }
  if (im2col_) {
    places_.push_back({box ? Place::Kind::box : Place::Kind::elements, 2, {Dim::P, Dim::C}, {}});
    if (!box) elements_.emplace(*im2col_);
  }
  for (const Dim d : kAllDims) {
    const bool taken = std::any_of(places_.begin(), places_.end(), [d](const Place& place) {
      return (place.dims > 0 && place.dim[0] == d) || (place.dims > 1 && place.dim[1] == d);
    });
    if (!taken && bounds_[d] > 1) places_.push_back({Place::Kind::free, 1, {d, d}, {}});
  }
}

void OperandFactors::add_axis(const Axis& axis) {
  Place place{Place::Kind::axis, 0, {}, {axis.offset, axis.extent, 0, 0}};
  for (const Axis::Term& term : axis.terms) {
    if (bounds_[term.dim] == 1) continue;
    CHECK(place.dims < 2, "an axis of more than two terms");
    (place.dims == 0 ? place.axis.first : place.axis.second) = term.coefficient;
    place.dim[place.dims++] = term.dim;
  }
  places_.push_back(place);
}

TileFactor& OperandFactors::factor(std::size_t number, const DimTile& first,
                                   const DimTile& second) {
  auto& made = made_[{number, first.rf, first.spatial, second.rf, second.spatial}];
  if (made) return *made;
  const Place& place = places_[number];
  switch (place.kind) {
    case Place::Kind::axis:
      made = axis_factor(place.axis, first, second);
      break;
    case Place::Kind::elements:
      made = element_factor(*elements_, first, second);
      break;
    case Place::Kind::box:
      made = box_factor(*im2col_, first, second);
      break;
    case Place::Kind::free:
      made = free_factor(first, free_);
      break;
  }
  return *made;
}

OperandMoves OperandFactors::moves(const LevelNest& nest) {
  OperandMoves moves;
  for (std::size_t p = 0; p < places_.size(); ++p) {
    const Place& place = places_[p];
    std::array<DimTile, 2> tiles{};
    std::size_t loops = 0;
    for (std::size_t i = 0; i < place.dims; ++i) {
      tiles[i] = nest.tiles[place.dim[i]];
      loops += nest.trips[place.dim[i]].count;
    }
    TileFactor& made = factor(p, tiles[0], tiles[1]);
    if (place.kind == Place::Kind::axis) {
      const DimMove all = back(UINT64_MAX);  // the move to position 0
      moves.axes_.push_back({loops > 0 ? moves.factors_.size() : OperandMoves::kNone,
                             static_cast<double>(made.sums(all, all).words)});
    }
    if (loops > 0)
      add_table(moves, place, made, nest);
    else
      moves.constant_ *= made.sums(back(1), back(1));
  }
  moves.first_ = moves.constant_;
  for (const OperandMoves::Factor& factor : moves.factors_)
    moves.first_ *= moves.table_[factor.reset];
  moves.first_.kept = moves.first_.pe_kept = moves.first_.still = 0;
  return moves;
}

void OperandFactors::add_table(OperandMoves& moves, const Place& place, TileFactor& factor,
                               const LevelNest& nest) const {
  static const LevelNest::Trips kNoLoops{};
  const bool two = place.dims == 2;
  const Blocks first(nest.trips[place.dim[0]]), second(two ? nest.trips[place.dim[1]] : kNoLoops);
  const std::size_t size = first.levels * second.levels, begin = moves.table_.size();
  const std::size_t number = moves.factors_.size();
  moves.table_.resize(begin + 3 * size);
  moves.factors_.push_back({begin, {begin + size, begin + 2 * size}});
  CHECK(number < 2 * kDims, "a tile of more than {} factors", number);
  for (std::size_t i = 0; i < first.levels; ++i)
    for (std::size_t j = 0; j < second.levels; ++j) {
      MoveSums* const entry = &moves.table_[begin + i * second.levels + j];
      const DimMove first_back = back(first.of[i]), second_back = back(second.of[j]);
      entry[0] = factor.sums(first_back, second_back);
      if (i + 1 < first.levels) {
        entry[size] = factor.sums(ahead(first.of[i + 1]), second_back);
        entry[size] -= factor.sums(ahead(first.of[i]), second_back);
      }
      if (j + 1 < second.levels) {
        entry[2 * size] = factor.sums(first_back, ahead(second.of[j + 1]));
        entry[2 * size] -= factor.sums(first_back, ahead(second.of[j]));
      }
    }
  const bool axis = place.kind != Place::Kind::free;
  for (std::size_t i = 0; i < place.dims; ++i) {
    const DimTile& tile = nest.tiles[place.dim[i]];
    const bool idle =
        free_ == FreeDim::delivered && tile.active(tile.positions() - 1) < tile.spatial;
    moves.places_[place.dim[i]] = {number, i, i == 0 ? second.levels : 1, axis || idle};
  }
}

}  // namespace chasm
