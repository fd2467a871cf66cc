// A short name of a text: equal for equal texts, and hardly ever for others.
#pragma once

#include <string>
#include <string_view>

namespace chasm {

// FNV-1a (Fowler, Noll, Vo), 64 bits, as "fnv1a64:0123456789abcdef". Tells inputs apart; it does
// not protect against forgery.
std::string fnv1a64(std::string_view text);

}  // namespace chasm
