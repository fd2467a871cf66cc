// What the steps of a program add up to for one factor of a tile: the words that are there and the
// words that stay, summed over all moves of one kind.
//
// A tile is a product over the axes of its tensor, a dimension moves at most one axis, and clipping
// is per dimension. So when loop l advances and those inside it start again, the sum of
// (words - words kept) over all places of the other loops is
//   product over axes of sum(words) - product over axes of sum(words kept),
// each sum over the moves of that axis alone. Exact for every legal program.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>

#include "models/program/program.h"

namespace chasm {

// Sums over moves. A factor that is no axis of the tensor (a dimension it does not depend on)
// counts its moves as words.
struct MoveSums {
  std::uint64_t words = 0, kept = 0;        // of the union over PEs
  std::uint64_t pe_words = 0, pe_kept = 0;  // summed over PEs
  // Moves to a tile with any word at all, and those of them that keep all of it.
  std::uint64_t filled = 0, still = 0;

  MoveSums& operator+=(const MoveSums&);
  MoveSums& operator-=(const MoveSums&);
  MoveSums& operator*=(const MoveSums& other) {  // nothing overflows: see OperandMoves
    words *= other.words, kept *= other.kept;
    pe_words *= other.pe_words, pe_kept *= other.pe_kept;
    filled *= other.filled, still *= other.still;
    return *this;
  }
  bool operator==(const MoveSums&) const = default;
};
inline constexpr MoveSums kOneMove{1, 1, 1, 1, 1, 1};

// How a dimension moves between two steps. Its positions are numbered in array (or buffer) tiles,
// 0 .. n-1; a block of them is what one iteration of a loop covers.
struct DimMove {
  bool advance = false;     // from the last position of a block to the first one of the next;
  std::uint64_t block = 1;  // else from the last existing position of a block back to its first one
};

// A dimension as a level splits it: blocks of `rf` indices in each of `spatial` PEs side by side.
struct DimTile {
  std::uint64_t bound = 1, rf = 1, spatial = 1;
  std::uint64_t tile() const { return rf * spatial; }
  std::uint64_t positions() const;
  std::uint64_t active(std::uint64_t position) const;  // PEs with a block that is not empty
  std::uint64_t length(std::uint64_t position) const;  // indices
  bool operator==(const DimTile&) const = default;
};

// One factor: one or two dimensions that move words together. Sums are kept, since other orders,
// and other factors of other dimensions, need the same ones again.
class TileFactor {
 public:
  TileFactor(const DimTile& first, const DimTile& second) : dims_{first, second} {}
  virtual ~TileFactor() = default;
  TileFactor(const TileFactor&) = delete;
  TileFactor& operator=(const TileFactor&) = delete;

  // Over all moves of the first dimension times all moves of the second.
  const MoveSums& sums(DimMove first, DimMove second);
  const DimTile& dim(std::size_t i) const { return dims_[i]; }

  struct Move {
    std::uint64_t from, to;  // positions
    bool stays() const { return from == to; }
  };

  struct Positions {
    std::uint64_t begin, end;
  };

 protected:
  virtual MoveSums at(const Move& first, const Move& second) = 0;
  // Positions of a dimension at which a tile may have a word: a move to any other adds nothing.
  // Padding makes many of those.
  virtual Positions touching(std::size_t i) const { return {0, dim(i).positions()}; }
  // Adds up the moves of one dimension without visiting them, where that is possible.
  virtual bool closed_form(const DimMove&, MoveSums&) const { return false; }

  // The sums not seen before.
  virtual MoveSums add_up(const DimMove& first, const DimMove& second);

 private:
  std::array<DimTile, 2> dims_;
  std::map<std::array<std::uint64_t, 2>, MoveSums> sums_;
};

// A dimension that the tensor does not depend on, by what its PEs hold.
enum class FreeDim {
  counted,    // one tile for all of them: moves alone count
  delivered,  // each gets the word; one that was idle needs it again
  held,       // each that works holds a word of its own
};
std::unique_ptr<TileFactor> free_factor(const DimTile&, FreeDim);

// One axis under the dimensions that move it; `first` and `second` are its terms, 0 for none.
struct AxisTerms {
  std::int64_t offset = 0, extent = 1, first = 0, second = 0;
};
std::unique_ptr<TileFactor> axis_factor(const AxisTerms&, const DimTile& first,
                                        const DimTile& second);

}  // namespace chasm
