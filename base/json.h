// Reading JSON from users: every parse error with line and column, duplicate keys, NaN and
// excessive nesting refused, schema violations translated into diagnostics with did-you-mean. Key
// order is kept.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/diagnostic.h"

namespace chasm {

using Json = nlohmann::ordered_json;

struct Document {
  std::string file;  // how the user named it: the `file` of every diagnostic about it
  Json root;
};

// Arrays and objects inside each other that a file may have; ours need about ten.
inline constexpr std::size_t kMostLevels = 100;

// Comments (// and /* */) are allowed. On a problem: diagnostics, and no value.
std::optional<Document> parse_json(std::string_view text, std::string file, Diagnostics&,
                                   std::size_t most_levels = kMostLevels);
std::optional<Document> read_json_file(const std::string& path, Diagnostics&);

// Checks `value` against a draft-7 schema; every violation becomes a diagnostic with its JSON
// pointer. Returns whether there was none. Unknown keys are errors where the schema says
// "additionalProperties": false.
bool validate_schema(const Json& value, const std::string& file, const Json& schema, Diagnostics&);

// A schema that many values are checked against, read once.
class Schema {
 public:
  explicit Schema(Json schema);  // CHECKs that it is a schema
  bool validate(const Json& value, const std::string& file, Diagnostics&) const;

 private:
  struct Compiled;
  bool satisfied_by(const Json& value, std::string& account) const;
  Json json_;
  std::shared_ptr<const Compiled> compiled_;
};

// The JSON pointer (RFC 6901) of an entry: "/" and "~" inside a key are written ~1 and ~0.
std::string child_pointer(const std::string& pointer, std::string_view key);
std::string child_pointer(const std::string& pointer, std::size_t index);

// Adds a key that the object does not have yet. Json's own operators would compare it with all the
// others, which is too slow where an object has as many keys as a network has layers.
void append_new(Json& object, std::string key, Json value);

}  // namespace chasm
