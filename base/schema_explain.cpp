#include "base/schema_explain.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <regex>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "base/parse.h"
#include "base/printable.h"
#include "base/suggest.h"

namespace chasm {
namespace {

const Json* find(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

std::string text_of(const Json& schema, const char* key) {
  const Json* text = find(schema, key);
  return text != nullptr && text->is_string() ? text->get<std::string>() : std::string();
}

// A scalar as JSON, clipped; a container by its kind.
std::string show(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 60) text = std::string(utf8_prefix(text, 57)) + "...";
  return text;
}

bool fits_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  CHECK(type == "null", "schema type {}", type);
  return value.is_null();
}

std::string article(const std::string& type) {
  if (type == "boolean") return "true or false";
  if (type == "null") return "null";
  return (type == "object" || type == "array" || type == "integer" ? "an " : "a ") + type;
}

std::string kind_of(const Json& value) {
  if (value.is_object() || value.is_array()) return show(value);
  if (value.is_null()) return "null";
  if (value.is_string()) return "the string " + show(value);
  return show(value);
}

std::vector<std::string> strings_of(const Json& list) {
  std::vector<std::string> words;
  for (const Json& item : list)
    if (item.is_string()) words.push_back(item.get<std::string>());
  return words;
}

std::vector<std::string> types_of(const Json& schema) {
  const Json* type = find(schema, "type");
  if (type == nullptr) return {};
  return type->is_string() ? std::vector{type->get<std::string>()} : strings_of(*type);
}

// "1 to 4096 bytes", "at least 1", "above 0 MHz", or "" where there is no limit.
std::string allowed_range(const Json& schema) {
  const Json* low = find(schema, "minimum");
  const Json* above = find(schema, "exclusiveMinimum");
  const Json* high = find(schema, "maximum");
  const Json* below = find(schema, "exclusiveMaximum");
  std::string text;
  if (low != nullptr && high != nullptr)
    text = show(*low) + " to " + show(*high);
  else if (low != nullptr || above != nullptr)
    text = low != nullptr ? "at least " + show(*low) : "above " + show(*above);
  if (high != nullptr && low == nullptr)
    text += (text.empty() ? "at most " : ", at most ") + show(*high);
  else if (below != nullptr)
    text += (text.empty() ? "below " : ", below ") + show(*below);
  const std::string unit = text_of(schema, "unit");
  return text.empty() || unit.empty() ? text : text + " " + unit;
}

bool all_different(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

class Explainer {
 public:
  Explainer(const Json& root, const std::string& file) : root_(root), file_(file) {}

  void value(const Json& v, const Json& schema_or_ref, const std::string& at,
             Diagnostics& out) const;

 private:
  using Pointer = const std::string&;

  const Json& resolve(const Json& schema) const;
  bool satisfied(const Json& v, const Json& schema) const;

  void wrong_type(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const;
  void number(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const;
  void string(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const;
  void array(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const;
  void object(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const;
  void member(const std::string& key, const Json& v, const Json& schema, Pointer at,
              Diagnostics& out) const;
  void missing(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const;
  void choice(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const;
  void combined(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const;
  void alternatives(const Json& v, const Json& branches, bool exactly_one, Pointer at,
                    Diagnostics& out) const;
  bool by_discriminator(const Json& v, const Json& branches, Pointer at, Diagnostics& out) const;
  std::string meaning(const Json& object_schema, const std::string& key) const;
  const Json& described(const Json& schema, Pointer at) const;

  const Json& root_;
  const std::string& file_;
};

const Json& Explainer::resolve(const Json& schema) const {
  const Json* at = &schema;
  for (const Json* ref = find(*at, "$ref"); ref != nullptr; ref = find(*at, "$ref")) {
    const std::string target = ref->get<std::string>();
    CHECK(!target.empty() && target[0] == '#', "schema reference {}", target);
    const Json::json_pointer pointer(target.substr(1));
    CHECK(root_.contains(pointer), "schema reference {}", target);
    at = &root_.at(pointer);
  }
  return *at;
}

bool Explainer::satisfied(const Json& v, const Json& schema) const {
  Diagnostics unused;
  value(v, schema, "", unused);
  return unused.ok();
}

void Explainer::value(const Json& v, const Json& schema_or_ref, const std::string& at,
                      Diagnostics& out) const {
  const Json& schema = resolve(schema_or_ref);
  if (schema.is_boolean()) {
    if (!schema.get<bool>()) out.error(file_, at, "not allowed here");
    return;
  }
  const std::vector<std::string> types = types_of(schema);
  if (!types.empty() && std::none_of(types.begin(), types.end(),
                                     [&](const std::string& type) { return fits_type(v, type); }))
    return wrong_type(v, schema, at, out);
  choice(v, schema, at, out);
  if (v.is_number()) number(v, schema, at, out);
  if (v.is_string()) string(v, schema, at, out);
  if (v.is_array()) array(v, schema, at, out);
  if (v.is_object()) object(v, schema, at, out);
  combined(v, schema, at, out);
}

void Explainer::wrong_type(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const {
  std::string expected;
  const std::vector<std::string> types = types_of(schema);
  for (const std::string& type : types)
    expected += (expected.empty() ? "" : " or ") + article(type);
  const bool numeric = std::any_of(types.begin(), types.end(), [](const std::string& type) {
    return type == "integer" || type == "number";
  });
  if (numeric && !allowed_range(schema).empty()) expected += " (" + allowed_range(schema) + ")";
  if (const Json* names = find(schema, "enum"); names != nullptr && !strings_of(*names).empty())
    expected += " (" + quoted_list(strings_of(*names)) + ")";

  std::string hint;
  constexpr double kExact =
      9007199254740992.0;  // 2^53: above, a double need not be the number meant
  if (numeric && v.is_number_float()) {
    const double d = v.get<double>();
    if (d == std::floor(d) && std::abs(d) < kExact) hint = fmt::format("write {:.0f}", d);
  } else if (numeric && v.is_string() && parse_double(v.get_ref<const std::string&>())) {
    hint = fmt::format("write {} without quotes", v.get_ref<const std::string&>());
  } else if (!types.empty() && types.front() == "array" && !v.is_object()) {
    hint = "put it in [ ]";
  }
  out.error(file_, at, fmt::format("is {}; expected {}", kind_of(v), expected), hint);
}

void Explainer::choice(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const {
  if (const Json* constant = find(schema, "const"); constant != nullptr && *constant != v)
    out.error(file_, at, fmt::format("is {}; expected {}", show(v), show(*constant)));
  const Json* names = find(schema, "enum");
  if (names == nullptr || std::find(names->begin(), names->end(), v) != names->end()) return;
  if (v.is_string()) {
    out.error(file_, at, fmt::format("unknown value {}", show(v)),
              suggest(v.get_ref<const std::string&>(), strings_of(*names)));
    return;
  }
  std::string allowed;
  for (const Json& name : *names) allowed += (allowed.empty() ? "" : ", ") + show(name);
  out.error(file_, at, fmt::format("is {}; expected one of {}", show(v), allowed));
}

void Explainer::number(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const {
  const Json* low = find(schema, "minimum");
  const Json* above = find(schema, "exclusiveMinimum");
  const Json* high = find(schema, "maximum");
  const Json* below = find(schema, "exclusiveMaximum");
  if ((low != nullptr && v < *low) || (above != nullptr && v <= *above) ||
      (high != nullptr && v > *high) || (below != nullptr && v >= *below)) {
    out.error(file_, at,
              fmt::format("{} is out of range: allowed is {}", show(v), allowed_range(schema)));
    return;
  }
  const Json* divisor = find(schema, "multipleOf");
  if (divisor == nullptr) return;
  const double ratio = v.get<double>() / divisor->get<double>();
  if (std::abs(ratio - std::round(ratio)) > 1e-9)
    out.error(file_, at, fmt::format("{} is not a multiple of {}", show(v), show(*divisor)));
}

void Explainer::string(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const {
  const std::string& text = v.get_ref<const std::string&>();
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; };
  const auto characters =
      static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), is_start));
  if (const Json* least = find(schema, "minLength"); least != nullptr && characters < *least) {
    out.error(file_, at,
              text.empty()
                  ? std::string("is empty")
                  : fmt::format("{} is shorter than {} characters", show(v), show(*least)));
    return;
  }
  if (const Json* most = find(schema, "maxLength"); most != nullptr && characters > *most)
    out.error(file_, at, fmt::format("{} is longer than {} characters", show(v), show(*most)));
  const Json* pattern = find(schema, "pattern");
  if (pattern == nullptr || std::regex_search(text, std::regex(pattern->get<std::string>())))
    return;
  const std::string description = text_of(schema, "description");
  out.error(file_, at, fmt::format("{} has the wrong form", show(v)),
            description.empty() ? "expected to match " + pattern->get<std::string>()
                                : "expected: " + description);
}

void Explainer::array(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const {
  const Json* least = find(schema, "minItems");
  const Json* most = find(schema, "maxItems");
  if ((least != nullptr && v.size() < *least) || (most != nullptr && v.size() > *most)) {
    std::string allowed;
    if (least != nullptr && most != nullptr && *least == *most)
      allowed = show(*least);
    else if (least != nullptr && most != nullptr)
      allowed = show(*least) + " to " + show(*most);
    else
      allowed = least != nullptr ? "at least " + show(*least) : "at most " + show(*most);
    out.error(
        file_, at,
        fmt::format("has {} element{}; expected {}", v.size(), v.size() == 1 ? "" : "s", allowed),
        text_of(schema, "description"));
    return;
  }
  const Json* items = find(schema, "items");
  if (items == nullptr) return;
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (!items->is_array())
      value(v[i], *items, child_pointer(at, i), out);
    else if (i < items->size())
      value(v[i], (*items)[i], child_pointer(at, i), out);
    else if (const Json* more = find(schema, "additionalItems"); more != nullptr)
      value(v[i], *more, child_pointer(at, i), out);
  }
}

void Explainer::object(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const {
  missing(v, schema, at, out);
  const Json* least = find(schema, "minProperties");
  if (least != nullptr && v.size() < *least)
    out.error(file_, at,
              fmt::format("has {} entries; expected at least {}", v.size(), show(*least)));
  const Json* most = find(schema, "maxProperties");
  if (most != nullptr && v.size() > *most)
    out.error(file_, at, fmt::format("has {} entries; expected at most {}", v.size(), show(*most)));
  const Json* names = find(schema, "propertyNames");
  for (const auto& [key, item] : v.items()) {
    if (names != nullptr && !satisfied(Json(key), *names))
      value(Json(key), *names, child_pointer(at, key), out);
    member(key, item, schema, at, out);
  }
}

void Explainer::member(const std::string& key, const Json& v, const Json& schema, Pointer at,
                       Diagnostics& out) const {
  const Json* properties = find(schema, "properties");
  bool known = false;
  if (properties != nullptr && properties->contains(key)) {
    known = true;
    value(v, (*properties)[key], child_pointer(at, key), out);
  }
  if (const Json* patterns = find(schema, "patternProperties"); patterns != nullptr) {
    for (const auto& [pattern, matching] : patterns->items()) {
      if (!std::regex_search(key, std::regex(pattern))) continue;
      known = true;
      value(v, matching, child_pointer(at, key), out);
    }
  }
  const Json* additional = find(schema, "additionalProperties");
  if (known || additional == nullptr) return;
  if (!additional->is_boolean()) return value(v, *additional, child_pointer(at, key), out);
  if (additional->get<bool>()) return;
  std::vector<std::string> names;
  if (properties != nullptr)
    for (const auto& property : properties->items()) names.push_back(property.key());
  out.error(file_, at, fmt::format("unknown key {}", show(Json(key))), suggest(key, names));
}

// What describes an object: its own schema, or, where that only demands keys (a branch of if, then
// and else), what the whole schema has at its place.
const Json& Explainer::described(const Json& schema, Pointer at) const {
  if (find(schema, "additionalProperties") != nullptr) return schema;
  const Json* place = &resolve(root_);
  for (std::size_t begin = 1; begin <= at.size();) {
    const std::size_t end = std::min(at.find('/', begin), at.size());
    const std::string token = at.substr(begin, end - begin);
    const Json* properties = find(*place, "properties");
    const Json* inner = properties == nullptr ? nullptr : find(*properties, token.c_str());
    if (inner == nullptr) inner = find(*place, "items");
    if (inner == nullptr || !inner->is_object()) return schema;
    place = &resolve(*inner);
    begin = end + 1;
  }
  return *place;
}

// A missing key is not reported where an unknown key of the same object is its misspelling.
void Explainer::missing(const Json& v, const Json& demands, Pointer at, Diagnostics& out) const {
  const Json* required = find(demands, "required");
  if (required == nullptr) return;
  const Json& schema = described(demands, at);
  const Json* properties = find(schema, "properties");
  std::vector<std::string> names;
  if (properties != nullptr)
    for (const auto& property : properties->items()) names.push_back(property.key());
  std::vector<std::string> misspelt;
  for (const auto& [key, item] : v.items())
    if (properties != nullptr && !properties->contains(key) &&
        find(schema, "additionalProperties") != nullptr)
      misspelt.push_back(nearest_word(key, names));
  for (const std::string& key : strings_of(*required)) {
    if (v.contains(key) || std::find(misspelt.begin(), misspelt.end(), key) != misspelt.end())
      continue;
    out.error(file_, at, fmt::format("missing key \"{}\"", key), meaning(schema, key));
  }
}

std::string Explainer::meaning(const Json& object_schema, const std::string& key) const {
  const Json* properties = find(object_schema, "properties");
  if (properties == nullptr || !properties->contains(key)) return {};
  const Json& schema = resolve((*properties)[key]);
  std::string text = text_of((*properties)[key], "description");
  if (text.empty()) text = text_of(schema, "description");
  const std::string range = allowed_range(schema);
  if (!range.empty()) text += text.empty() ? "allowed is " + range : " (" + range + ")";
  return text;
}

void Explainer::combined(const Json& v, const Json& schema, Pointer at, Diagnostics& out) const {
  if (const Json* all = find(schema, "allOf"); all != nullptr)
    for (const Json& part : *all) value(v, part, at, out);
  if (const Json* condition = find(schema, "if"); condition != nullptr) {
    const Json* branch = find(schema, satisfied(v, *condition) ? "then" : "else");
    if (branch != nullptr) value(v, *branch, at, out);
  }
  if (const Json* any = find(schema, "anyOf"); any != nullptr)
    alternatives(v, *any, false, at, out);
  if (const Json* one = find(schema, "oneOf"); one != nullptr) alternatives(v, *one, true, at, out);
  if (const Json* no = find(schema, "not"); no != nullptr && satisfied(v, *no)) {
    const std::string description = text_of(*no, "description");
    out.error(file_, at,
              description.empty() ? fmt::format("{} is not allowed here", show(v)) : description);
  }
}

// Objects that name their own kind: every branch demands another constant under one key. A wrong
// name is then the only cause, and a right one selects the branch that says the rest.
bool Explainer::by_discriminator(const Json& v, const Json& branches, Pointer at,
                                 Diagnostics& out) const {
  if (!v.is_object()) return false;
  for (const auto& [key, item] : v.items()) {
    std::vector<std::string> names;
    const Json* selected = nullptr;
    for (const Json& branch : branches) {
      const Json* properties = find(resolve(branch), "properties");
      const Json* constant = properties == nullptr || !properties->contains(key)
                                 ? nullptr
                                 : find(resolve((*properties)[key]), "const");
      if (constant == nullptr || !constant->is_string()) break;
      names.push_back(constant->get<std::string>());
      if (*constant == item) selected = &branch;
    }
    if (names.size() != branches.size() || !all_different(names)) continue;
    if (selected != nullptr)
      value(v, *selected, at, out);
    else if (item.is_string())
      out.error(file_, child_pointer(at, key), fmt::format("unknown value {}", show(item)),
                suggest(item.get_ref<const std::string&>(), names));
    else
      out.error(file_, child_pointer(at, key),
                fmt::format("is {}; expected one of {}", kind_of(item), quoted_list(names)));
    return true;
  }
  return false;
}

void Explainer::alternatives(const Json& v, const Json& branches, bool exactly_one, Pointer at,
                             Diagnostics& out) const {
  if (by_discriminator(v, branches, at, out)) return;
  std::size_t matches = 0;
  std::optional<Diagnostics> best;
  std::vector<std::string> expected;
  for (const Json& branch : branches) {
    Diagnostics problems;
    value(v, branch, at, problems);
    if (problems.ok()) {
      ++matches;
      continue;
    }
    const std::vector<std::string> types = types_of(resolve(branch));
    const bool fits =
        types.empty() || std::any_of(types.begin(), types.end(),
                                     [&](const std::string& type) { return fits_type(v, type); });
    for (const std::string& type : types) expected.push_back(article(type));
    if (fits && (!best || problems.error_count() < best->error_count())) best = problems;
  }
  if (matches == 1 || (matches > 1 && !exactly_one)) return;
  if (matches > 1) {
    out.error(file_, at, "fits more than one of the allowed forms");
  } else if (best) {
    out.add(*best);
  } else {
    std::string list;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (std::find(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(i),
                    expected[i]) == expected.begin() + static_cast<std::ptrdiff_t>(i))
        list += (list.empty() ? "" : " or ") + expected[i];
    }
    out.error(file_, at, fmt::format("is {}; expected {}", kind_of(v), list));
  }
}

}  // namespace

void explain_violations(const Json& value, const std::string& file, const Json& schema,
                        Diagnostics& diagnostics) {
  Explainer(schema, file).value(value, schema, "", diagnostics);
}

}  // namespace chasm
