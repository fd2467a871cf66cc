// The rules between keys of an architecture (docs/formats.md, "Architecture", below the table):
// what a key needs to have an effect, and what must hold together.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace chasm {

// `key` says nothing unless `needs` has one of these values (not one of them, for `but`).
struct KeyNeed {
  const char* key;    // or the beginning of several
  const char* needs;  // a key of the machine, or of the same chunk
  std::vector<Json> values;
  bool but = false;
};
std::vector<const KeyNeed*> needs_of(const std::string& path);
// Of a machine (of any of its chunks); of one chunk.
bool meets(const KeyNeed&, const Json& machine);
bool meets(const KeyNeed&, const Json& machine, const Json& chunk);

Json& value_at(Json& object, const std::string& path);
const Json& value_at(const Json& object, const std::string& path);

// Changes what cannot stand together, as little as possible.
void make_legal(Json& machine);

}  // namespace chasm
