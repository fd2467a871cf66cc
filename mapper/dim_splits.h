// How a nest divides each dimension between PEs and loops, and numbers for the divisions that came
// up: what belongs to one is then found without a search.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "mapper/loop_nest.h"
#include "mapper/move_sums.h"

namespace chasm {

// A dimension at one level: over PEs, and over loops, outermost first.
struct DimSplit {
  DimTile tile;
  std::size_t loops = 0;
  std::array<std::uint64_t, 4 * kDims> trips;  // of the first `loops`
  bool operator==(const DimSplit&) const;
};

// The part of a nest that moves the tiles of a level. The order of loops of different dimensions
// does not matter here. Points into the NestSplits that made it.
struct LevelNest {
  DimArray<const DimSplit*> splits{};
  DimArray<std::uint32_t> number{};
};

// Numbers the splits of one operation's dimensions, each by all of its loops at both levels.
class NestSplits {
 public:
  explicit NestSplits(const DimArray<std::uint64_t>& bounds);

  using Numbers = DimArray<std::uint32_t>;  // 0 for a dimension of one iteration
  Numbers numbers(const LoopNest&);
  // Of a dimension with at most one loop a level.
  std::uint32_t number(Dim, std::uint64_t rf, std::uint64_t spatial, std::uint64_t buffer,
                       std::uint64_t dram);

  LevelNest array_level(const Numbers& numbers) const { return level(numbers, &Known::array); }
  LevelNest buffer_level(const Numbers& numbers) const { return level(numbers, &Known::buffer); }
  std::size_t count(Dim d) const { return known_[d].size(); }

 private:
  struct Numbered {
    const DimSplit* split = nullptr;
    std::uint32_t number = 0;
  };
  struct Known {
    Numbered array, buffer;
  };
  struct Hash {
    std::size_t operator()(const DimSplit&) const;
  };
  struct Key {
    DimSplit array;
    std::size_t dram;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return Hash{}(key.array) * 31 + key.dram; }
  };
  // Looked up, never iterated. Entries of an unordered map stay where they are.
  using Level = std::unordered_map<DimSplit, std::uint32_t, Hash>;

  std::uint32_t number(Dim, const Key&);
  static Numbered numbered(Level&, const DimSplit&);
  LevelNest level(const Numbers& numbers, Numbered Known::*which) const {
    LevelNest level;
    for (const Dim d : kAllDims) {
      const Numbered& known = known_[d][numbers[d]].*which;
      level.splits[d] = known.split;
      level.number[d] = known.number;
    }
    return level;
  }

  DimArray<std::uint64_t> bounds_;
  DimArray<std::unordered_map<Key, std::uint32_t, KeyHash>> numbers_;
  DimArray<Level> array_, buffer_;
  DimArray<std::vector<Known>> known_;
};

}  // namespace chasm
