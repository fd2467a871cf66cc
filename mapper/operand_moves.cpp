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
  CHECK(operation.of(operand).axes.size() <= kDims, "{} axes", operation.of(operand).axes.size());
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

std::size_t OperandFactors::KeyHash::operator()(const Key& key) const {
  std::uint64_t hash = key.size();
  for (const std::uint64_t value : key) hash = (hash ^ value) * 0x9e3779b97f4a7c15U ^ hash >> 29;
  return hash;
}

const FactorTable& OperandFactors::table(std::size_t number, const LevelNest& nest) {
  const Place& place = places_[number];
  key_.assign({number});
  for (std::size_t i = 0; i < place.dims; ++i) {
    const DimTile& tile = nest.tiles[place.dim[i]];
    const LevelNest::Trips& trips = nest.trips[place.dim[i]];
    key_.insert(key_.end(), {tile.rf, tile.spatial, trips.count});
    key_.insert(key_.end(), trips.all.begin(),
                trips.all.begin() + static_cast<std::ptrdiff_t>(trips.count));
  }
  const auto known = tables_.find(key_);
  if (known != tables_.end()) return known->second;
  return tables_.emplace(key_, make_table(number, nest)).first->second;
}

FactorTable OperandFactors::make_table(std::size_t number, const LevelNest& nest) {
  const Place& place = places_[number];
  std::array<DimTile, 2> tiles{};
  std::array<LevelNest::Trips, 2> trips;
  for (std::size_t i = 0; i < place.dims; ++i) {
    tiles[i] = nest.tiles[place.dim[i]];
    trips[i] = nest.trips[place.dim[i]];
  }
  TileFactor& made = factor(number, tiles[0], tiles[1]);
  const Blocks first(trips[0]), second(trips[1]);
  FactorTable table;
  table.stride = second.levels;
  for (std::size_t i = 0; i < first.levels; ++i)
    for (std::size_t j = 0; j < second.levels; ++j) {
      const DimMove first_back = back(first.of[i]), second_back = back(second.of[j]);
      table.reset.push_back(made.sums(first_back, second_back));
      MoveSums advance;
      if (i + 1 < first.levels) {
        advance = made.sums(ahead(first.of[i + 1]), second_back);
        advance -= made.sums(ahead(first.of[i]), second_back);
      }
      table.advance_first.push_back(advance);
      advance = {};
      if (j + 1 < second.levels) {
        advance = made.sums(first_back, ahead(second.of[j + 1]));
        advance -= made.sums(first_back, ahead(second.of[j]));
      }
      table.advance_second.push_back(advance);
    }
  for (std::size_t i = 0; i < place.dims; ++i) {
    const bool idle =
        free_ == FreeDim::delivered && tiles[i].active(tiles[i].positions() - 1) < tiles[i].spatial;
    table.moves[i] = place.kind != Place::Kind::free || idle;
  }
  return table;
}

OperandMoves OperandFactors::moves(const LevelNest& nest) {
  OperandMoves moves;
  for (std::size_t p = 0; p < places_.size(); ++p) {
    const Place& place = places_[p];
    const FactorTable& sums = table(p, nest);
    const bool still = sums.reset.size() == 1;  // no loops
    if (place.kind == Place::Kind::axis)
      moves.axis_[moves.axes_++] = {still ? OperandMoves::kNone : moves.factors_,
                                    static_cast<double>(sums.reset[0].words)};
    moves.first_ *= sums.reset[0];
    if (still) {
      moves.constant_ *= sums.reset[0];
      continue;
    }
    CHECK(moves.factors_ < moves.factor_.size(), "a tile of too many factors");
    for (std::size_t i = 0; i < place.dims; ++i)
      moves.places_[place.dim[i]] = {
          moves.factors_, i == 0 ? sums.stride : 1,
          i == 0 ? &FactorTable::advance_first : &FactorTable::advance_second, sums.moves[i]};
    moves.factor_[moves.factors_++] = &sums;
  }
  moves.first_.kept = moves.first_.pe_kept = moves.first_.still = 0;
  return moves;
}

}  // namespace chasm
