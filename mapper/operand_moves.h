// The moves of one operand at one level, over all steps of a program: which factors its tile has,
// and for a given order of the loops the sums of each kind of move (mapper/move_sums.h).
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "mapper/im2col_sums.h"
#include "mapper/loop_nest.h"
#include "mapper/move_sums.h"

namespace chasm {

// How a nest divides one dimension at a level: over PEs, and over loops, outermost first.
struct DimSplit {
  DimTile tile;
  std::size_t loops = 0;
  std::array<std::uint64_t, 4 * kDims> trips;  // of the first `loops`
  bool operator==(const DimSplit&) const;
};

// Numbers the splits that came up, so that what belongs to one is found without a search.
class SplitNumbers {
 public:
  std::uint32_t number(Dim, const DimSplit&);

 private:
  struct Hash {
    std::size_t operator()(const DimSplit&) const;
  };
  DimArray<std::unordered_map<DimSplit, std::uint32_t, Hash>> known_;  // looked up, never iterated
};

// The part of a nest that moves the tiles of a level. The order of loops of different dimensions
// does not matter here.
struct LevelNest {
  DimArray<DimSplit> splits;
  DimArray<std::uint32_t> number{};
};
LevelNest array_level_of(const LoopNest&, const DimArray<std::uint64_t>& bounds, SplitNumbers&);
LevelNest buffer_level_of(const LoopNest&, const DimArray<std::uint64_t>& bounds, SplitNumbers&);

// Sums of one factor for every place of its loops among the others: how many of the loops of its
// first dimension, and of its second, lie outside.
struct FactorTable {
  std::size_t stride = 1;  // entries of one level of the first dimension: levels of the second
  std::vector<MoveSums> reset, advance_first, advance_second;
  // Dimensions whose loops can bring words, or take them away.
  std::array<bool, 2> moves{};
};

// Sums ready for every order of the loops of one nest. Points into the OperandFactors that made it.
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
  std::size_t axes() const { return axes_; }
  double length(std::size_t axis, const Parts& parts) const {
    const AxisPlace& place = axis_[axis];
    if (place.factor == kNone) return place.whole;
    const MoveSums& sums = *parts[place.factor];
    const std::uint64_t words = sums.words == sums.kept ? sums.words : sums.words - sums.kept;
    return static_cast<double>(words) / static_cast<double>(sums.filled);
  }
  bool stays(std::size_t axis, const Parts& parts) const {
    const std::size_t factor = axis_[axis].factor;
    return factor == kNone || parts[factor]->words == parts[factor]->kept;
  }
  double first_length(std::size_t axis) const { return axis_[axis].whole; }  // of the first tile

 private:
  friend class OperandFactors;
  static constexpr std::size_t kNone = SIZE_MAX;
  struct DimPlace {  // of a dimension with loops
    std::uint16_t factor = 0, stride = 1;
    bool second = false;  // of the two dimensions of its factor
    bool moves = false;
  };
  struct AxisPlace {
    std::size_t factor = kNone;
    double whole = 1;
  };

  MoveSums constant_ = kOneMove, first_ = kOneMove;
  std::size_t factors_ = 0, axes_ = 0;
  std::array<const FactorTable*, 2 * kDims> factor_{};  // those with loops
  std::array<AxisPlace, kDims> axis_{};
  DimArray<DimPlace> places_;
};

// Makes them; what was summed up once is kept for the next nest.
class OperandFactors {
 public:
  enum class Level { array, buffer };
  OperandFactors(const Operation&, Operand, Level);
  // All with numbers of one SplitNumbers.
  void moves(const LevelNest&, OperandMoves&);
  OperandMoves moves(const LevelNest& nest) {
    OperandMoves result;
    moves(nest, result);
    return result;
  }

 private:
  struct Place {  // one factor
    enum class Kind { axis, elements, box, free } kind = Kind::free;
    std::size_t dims = 0;
    std::array<Dim, 2> dim{};
    AxisTerms axis;
  };
  void add_axis(const Axis&);
  TileFactor& factor(std::size_t place, const DimTile& first, const DimTile& second);
  const FactorTable& table(std::size_t place, const LevelNest&);
  FactorTable make_table(std::size_t place, const LevelNest&);

  DimArray<std::uint64_t> bounds_;
  FreeDim free_;
  std::optional<Im2col> im2col_;
  std::optional<Im2colElements> elements_;
  std::vector<Place> places_;
  // By place and the split of its dimensions.
  std::map<std::array<std::uint64_t, 5>, std::unique_ptr<TileFactor>> made_;
  // By place and the numbers of its splits, the second of which is 0 where there is none.
  struct Tables {
    std::vector<std::vector<std::unique_ptr<FactorTable>>> by_number;
  };
  std::vector<Tables> tables_;
};

template <class Visit>
void OperandMoves::for_each_loop(const Loop* loops, std::size_t count, Visit visit) const {
  while (count > 0 && !places_[loops[count - 1].dim].moves) --count;
  std::array<std::size_t, 2 * kDims> at{};
  for (std::size_t l = 0; l < count; ++l) {
    const DimPlace& place = places_[loops[l].dim];
    MoveSums sums = constant_;
    Parts parts;
    for (std::size_t f = 0; f < factors_; ++f) {
      const FactorTable& table = *factor_[f];
      const std::vector<MoveSums>& sums_of = f != place.factor ? table.reset
                                             : place.second    ? table.advance_second
                                                               : table.advance_first;
      parts[f] = &sums_of[at[f]];
      sums *= *parts[f];
    }
    at[place.factor] += place.stride;
    visit(sums, parts);
  }
}

}  // namespace chasm
