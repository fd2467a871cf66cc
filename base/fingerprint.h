// A short name of a text: equal for equal texts, and hardly ever for others. FNV-1a (Fowler, Noll,
// Vo; RFC 9923) tells inputs apart; it does not protect against forgery.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chasm {

std::uint64_t fnv1a64_number(std::string_view text);
std::string fnv1a64(std::string_view text);   // "fnv1a64:0123456789abcdef"
std::string fnv1a128(std::string_view text);  // 32 hexadecimal digits

}  // namespace chasm
