#include "mapper/dim_splits.h"

#include <algorithm>

namespace chasm {

bool DimSplit::operator==(const DimSplit& other) const {
  return tile == other.tile && loops == other.loops &&
         std::equal(trips.begin(), trips.begin() + static_cast<std::ptrdiff_t>(loops),
                    other.trips.begin());
}

std::size_t NestSplits::Hash::operator()(const DimSplit& split) const {
  std::uint64_t hash = split.tile.rf;
  const auto add = [&hash](std::uint64_t value) {
    hash = (hash ^ hash >> 29) * 0x9e3779b97f4a7c15U + value;
  };
  add(split.tile.spatial);
  for (std::size_t l = 0; l < split.loops; ++l) add(split.trips[l]);
  return hash ^ hash >> 32;
}

// Number 0 of every dimension is one tile without loops in one PE.
NestSplits::NestSplits(const DimArray<std::uint64_t>& bounds) : bounds_(bounds) {
  for (const Dim d : kAllDims) number(d, bounds[d], 1, 1, 1);
}

NestSplits::Numbers NestSplits::numbers(const LoopNest& nest) {
  DimArray<Key> keys;
  for (const Dim d : kAllDims) {
    if (bounds_[d] == 1) continue;
    keys[d].array.tile = {bounds_[d], nest.rf[d], nest.spatial(d)};
    keys[d].array.loops = keys[d].dram = 0;
  }
  for (std::size_t l = 0; l < nest.count; ++l) {
    Key& key = keys[nest.loops[l].dim];
    key.array.trips[key.array.loops++] = nest.loops[l].trips;
    if (l < nest.dram) ++key.dram;
  }
  Numbers numbers;
  for (const Dim d : kAllDims)
    if (bounds_[d] > 1) numbers[d] = number(d, keys[d]);
  return numbers;
}

std::uint32_t NestSplits::number(Dim d, std::uint64_t rf, std::uint64_t spatial,
                                 std::uint64_t buffer, std::uint64_t dram) {
  Key key;
  key.array.tile = {bounds_[d], rf, spatial};
  key.dram = 0;
  if (dram > 1) key.array.trips[key.array.loops++] = dram, key.dram = 1;
  if (buffer > 1) key.array.trips[key.array.loops++] = buffer;
  return number(d, key);
}

std::uint32_t NestSplits::number(Dim d, const Key& key) {
  const auto next = static_cast<std::uint32_t>(known_[d].size());
  const auto [entry, is_new] = numbers_[d].try_emplace(key, next);
  if (!is_new) return entry->second;
  DimSplit buffer;
  buffer.tile = {key.array.tile.bound, key.array.tile.tile(), 1};
  for (std::size_t l = 0; l < key.array.loops; ++l) {
    if (l < key.dram)
      buffer.trips[buffer.loops++] = key.array.trips[l];
    else
      buffer.tile.rf *= key.array.trips[l];
  }
  known_[d].push_back({numbered(array_[d], key.array), numbered(buffer_[d], buffer)});
  return next;
}

NestSplits::Numbered NestSplits::numbered(Level& level, const DimSplit& split) {
  const auto next = static_cast<std::uint32_t>(level.size());
  const auto entry = level.try_emplace(split, next).first;
  return {&entry->first, entry->second};
}

}  // namespace chasm
