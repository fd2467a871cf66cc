// Whole numbers with a meaning, and the few integer helpers that every layer of the house needs.
#pragma once

#include <cstdint>

#include "base/check.h"

namespace chasm {

using Cycle =
    std::uint64_t;  // a point in time or a duration, in cycles of the clock domain named beside it

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return a / b + (a % b != 0 ? 1 : 0);
}

// Bytes that `words` packed words of `bits` bits occupy.
constexpr std::uint64_t packed_bytes(std::uint64_t words, std::uint32_t bits) {
  return ceil_div(words * bits, 8);
}

// a - b where b <= a must hold: a count never wraps.
inline std::uint64_t minus(std::uint64_t a, std::uint64_t b) {
  CHECK(b <= a, "{} - {} would wrap", a, b);
  return a - b;
}

}  // namespace chasm
