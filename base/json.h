// Reading JSON from users: every parse error with line and column, duplicate keys, NaN and
// excessive nesting refused, schema violations translated into diagnostics with did-you-mean. Key
// order is kept.
#pragma once

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

// Comments (// and /* */) are allowed. On a problem: diagnostics, and no value.
std::optional<Document> parse_json(std::string_view text, std::string file, Diagnostics&);
std::optional<Document> read_json_file(const std::string& path, Diagnostics&);

// Checks `value` against a draft-7 schema; every violation becomes a diagnostic with its JSON
// pointer. Returns whether there was none. Unknown keys are errors where the schema says
// "additionalProperties": false.
bool validate_schema(const Json& value, const std::string& file, const Json& schema, Diagnostics&);

}  // namespace chasm
