#include "base/fingerprint.h"

#include <fmt/format.h>

namespace chasm {
namespace {

template <class Word>
Word hashed(std::string_view text, Word basis, Word prime) {
  for (const char c : text) basis = (basis ^ static_cast<unsigned char>(c)) * prime;
  return basis;
}

}  // namespace

std::uint64_t fnv1a64_number(std::string_view text) {
  return hashed<std::uint64_t>(text, 0xcbf29ce484222325U, 0x100000001b3U);
}

std::string fnv1a64(std::string_view text) {
  return fmt::format("fnv1a64:{:016x}", fnv1a64_number(text));
}

std::string fnv1a128(std::string_view text) {
  __extension__ typedef unsigned __int128 Word;
  const Word hash =
      hashed(text, (Word{0x6c62272e07bb0142} << 64) + 0x62b821756295c58d, (Word{1} << 88) + 0x13b);
  return fmt::format("{:016x}{:016x}", static_cast<std::uint64_t>(hash >> 64),
                     static_cast<std::uint64_t>(hash));
}

}  // namespace chasm
