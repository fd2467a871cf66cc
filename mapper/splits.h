// How a dimension may be split over the levels of a mapping. Factors are *balanced*: at each level,
// from the PE outwards, one of the distinct ceil(n / m) of the n iterations that are left. Any
// other factor has the same number of trips above it as the next smaller balanced one, in larger
// tiles with more empty places at their edge.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace chasm {

enum class Level : std::uint8_t { rf, x, y, buffer, dram };
inline constexpr std::size_t kLevels = 5;
inline constexpr std::array<Level, kLevels> kAllLevels = {Level::rf, Level::x, Level::y,
                                                          Level::buffer, Level::dram};

// Factors of one dimension; their product is at least its bound.
struct Split {
  std::uint64_t rf = 1, x = 1, y = 1, buffer = 1, dram = 1;
  std::uint64_t& operator[](Level level) {
    return *std::array{&rf, &x, &y, &buffer, &dram}[static_cast<std::size_t>(level)];
  }
  std::uint64_t operator[](Level level) const {
    return std::array{rf, x, y, buffer, dram}[static_cast<std::size_t>(level)];
  }
  std::uint64_t array() const { return rf * x * y; }
  bool operator==(const Split&) const = default;
};

// What one level may take of a dimension: this factor exactly, balanced or not; or any up to
// `most`.
struct FactorRule {
  std::optional<std::uint64_t> fixed;
  std::uint64_t most = UINT64_MAX;
};
struct SplitRules {
  std::array<FactorRule, kLevels> levels;  // by Level
  // PEs along both sides together: x * y is that, or covers it where it covers the bound.
  std::optional<std::uint64_t> spatial;

  FactorRule& at(Level level) { return levels[static_cast<std::size_t>(level)]; }
  const FactorRule& at(Level level) const { return levels[static_cast<std::size_t>(level)]; }
};
using SplitTest = std::function<bool(const Split&, Level)>;

// The splits of `bound` that the rules allow, without twins. The outermost level that is not fixed
// takes what the others leave. `fits` judges the factor of a level, those outside it are still 1;
// where it refuses one it must refuse larger ones. Of more than `most` splits those are left out
// whose factors are near another and do not divide what is left evenly.
std::vector<Split> make_splits(std::uint64_t bound, const SplitRules&, const SplitTest& fits,
                               std::size_t most);

}  // namespace chasm
