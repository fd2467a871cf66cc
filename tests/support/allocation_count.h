// How often the program has asked for memory. A test that links allocation_count.cpp counts.
#pragma once

#include <cstdint>

namespace chasm {

std::uint64_t allocation_count();

}  // namespace chasm
