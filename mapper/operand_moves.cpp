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

double real(std::uint64_t count) { return static_cast<double>(count); }

void keep_nothing(MoveSums& sums) { sums.kept = sums.pe_kept = sums.still = 0; }
void keep_nothing(RealSums& sums) { sums.keep_nothing(); }

DimMove back(std::uint64_t block) { return {false, block}; }
DimMove ahead(std::uint64_t block) { return {true, block}; }

}  // namespace

RealSums::RealSums(const MoveSums& sums)
    : union_{real(sums.words), real(sums.kept)},
      moves_{real(sums.filled), real(sums.still)},
      pe_{real(sums.pe_words), real(sums.pe_kept)},
      lengths_(Pair{words(), new_words()} / std::max(filled(), 1.0)) {}

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
  CHECK(places_.size() <= kDims, "a tile of too many factors");
  exact_.resize(places_.size());
  real_.resize(places_.size());
}

void OperandFactors::add_axis(const Axis& axis) {
  Place place{Place::Kind::axis, 0, {}, {axis.offset, axis.extent, 0, 0}};
  for (const Axis::Term& term : axis.terms) {
    if (bounds_[term.dim] == 1) continue;
    CHECK(place.dims < 2, "an axis of more than two terms");
    (place.dims == 0 ? place.axis.first : place.axis.second) = term.coefficient;
    place.dim[place.dims++] = term.dim;
  }
  const bool one = is_one(place);
  place_of_.push_back(one ? kDims : static_cast<std::uint8_t>(places_.size()));
  if (!one) places_.push_back(place);
}

bool OperandFactors::is_one(const Place& place) const {
  return place.dims == 0 && axis_factor(place.axis, {}, {})->sums(back(1), back(1)) == kOneMove;
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

template <>
std::vector<OperandFactors::Tables<MoveSums>>& OperandFactors::tables() {
  return exact_;
}
template <>
std::vector<OperandFactors::Tables<RealSums>>& OperandFactors::tables() {
  return real_;
}

template <class Sums>
FactorTable<Sums> OperandFactors::new_table(std::size_t place, const LevelNest& nest,
                                            Tables<Sums>& tables) {
  std::vector<MoveSums> sums;
  const FactorTable<MoveSums> made = make_table(place, nest, sums);
  tables.made.emplace_back(sums.begin(), sums.end());
  const FactorTable<Sums> table{tables.made.back().data(), made.size, made.stride, made.moves};
  tables.add(places_[place], nest, table);
  return table;
}

template <class Sums>
void OperandFactors::Tables<Sums>::add(const Place& place, const LevelNest& nest,
                                       const FactorTable<Sums>& table) {
  if (place.dims < 2) {
    const std::size_t number = place.dims > 0 ? nest.number[place.dim[0]] : 0;
    if (number >= singles.size()) singles.resize(number + 1);
    singles[number] = table;
    return;
  }
  if (2 * made.size() > pairs.size()) {
    const auto old = std::move(pairs);
    pairs.assign(2 * old.size(), {});
    for (const Entry& entry : old)
      if (entry.table.sums) pair(entry.key) = entry;
  }
  const std::uint64_t key = pair_key(place, nest);
  pair(key) = {key, table};
}

FactorTable<MoveSums> OperandFactors::make_table(std::size_t number, const LevelNest& nest,
                                                 std::vector<MoveSums>& sums) {
  const Place& place = places_[number];
  std::array<DimSplit, 2> splits;
  for (std::size_t i = 0; i < place.dims; ++i) splits[i] = *nest.splits[place.dim[i]];
  TileFactor& made = factor(number, splits[0].tile, splits[1].tile);
  const Blocks first(splits[0]), second(splits[1]);
  FactorTable<MoveSums> table;
  table.stride = static_cast<std::uint16_t>(second.levels);
  table.size = static_cast<std::uint32_t>(first.levels * second.levels);
  CHECK(3 * table.size < 1 << 16, "{} entries", table.size);
  sums.resize(table.size * (1 + place.dims));
  for (std::size_t i = 0; i < first.levels; ++i)
    for (std::size_t j = 0; j < second.levels; ++j) {
      const std::size_t at = i * table.stride + j;
      const DimMove first_back = back(first.of[i]), second_back = back(second.of[j]);
      sums[at] = made.sums(first_back, second_back);
      if (i + 1 < first.levels) {
        MoveSums& advance = sums[table.size + at];
        advance = made.sums(ahead(first.of[i + 1]), second_back);
        advance -= made.sums(ahead(first.of[i]), second_back);
      }
      if (j + 1 < second.levels) {
        MoveSums& advance = sums[2 * table.size + at];
        advance = made.sums(first_back, ahead(second.of[j + 1]));
        advance -= made.sums(first_back, ahead(second.of[j]));
      }
    }
  for (std::size_t i = 0; i < place.dims; ++i) {
    const DimTile& tile = splits[i].tile;
    const bool idle =
        free_ == FreeDim::delivered && tile.active(tile.positions() - 1) < tile.spatial;
    table.moves[i] = place.kind != Place::Kind::free || idle;
  }
  return table;
}

template <class Sums>
void OperandFactors::moves(const LevelNest& nest, Moves<Sums>& moves) {
  if (moves.factors_ == 0) {
    moves.factors_ = places_.size();
    moves.axes_ = place_of_.size();
    moves.tables_.fill(&Moves<Sums>::kOne);
    std::copy(place_of_.begin(), place_of_.end(), moves.factor_of_.begin());
  }
  // All are looked up before any is used: the processor then waits for memory once, not in turn.
  std::vector<Tables<Sums>>& tables = this->tables<Sums>();
  for (std::size_t p = 0; p < places_.size(); ++p) {
    const Place& place = places_[p];
    bool same = moves.tables_[p] != &Moves<Sums>::kOne;
    for (std::size_t i = 0; i < place.dims; ++i)
      same = same && moves.places_[place.dim[i]].number == nest.number[place.dim[i]];
    if (same) continue;
    const FactorTable<Sums> table = this->table(p, nest, tables[p]);
    moves.tables_[p] = table.sums;
    for (std::size_t i = 0; i < place.dims; ++i) {
      typename Moves<Sums>::DimPlace& of = moves.places_[place.dim[i]];
      of.advance[p] = static_cast<std::uint16_t>(table.size << i);
      of.step[p] = i == 0 ? table.stride : std::uint16_t{1};
      of.number = nest.number[place.dim[i]];
      of.moves = table.moves[i];
    }
  }
  Sums first = *moves.tables_[0];
  for (std::size_t p = 1; p < places_.size(); ++p) first *= *moves.tables_[p];
  keep_nothing(first);
  moves.first_ = first;
}

template void OperandFactors::moves(const LevelNest&, Moves<MoveSums>&);
template void OperandFactors::moves(const LevelNest&, Moves<RealSums>&);

}  // namespace chasm
