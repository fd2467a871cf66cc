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
  explicit Blocks(const DimSplit& split) : levels(split.loops + 1) {
    of[split.loops] = 1;
    for (std::size_t l = split.loops; l-- > 0;) of[l] = of[l + 1] * split.trips[l];
  }
};

DimMove back(std::uint64_t block) { return {false, block}; }
DimMove ahead(std::uint64_t block) { return {true, block}; }

void add_loops(LevelNest& level, const LoopNest& nest, std::size_t count) {
  for (std::size_t l = 0; l < count; ++l) {
    DimSplit& split = level.splits[nest.loops[l].dim];
    split.trips[split.loops++] = nest.loops[l].trips;
  }
}

void set_numbers(LevelNest& level, SplitNumbers& numbers) {
  for (const Dim d : kAllDims)
    if (level.splits[d].tile.bound > 1) level.number[d] = numbers.number(d, level.splits[d]);
}

}  // namespace

bool DimSplit::operator==(const DimSplit& other) const {
  return tile == other.tile && loops == other.loops &&
         std::equal(trips.begin(), trips.begin() + static_cast<std::ptrdiff_t>(loops),
                    other.trips.begin());
}

std::size_t SplitNumbers::Hash::operator()(const DimSplit& split) const {
  std::uint64_t hash = split.tile.rf;
  const auto add = [&hash](std::uint64_t value) {
    hash = (hash ^ hash >> 29) * 0x9e3779b97f4a7c15U + value;
  };
  add(split.tile.spatial);
  for (std::size_t l = 0; l < split.loops; ++l) add(split.trips[l]);
  return hash ^ hash >> 32;
}

std::uint32_t SplitNumbers::number(Dim d, const DimSplit& split) {
  const auto next = static_cast<std::uint32_t>(known_[d].size());
  return known_[d].try_emplace(split, next).first->second;
}

LevelNest array_level_of(const LoopNest& nest, const DimArray<std::uint64_t>& bounds,
                         SplitNumbers& numbers) {
  LevelNest level;
  add_loops(level, nest, nest.count);
  for (const Dim d : kAllDims) level.splits[d].tile = {bounds[d], nest.rf[d], nest.spatial(d)};
  set_numbers(level, numbers);
  return level;
}

LevelNest buffer_level_of(const LoopNest& nest, const DimArray<std::uint64_t>& bounds,
                          SplitNumbers& numbers) {
  LevelNest level;
  add_loops(level, nest, nest.dram);
  for (const Dim d : kAllDims) level.splits[d].tile = {bounds[d], nest.array(d), 1};
  for (std::size_t l = nest.dram; l < nest.count; ++l)
    level.splits[nest.loops[l].dim].tile.rf *= nest.loops[l].trips;
  set_numbers(level, numbers);
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
  tables_.resize(places_.size());
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

const FactorTable& OperandFactors::table(std::size_t place, const LevelNest& nest) {
  const std::array<Dim, 2>& dim = places_[place].dim;
  const std::size_t dims = places_[place].dims;
  const std::uint32_t first = dims > 0 ? nest.number[dim[0]] : 0;
  const std::uint32_t second = dims > 1 ? nest.number[dim[1]] : 0;
  auto& by_number = tables_[place].by_number;
  if (by_number.size() <= first) by_number.resize(first + 1);
  auto& tables = by_number[first];
  if (tables.size() <= second) tables.resize(second + 1);
  if (!tables[second]) tables[second] = std::make_unique<FactorTable>(make_table(place, nest));
  return *tables[second];
}

FactorTable OperandFactors::make_table(std::size_t number, const LevelNest& nest) {
  const Place& place = places_[number];
  std::array<DimSplit, 2> splits;
  for (std::size_t i = 0; i < place.dims; ++i) splits[i] = nest.splits[place.dim[i]];
  TileFactor& made = factor(number, splits[0].tile, splits[1].tile);
  const Blocks first(splits[0]), second(splits[1]);
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
    const DimTile& tile = splits[i].tile;
    const bool idle =
        free_ == FreeDim::delivered && tile.active(tile.positions() - 1) < tile.spatial;
    table.moves[i] = place.kind != Place::Kind::free || idle;
  }
  return table;
}

void OperandFactors::moves(const LevelNest& nest, OperandMoves& moves) {
  moves.constant_ = moves.first_ = kOneMove;
  moves.factors_ = moves.axes_ = 0;
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
    const auto number = static_cast<std::uint16_t>(moves.factors_);
    for (std::size_t i = 0; i < place.dims; ++i)
      moves.places_[place.dim[i]] = {
          number, i == 0 ? static_cast<std::uint16_t>(sums.stride) : std::uint16_t{1}, i == 1,
          sums.moves[i]};
    moves.factor_[moves.factors_++] = &sums;
  }
  moves.first_.kept = moves.first_.pe_kept = moves.first_.still = 0;
}

}  // namespace chasm
