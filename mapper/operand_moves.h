// The moves of one operand at one level, over all steps of a program: which factors its tile has,
// and for a given order of the loops the sums of each kind of move (mapper/move_sums.h).
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "mapper/im2col_sums.h"
#include "mapper/loop_nest.h"
#include "mapper/move_sums.h"

namespace chasm {

// The part of a nest that moves the tiles of a level: how each dimension is split, and the trips of
// its loops, outermost first. The order of loops of different dimensions does not matter here.
struct LevelNest {
  DimArray<DimTile> tiles;
  struct Trips {
    std::array<std::uint64_t, 4 * kDims> all{};
    std::size_t count = 0;
  };
  DimArray<Trips> trips;
};
LevelNest array_level_of(const LoopNest&, const DimArray<std::uint64_t>& bounds);
LevelNest buffer_level_of(const LoopNest&, const DimArray<std::uint64_t>& bounds);

// Sums ready for every order of the loops of one nest.
class OperandMoves {
 public:
  // What the first tile brings: nothing was held before.
  const MoveSums& first() const { return first_; }
  // The sums of each factor behind those of a tile.
  using Parts = std::array<const MoveSums*, 2 * kDims>;
  // Calls visit(sums, parts) for each of the first `count` loops of `loops` from the outermost to
  // the innermost one that can move the tile: over all steps at which that loop advances and the
  // ones inside it start again.
  template <class Visit>
  void for_each_loop(const Loop* loops, std::size_t count, Visit visit) const;

  // Axes of the tensor in order (not those behind an image-to-column unit): new words along one, on
  // average over moves, or all where it stays.
  std::size_t axes() const { return axes_.size(); }
  double length(std::size_t axis, const Parts& parts) const {
    const AxisPlace& place = axes_[axis];
    if (place.factor == kNone) return place.whole;
    const MoveSums& sums = *parts[place.factor];
    const std::uint64_t words = sums.words == sums.kept ? sums.words : sums.words - sums.kept;
    return static_cast<double>(words) / static_cast<double>(sums.filled);
  }
  double first_length(std::size_t axis) const { return axes_[axis].whole; }  // of the first tile

 private:
  friend class OperandFactors;
  static constexpr std::size_t kNone = SIZE_MAX;
  struct Factor {
    std::size_t reset = 0;  // where its sums begin in table_: [level of first][of second]
    std::array<std::size_t, 2> advance{};  // of its first and second dimension
  };
  struct DimPlace {
    std::size_t factor = kNone, position = 0, stride = 0;
    bool moves = false;  // whether its loops can bring anything
  };

  struct AxisPlace {
    std::size_t factor = kNone;
    double whole = 1;
  };

  MoveSums constant_ = kOneMove, first_ = kOneMove;
  std::vector<AxisPlace> axes_;
  std::vector<Factor> factors_;
  DimArray<DimPlace> places_;
  std::vector<MoveSums> table_;
};

// Makes them; what was summed up once is kept for the next nest.
class OperandFactors {
 public:
  enum class Level { array, buffer };
  OperandFactors(const Operation&, Operand, Level);
  OperandMoves moves(const LevelNest&);

 private:
  struct Place {  // one factor
    enum class Kind { axis, elements, box, free } kind = Kind::free;
    std::size_t dims = 0;
    std::array<Dim, 2> dim{};
    AxisTerms axis;
  };
  void add_axis(const Axis&);
  void add_table(OperandMoves&, const Place&, TileFactor&, const LevelNest&) const;
  TileFactor& factor(std::size_t place, const DimTile& first, const DimTile& second);

  DimArray<std::uint64_t> bounds_;
  FreeDim free_;
  std::optional<Im2col> im2col_;
  std::optional<Im2colElements> elements_;
  std::vector<Place> places_;
  // By place and the split of its dimensions.
  std::map<std::array<std::uint64_t, 5>, std::unique_ptr<TileFactor>> made_;
};

template <class Visit>
void OperandMoves::for_each_loop(const Loop* loops, std::size_t count, Visit visit) const {
  while (count > 0 && !places_[loops[count - 1].dim].moves) --count;
  std::array<std::size_t, 2 * kDims> at{};
  for (std::size_t l = 0; l < count; ++l) {
    const DimPlace& place = places_[loops[l].dim];
    MoveSums sums = constant_;
    Parts parts;
    for (std::size_t f = 0; f < factors_.size(); ++f) {
      const Factor& factor = factors_[f];
      const std::size_t table = f == place.factor ? factor.advance[place.position] : factor.reset;
      parts[f] = &table_[table + at[f]];
      sums *= *parts[f];
    }
    at[place.factor] += place.stride;
    visit(sums, parts);
  }
}

}  // namespace chasm
