#include "base/printable.h"

#include <cstdint>

#include <fmt/format.h>

namespace chasm {
namespace {

unsigned byte(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

std::uint32_t code_point(std::string_view character) {
  if (character.size() == 1) return byte(character, 0);
  std::uint32_t point = byte(character, 0) & (0x7fU >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i)
    point = point << 6 | (byte(character, i) & 0x3fU);
  return point;
}

bool steers(std::uint32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
  const bool separator = c == 0x2028 || c == 0x2029;
  const bool direction = c == 0x061c || c == 0x200e || c == 0x200f ||
                         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  return control || separator || direction;
}

std::string shown(std::string_view text, std::string_view kept) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) {
      result += fmt::format("\\x{:02x}", byte(text, i++));
      continue;
    }
    if (!kept.empty() && text.substr(i, 2) == "\r\n") {
      result += "\r\n";
      i += 2;
      continue;
    }
    const std::string_view character = text.substr(i, length);
    if (steers(code_point(character)) && kept.find(character) == kept.npos)
      result += fmt::format("\\u{:04x}", code_point(character));
    else
      result += character;
    i += length;
  }
  return result;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned lead = byte(text, 0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc2 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k)
    if ((byte(text, k) & 0xc0U) != 0x80U) return 0;
  if (length > 2) {  // no over-long forms, no surrogates, nothing above U+10FFFF
    const unsigned next = byte(text, 1);
    if ((lead == 0xe0 && next < 0xa0) || (lead == 0xed && next > 0x9f) ||
        (lead == 0xf0 && next < 0x90) || (lead == 0xf4 && next > 0x8f))
      return 0;
  }
  return length;
}

std::string_view utf8_prefix(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  std::size_t end = most_bytes;
  while (end > 0 && (byte(text, end) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string printable(std::string_view text) { return shown(text, "\n\t"); }
std::string printable_line(std::string_view text) { return shown(text, ""); }

}  // namespace chasm
