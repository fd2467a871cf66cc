#include "base/resource.h"

namespace chasm {

const Resource* find_resource(std::span<const Resource> table, std::string_view name) {
  for (const Resource& resource : table)
    if (resource.name == name) return &resource;
  return nullptr;
}

}  // namespace chasm
