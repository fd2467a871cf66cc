// Editing architecture documents as JSON, before they are checked: defaults, merging, overrides.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/json.h"
#include "models/arch/arch_spec.h"

namespace chasm {

const Json& parsed_arch_schema();

// Adds every missing key for which the schema has a "default", at any depth, in the schema's order
// of keys. Values of the wrong type stay as they are: the schema check is to find them.
void fill_defaults(Json& value, const Json& schema);

// Replaces texts such as "64 KiB" by numbers, where the schema has a number with a unit. A text
// that is no such quantity becomes a diagnostic, and the smallest number that is allowed there.
void resolve_measures(Json& value, const std::string& file, const Json& schema, Diagnostics&);

// Changes `base` by `change`: objects key by key; lists of objects that all have a "name", by name
// (new ones are appended); everything else is replaced.
void merge_document(Json& base, const Json& change);

// `--set path=value`: the name under which problems of an override are reported.
std::string option_text(const Override&);

// A value of the command line: JSON where it parses as JSON, else a string.
Json parse_value(const std::string& text);

// Sets the value at the override's path. Every step of the path must exist in `root` (fill defaults
// first); list elements are found by their "name", else by index. Returns the JSON pointer that was
// set, or "" after a diagnostic, which calls the document `what`.
std::string apply_override(Json& root, const Override&, Diagnostics&,
                           const char* what = "the architecture");

// The JSON pointer of `key` below `pointer` (RFC 6901).
std::string child_pointer(const std::string& pointer, const std::string& key);

}  // namespace chasm
