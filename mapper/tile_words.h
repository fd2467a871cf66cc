// tile_words (models/program/program.h) of one tensor access, made ready for many tiles.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "models/program/program.h"

namespace chasm {

class TileWords {
 public:
  TileWords() = default;  // of an operand that is not used
  explicit TileWords(const TensorAccess&);

  std::uint64_t of(const DimArray<std::uint64_t>& tile) const {
    std::uint64_t words = used_;
    for (const Coordinates& axis : axes_) words *= axis.of(tile);
    return words;
  }

 private:
  // Two terms as in distinct_coordinates: m runs of n, the next one `apart` of its steps behind.
  struct Coordinates {
    enum class Kind { one, two, counted } kind = Kind::one;
    Dim coarse{}, fine{};
    std::uint64_t apart = 1, extent = 1;
    Axis axis;
    std::uint64_t of(const DimArray<std::uint64_t>& tile) const {
      const std::uint64_t m = tile[coarse], n = tile[fine];
      if (kind == Kind::counted) return distinct_coordinates(axis, tile);
      if (kind == Kind::one) return std::min(m, extent);
      if (m >= extent || n >= extent) return extent;
      return std::min((m - 1) * std::min(n, apart) + n, extent);
    }
  };
  std::uint64_t used_ = 0;  // or 1
  std::vector<Coordinates> axes_;
};

}  // namespace chasm
