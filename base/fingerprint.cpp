#include "base/fingerprint.h"

#include <cstdint>

#include <fmt/format.h>

namespace chasm {

std::string fnv1a64(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  return fmt::format("fnv1a64:{:016x}", hash);
}

}  // namespace chasm
