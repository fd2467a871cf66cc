// What a move of the tiles of one operand in the register files brings, from one iteration of the
// loops to another: counted once for all moves that are alike, because they begin and end at the
// same edges and are equally far.
#pragma once

#include <vector>

#include "models/program/geometry.h"

namespace chasm::walk {

class Moves {
 public:
  Moves(const Program&, Operand);

  struct Move {
    RegisterFileDelta delta;
    std::uint64_t words = 0;  // of the tile, over all PEs once
  };
  // To these offsets of the dimensions, from those before (nothing, at first).
  const Move& to(const DimArray<std::uint64_t>& offsets);
  // The tiles are at these offsets now, where all is as it was at those before.
  void shift(const DimArray<std::uint64_t>& offsets);

 private:
  // A dimension that matters: offsets in [first, last] are alike.
  struct Side {
    Dim dim;
    std::uint64_t first, last;
    std::uint64_t at = 0, place = 0;  // offset now; 0 where it is alike others, else 1 + offset
  };
  static constexpr std::size_t kMost = kDims;
  using Key = std::array<std::uint64_t, kMost>;  // 0: unused
  struct Entry {
    Key key{};
    bool used = false;
    Move move;
  };
  Move count(const DimArray<std::uint64_t>& offsets);
  Entry& find(const Key&);
  void grow();

  ArrayTile tile_;
  bool any_ = false;
  bool exact_ = true;  // keys tell moves apart
  std::vector<Side> sides_;
  DimArray<std::uint64_t> before_;
  std::vector<Entry> table_;
  std::size_t entries_ = 0;
  Move last_;
};

}  // namespace chasm::walk
