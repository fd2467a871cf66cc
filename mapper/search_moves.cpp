#include "mapper/search_moves.h"

#include <algorithm>
#include <numeric>

namespace chasm {

SearchMoves::SearchMoves(const MapSpace& space, bool used) : space_(space) {
  if (!used) return;
  for (const Dim d : kAllDims) {
    const std::vector<Split>& splits = space.splits(d);
    if (splits.size() < 2) continue;
    open_.push_back(d);
    auto& pairs = neighbours_.emplace_back();
    std::size_t pair = 0;
    for (std::size_t a = 0; a < kLevels; ++a)
      for (std::size_t b = a + 1; b < kLevels; ++b) {
        const auto rest = [&](std::uint32_t i) {
          Split split = splits[i];
          split[kAllLevels[a]] = split[kAllLevels[b]] = 1;
          return std::array{split.rf, split.x, split.y, split.buffer, split.dram};
        };
        Neighbours& group = pairs[pair++];
        group.sorted.resize(splits.size());
        group.begin.resize(splits.size());
        group.end.resize(splits.size());
        std::iota(group.sorted.begin(), group.sorted.end(), 0U);
        std::stable_sort(group.sorted.begin(), group.sorted.end(),
                         [&](std::uint32_t i, std::uint32_t j) { return rest(i) < rest(j); });
        for (std::size_t begin = 0, end = 0; begin < splits.size(); begin = end) {
          while (end < splits.size() && rest(group.sorted[end]) == rest(group.sorted[begin])) ++end;
          for (std::size_t i = begin; i < end; ++i) {
            group.begin[group.sorted[i]] = static_cast<std::uint32_t>(begin);
            group.end[group.sorted[i]] = static_cast<std::uint32_t>(end);
          }
        }
      }
  }
}

void SearchMoves::change(MapSpace::Point& point, Rng& rng) const {
  const std::uint64_t kind = open_.empty() ? 15 : rng.below(16);
  if (kind < 6) {
    move_factor(point, rng);
  } else if (kind < 9) {  // what one dimension gives up, another may take
    move_factor(point, rng);
    move_factor(point, rng);
  } else if (kind < 10) {
    const Dim d = any_dim(rng);
    point.split[d] = static_cast<std::uint32_t>(rng.below(space_.splits(d).size()));
  } else if (kind < 15) {
    move_loop(point, rng);
  } else {
    std::uint32_t& tiles = point.buffer_tiles[rng.below(kOperands)];
    tiles = other_tiles(tiles);
  }
}

void SearchMoves::move_factor(MapSpace::Point& point, Rng& rng) const {
  const std::size_t place = rng.below(open_.size());
  std::uint32_t& split = point.split[open_[place]];
  for (int tries = 0; tries < 4; ++tries) {
    const Neighbours& group = neighbours_[place][rng.below(kPairs)];
    const std::uint64_t members = group.end[split] - group.begin[split];
    if (members < 2) continue;
    split = group.sorted[group.begin[split] + rng.below(members)];
    return;
  }
}

// Takes a loop out and puts it back elsewhere, at DRAM or at buffer level.
void SearchMoves::move_loop(MapSpace::Point& point, Rng& rng) const {
  const bool dram = rng.below(2) == 0;
  const Places places = loops(point, dram);
  if (places.count < 2) return;
  const std::size_t from = places.at[rng.below(places.count)],
                    to = places.at[rng.below(places.count)];
  move_loop(dram ? point.dram_order : point.buffer_order, from, to);
}

SearchMoves::Places SearchMoves::loops(const MapSpace::Point& point, bool dram) const {
  const std::array<Dim, kDims>& order = dram ? point.dram_order : point.buffer_order;
  Places places;
  for (std::size_t i = 0; i < kDims; ++i) {
    const Split& s = space_.splits(order[i])[point.split[order[i]]];
    if ((dram ? s.dram : s.buffer) > 1) places.at[places.count++] = i;
  }
  return places;
}

void SearchMoves::move_loop(std::array<Dim, kDims>& order, std::size_t from, std::size_t to) {
  const auto at = [&](std::size_t i) { return order.begin() + static_cast<std::ptrdiff_t>(i); };
  if (from < to)
    std::rotate(at(from), at(from + 1), at(to + 1));
  else
    std::rotate(at(to), at(from), at(from + 1));
}

MapSpace::Point SearchMoves::cross(const MapSpace::Point& a, const MapSpace::Point& b,
                                   Rng& rng) const {
  MapSpace::Point child = a;
  const std::uint64_t bits = rng.next();
  for (const Dim d : open_)
    if (bits >> index(d) & 1U) child.split[d] = b.split[d];
  if (bits >> 16 & 1U) child.dram_order = b.dram_order;
  if (bits >> 17 & 1U) child.buffer_order = b.buffer_order;
  if (bits >> 18 & 1U) child.buffer_tiles = b.buffer_tiles;
  return child;
}

}  // namespace chasm
