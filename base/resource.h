// A file that was compiled into the program (cmake/chasm_embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace chasm {

struct Resource {
  std::string_view name;  // the file's name without its last extension
  std::string_view text;
};

// The resource of that name in a table sorted by name, or nullptr.
const Resource* find_resource(std::span<const Resource> table, std::string_view name);

}  // namespace chasm
