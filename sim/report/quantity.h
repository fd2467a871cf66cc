// Numbers for people: four significant digits and an SI prefix, the same on every machine and in
// every locale.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chasm {

// 1.234e-5, "J" -> "12.34 uJ"; 0 -> "0 J". The unit may be empty: 12345, "" -> "12.35 k".
std::string si(double value, std::string_view unit);
// 308512 -> "308,512"
std::string grouped(std::uint64_t value);
// 0.1234 -> "12.3%"; above 0 and below 0.05 % -> "<0.1%"; exactly 0 -> "0%"
std::string percent(double share);

}  // namespace chasm
