#pragma once

namespace chasm {

// std::ceil is a call without SSE 4.1. Of counts and bytes: never negative, below 2^51, where
// adding 2^52 rounds to a whole number.
inline double ceiling(double value) {
  const double whole = (value + 0x1p52) - 0x1p52;
  return whole + (whole < value ? 1 : 0);
}

}  // namespace chasm
