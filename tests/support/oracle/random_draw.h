// Draws that all parts of a random case use.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "base/rng.h"
#include "models/program/program.h"

namespace chasm::oracle {

template <class T>
T one_of(Rng& rng, std::initializer_list<T> choices) {
  return choices.begin()[rng.below(choices.size())];
}
inline bool one_in(Rng& rng, std::uint64_t n) { return rng.below(n) == 0; }
inline std::uint32_t between(Rng& rng, std::int64_t low, std::int64_t high) {
  return static_cast<std::uint32_t>(rng.between(low, high));
}

inline std::uint64_t trips_of(const std::vector<Loop>& loops) {
  std::uint64_t product = 1;
  for (const Loop& loop : loops) product *= loop.trips;
  return product;
}

}  // namespace chasm::oracle
