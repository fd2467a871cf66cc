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
  // Visits every point that one change makes of this one: factors of a dimension moved from one
  // level to another, a loop at another place, another number of tiles. Legal or not.
  template <class Visitor>
  void for_each_neighbour(const MapSpace::Point&, const Visitor& visit) const;

 private:
  // Splits that differ in two levels at most stand side by side.
  struct Neighbours {
    std::vector<std::uint32_t> sorted, begin, end;  // the latter two by split: its group
  };
  static constexpr std::size_t kPairs = kLevels * (kLevels - 1) / 2;

  // Places of the loops in the order of a level, those of more than one trip.
  struct Places {
    std::array<std::size_t, kDims> at{};
    std::size_t count = 0;
  };
  Places loops(const MapSpace::Point&, bool dram) const;
  static void move_loop(std::array<Dim, kDims>& order, std::size_t from, std::size_t to);
  void move_factor(MapSpace::Point&, Rng&) const;
  void move_loop(MapSpace::Point&, Rng&) const;
  static std::uint32_t other_tiles(std::uint32_t tiles) { return tiles > 1 ? 1 : 2; }
  Dim any_dim(Rng& rng) const { return open_[rng.below(open_.size())]; }

  const MapSpace& space_;
  std::vector<Dim> open_;
  std::vector<std::array<Neighbours, kPairs>> neighbours_;  // by place in open_
};

template <class Visitor>
void SearchMoves::for_each_neighbour(const MapSpace::Point& point, const Visitor& visit) const {
  for (std::size_t place = 0; place < open_.size(); ++place) {
    const std::uint32_t split = point.split[open_[place]];
    for (const Neighbours& group : neighbours_[place])
      for (std::size_t i = group.begin[split]; i < group.end[split]; ++i) {
        if (group.sorted[i] == split) continue;
        MapSpace::Point next = point;
        next.split[open_[place]] = group.sorted[i];
        visit(next);
      }
  }
  for (const bool dram : {true, false}) {
    const Places places = loops(point, dram);
    for (std::size_t from = 0; from < places.count; ++from)
      for (std::size_t to = 0; to < places.count; ++to) {
        if (from == to || from == to + 1) continue;  // neighbours change places once
        MapSpace::Point next = point;
        move_loop(dram ? next.dram_order : next.buffer_order, places.at[from], places.at[to]);
        visit(next);
      }
  }
  for (std::size_t o = 0; o < kOperands; ++o) {
    MapSpace::Point next = point;
    next.buffer_tiles[o] = other_tiles(point.buffer_tiles[o]);
    visit(next);
  }
}

}  // namespace chasm
