// The moves of one operand at one level, over all steps of a program: which factors its tile has,
// and for a given order of the loops the sums of each kind of move (mapper/move_sums.h).
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "mapper/dim_splits.h"
#include "mapper/im2col_sums.h"
#include "mapper/move_sums.h"

namespace chasm {

// What estimates need of MoveSums, in real numbers two by two: products take a third of the time.
// All are counts: below 2^53 iterations they are exact, in whatever order they are multiplied.
class RealSums {
 public:
  RealSums() = default;
  explicit RealSums(const MoveSums&);

  double words() const { return union_[0]; }
  double kept() const { return union_[1]; }
  double filled() const { return moves_[0]; }
  double still() const { return moves_[1]; }
  double new_words() const { return union_[0] - union_[1]; }
  double deliveries() const { return moves_[0] - moves_[1]; }  // moves that bring words
  double pe_words() const { return pe_[0]; }                   // summed over PEs
  double pe_kept() const { return pe_[1]; }
  double pe_new_words() const { return pe_[0] - pe_[1]; }
  void keep_nothing() { union_[1] = moves_[1] = pe_[1] = 0; }
  // Of one axis, not of a product: coordinates a move, on average, and new ones.
  double length() const { return lengths_[0]; }
  double new_length() const { return lengths_[1]; }

  RealSums& operator*=(const RealSums& other) {
    union_ *= other.union_;
    moves_ *= other.moves_;
    pe_ *= other.pe_;
    return *this;
  }

 private:
  using Pair = double __attribute__((vector_size(16)));
  Pair union_{}, moves_{}, pe_{}, lengths_{};
};

// Sums of one factor for every place of its loops among the others: how many of the loops of its
// first dimension, and of its second, lie outside.
template <class Sums>
struct FactorTable {
  // One kind after the other: all start again; the first dimension advances; the second one.
  const Sums* sums = nullptr;
  std::uint32_t size = 1;    // entries of each kind
  std::uint16_t stride = 1;  // entries of one level of the first dimension: levels of the second
  // Dimensions whose loops can bring words, or take them away.
  std::array<bool, 2> moves{};
};

// Sums ready for every order of the loops of one nest. Points into the OperandFactors that made it,
// and is of no other.
template <class Sums>
class Moves {
  // Of each factor, which of its table's entries.
  using Entries = std::uint16_t __attribute__((vector_size(2 * kDims)));

 public:
  // What the first tile brings: nothing was held before.
  const Sums& first() const { return first_; }

  // The sums of each axis of the tensor (but those behind an image-to-column unit) for one kind of
  // move.
  class Parts {
   public:
    Parts(const Moves& moves, const Entries& entries) : moves_(moves), entries_(entries) {}
    const Sums& operator[](std::size_t axis) const {
      const std::uint8_t factor = moves_.factor_of_[axis];
      return factor < kDims ? moves_.tables_[factor][entries_[factor]] : kOne;
    }
    // Whether a tile keeps all of its coordinates along the axis.
    bool stays(std::size_t axis) const { return (*this)[axis].new_length() == 0; }
    // Of what the moves bring, on average: what is new along the axis that moves alone, and all
    // along the others; where several move, all of the tile, for what is kept is a corner of it.
    template <class Lengths>
    void lengths(Lengths& lengths) const {
      std::size_t moved = 0, last = 0;
      double last_length = 0;
      for (std::size_t a = 0; a < moves_.axes_; ++a) {
        const Sums& sums = (*this)[a];
        lengths[a] = sums.length();
        if (sums.new_length() == 0) continue;
        ++moved, last = a, last_length = sums.new_length();
      }
      if (moved == 1) lengths[last] = last_length;
    }

   private:
    const Moves& moves_;
    const Entries& entries_;
  };
  // Calls visit(sums, parts) for each of the first `count` loops of `loops` from the outermost to
  // the innermost one that can move the tile: over all steps at which that loop advances and the
  // ones inside it start again.
  template <class Visit>
  void for_each_loop(const Loop* loops, std::size_t count, Visit visit) const;

  std::size_t axes() const { return axes_; }
  // Of the first tile.
  double first_length(std::size_t axis) const { return Parts(*this, Entries{})[axis].words(); }

 private:
  friend class OperandFactors;
  struct DimPlace {                // of a dimension, whose factor's entries are
    Entries advance{};             // so much further where it advances,
    Entries step{};                // and from one of its levels to the next
    std::uint32_t number = kNone;  // of its split
    bool moves = false;
  };
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::size_t kLeastFactors = 4;  // of fewer, the others are one
  inline static const Sums kOne = Sums(kOneMove);

  Sums first_ = kOne;
  std::size_t factors_ = 0, axes_ = 0;
  std::array<const Sums*, kDims> tables_{};
  std::array<std::uint8_t, kDims> factor_of_{};  // by axis; kDims: of one coordinate
  DimArray<DimPlace> places_;
};
using OperandMoves = Moves<MoveSums>;

// Makes them; what was summed up once is kept for the next nest.
class OperandFactors {
 public:
  enum class Level { array, buffer };
  OperandFactors(const Operation&, Operand, Level);
  // All with numbers of one NestSplits; the moves are new, or those of another of the nests.
  template <class Sums>
  void moves(const LevelNest&, Moves<Sums>&);

 private:
  struct Place {  // one factor
    enum class Kind { axis, elements, box, free } kind = Kind::free;
    std::size_t dims = 0;
    std::array<Dim, 2> dim{};
    AxisTerms axis;
  };
  void add_axis(const Axis&);
  bool is_one(const Place&) const;
  TileFactor& factor(std::size_t place, const DimTile& first, const DimTile& second);
  // Of one place, by the numbers of its splits.
  template <class Sums>
  struct Tables {
    // Of two splits hashed, open addressing, at most half full.
    struct Entry {
      std::uint64_t key = 0;
      FactorTable<Sums> table;
    };
    std::vector<Entry> pairs = std::vector<Entry>(16);
    std::vector<FactorTable<Sums>> singles;
    std::vector<std::vector<Sums>> made;  // what the tables point into

    Entry& pair(std::uint64_t key) {  // its entry, or the free one where it belongs
      const std::size_t mask = pairs.size() - 1;
      std::size_t i = static_cast<std::size_t>(key * 0x9e3779b97f4a7c15U >> 32) & mask;
      while (pairs[i].table.sums && pairs[i].key != key) i = (i + 1) & mask;
      return pairs[i];
    }
    FactorTable<Sums> find(std::uint32_t first) const {
      return first < singles.size() ? singles[first] : FactorTable<Sums>{};
    }
    void add(const Place&, const LevelNest&, const FactorTable<Sums>&);
  };
  static std::uint64_t pair_key(const Place& place, const LevelNest& nest) {
    return std::uint64_t{nest.number[place.dim[1]]} << 32 | nest.number[place.dim[0]];
  }
  template <class Sums>
  std::vector<Tables<Sums>>& tables();
  template <class Sums>
  FactorTable<Sums> table(std::size_t number, const LevelNest& nest, Tables<Sums>& tables) {
    const Place& place = places_[number];
    const FactorTable<Sums> made =
        place.dims > 1 ? tables.pair(pair_key(place, nest)).table
                       : tables.find(place.dims > 0 ? nest.number[place.dim[0]] : 0);
    return made.sums ? made : new_table(number, nest, tables);
  }
  template <class Sums>
  FactorTable<Sums> new_table(std::size_t place, const LevelNest&, Tables<Sums>&);
  // All but where its sums will lie.
  FactorTable<MoveSums> make_table(std::size_t place, const LevelNest&, std::vector<MoveSums>&);

  DimArray<std::uint64_t> bounds_;
  FreeDim free_;
  std::optional<Im2col> im2col_;
  std::optional<Im2colElements> elements_;
  std::vector<Place> places_;
  std::vector<std::uint8_t> place_of_;  // by axis; kDims: one coordinate, which is always there
  // By place and the split of its dimensions.
  std::map<std::array<std::uint64_t, 5>, std::unique_ptr<TileFactor>> made_;
  std::vector<Tables<MoveSums>> exact_;  // by place
  std::vector<Tables<RealSums>> real_;
};

template <class Sums>
template <class Visit>
void Moves<Sums>::for_each_loop(const Loop* loops, std::size_t count, Visit visit) const {
  while (count > 0 && !places_[loops[count - 1].dim].moves) --count;
  // All entries are noted before any is used: a processor does not like to read what it just wrote.
  std::array<Entries, 4 * kDims> entries;
  Entries back{};
  for (std::size_t l = 0; l < count; ++l) {
    const DimPlace& place = places_[loops[l].dim];
    entries[l] = back + place.advance;
    back += place.step;
  }
  for (std::size_t l = 0; l < count; ++l) {
    const auto part = [&](std::size_t f) -> const Sums& { return tables_[f][entries[l][f]]; };
    Sums sums = part(0), others = part(2);
    sums *= part(1);
    others *= part(3);
    sums *= others;
    for (std::size_t f = kLeastFactors; f < factors_; ++f) sums *= part(f);
    visit(sums, Parts(*this, entries[l]));
  }
}

}  // namespace chasm
