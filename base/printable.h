// Text from files, as a terminal may see it: characters that steer a terminal, or the direction of
// writing, are shown instead of obeyed.
#pragma once

#include <string>
#include <string_view>

namespace chasm {

// Control characters (C0, DEL, C1), separators of lines and paragraphs, marks of the direction of
// writing and bytes that are no UTF-8 become escapes ("\u001b"). Line ends and tabs stay.
std::string printable(std::string_view text);

// The same for what must stay on its line: line feeds and tabs are escaped too.
std::string printable_line(std::string_view text);

// The length in bytes of the UTF-8 character (RFC 3629) that `text` begins with; 0: it is none.
std::size_t utf8_length(std::string_view text);

// The text, or what of it fits so many bytes without cutting a character.
std::string_view utf8_prefix(std::string_view text, std::size_t most_bytes);

}  // namespace chasm
