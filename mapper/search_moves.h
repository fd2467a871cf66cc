// Small changes of a mapping, for the searches that go from one to the next.
#pragma once

#include <vector>

#include "base/rng.h"
#include "mapper/mapspace.h"

namespace chasm {

class SearchMoves {
 public:
  // `used`: else it only knows the space. It refers to it.
  SearchMoves(const MapSpace&, bool used);

  // Changes the point at random, mostly in one thing: the split of a dimension, the place of a
  // loop, the tiles of an operand. What comes out may be illegal.
  void change(MapSpace::Point&, Rng&) const;
  // Every dimension's split from either, the orders and the tiles as well.
  MapSpace::Point cross(const MapSpace::Point&, const MapSpace::Point&, Rng&) const;

 private:
  // Splits that differ in two levels at most stand side by side.
  struct Neighbours {
    std::vector<std::uint32_t> sorted, begin, end;  // the latter two by split: its group
  };
  static constexpr std::size_t kPairs = kLevels * (kLevels - 1) / 2;

  void move_factor(MapSpace::Point&, Rng&) const;
  void move_loop(MapSpace::Point&, Rng&) const;
  Dim any_dim(Rng& rng) const { return open_[rng.below(open_.size())]; }

  const MapSpace& space_;
  std::vector<Dim> open_;
  std::vector<std::array<Neighbours, kPairs>> neighbours_;  // by place in open_
};

}  // namespace chasm
