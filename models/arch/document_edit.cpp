#include "models/arch/document_edit.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/measure.h"
#include "base/parse.h"
#include "base/suggest.h"

namespace chasm {
namespace {

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', begin)) {
    parts.push_back(path.substr(begin, dot - begin));
    begin = dot + 1;
  }
  parts.push_back(path.substr(begin));
  return parts;
}

bool has_name(const Json& item) {
  return item.is_object() && item.contains("name") && item.at("name").is_string();
}

bool is_named_list(const Json& list) {
  return list.is_array() && !list.empty() && std::all_of(list.begin(), list.end(), has_name);
}

Json* find_named(Json& list, const Json& name) {
  for (Json& item : list)
    if (item.at("name") == name) return &item;
  return nullptr;
}

// The place of an element in a list, by name, else by index; list.size() where there is none.
std::size_t find_element(const Json& list, const std::string& step) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (has_name(list[i]) && list[i].at("name") == step) return i;
  const std::optional<std::uint64_t> index = parse_unsigned(step);
  return index && *index < list.size() ? static_cast<std::size_t>(*index) : list.size();
}

std::vector<std::string> known_steps(const Json& at) {
  std::vector<std::string> known;
  if (at.is_object())
    for (const auto& [key, value] : at.items()) known.push_back(key);
  if (at.is_array())
    for (const Json& item : at)
      if (has_name(item)) known.push_back(item.at("name").get<std::string>());
  return known;
}

// The keys below `at` as paths: the mistyped one may belong to an inner object ("rows" to
// "pe_array").
void collect_paths(const Json& at, const std::string& prefix, std::vector<std::string>& keys,
                   std::vector<std::string>& paths) {
  if (!at.is_object()) return;
  for (const auto& [key, value] : at.items()) {
    keys.push_back(key);
    paths.push_back(prefix + key);
    collect_paths(value, prefix + key + ".", keys, paths);
  }
}

std::string suggest_path(const Json& at, const std::string& step, const std::string& prefix) {
  const std::vector<std::string> known = known_steps(at);
  const std::string nearest = nearest_word(step, known);
  if (!nearest.empty()) return fmt::format("did you mean \"{}{}\"?", prefix, nearest);
  std::vector<std::string> keys, paths;
  collect_paths(at, prefix, keys, paths);
  const std::string deeper = nearest_word(step, keys);
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!deeper.empty() && keys[i] == deeper) return fmt::format("did you mean \"{}\"?", paths[i]);
  return suggest(step, known);
}

void report_unknown(const Override& o, const Json& at, const std::string& step,
                    const std::string& parent, const char* what, Diagnostics& diagnostics) {
  const std::string where = parent.empty() ? what : fmt::format("\"{}\"", parent);
  std::string message;
  if (at.is_object()) {
    message = fmt::format("{} has no key \"{}\"", where, step);
  } else if (at.is_array()) {
    message = fmt::format("{} has no element \"{}\"", where, step);
    if (!at.empty())
      message += fmt::format(" (names, or indices 0 to {}, are allowed)", at.size() - 1);
  } else {
    message = fmt::format("{} is a single value: there is no \"{}\" in it", where, step);
  }
  diagnostics.error(option_text(o), "", message,
                    suggest_path(at, step, parent.empty() ? "" : parent + "."));
}

void resolve_at(Json& value, const std::string& pointer, const std::string& file,
                const Json& schema, Diagnostics& diagnostics) {
  if (value.is_array() && schema.contains("items"))
    for (std::size_t i = 0; i < value.size(); ++i)
      resolve_at(value[i], fmt::format("{}/{}", pointer, i), file, schema.at("items"), diagnostics);
  if (value.is_object() && schema.contains("properties"))
    for (const auto& [key, member] : schema.at("properties").items())
      if (value.contains(key))
        resolve_at(value[key], child_pointer(pointer, key), file, member, diagnostics);
  const std::string unit = schema.value("unit", "");
  const std::vector<std::string> symbols = measure_units(unit);
  if (!value.is_string() || symbols.empty()) return;
  const std::string text = value.get<std::string>();
  if (std::optional<Json> number = parse_measure(text, unit)) {
    value = std::move(*number);
    return;
  }
  value = schema.at("minimum");
  const std::string shown = text.size() > 60 ? text.substr(0, 57) + "..." : text;
  const bool plain = parse_double(text).has_value();
  diagnostics.error(
      file, pointer, fmt::format("\"{}\" is no quantity in {}", shown, unit),
      plain ? fmt::format("write {} without quotes, or with a unit: \"{} {}\"", text, text,
                          symbols.front())
            : fmt::format("write a number, or a number and one of {}", quoted_list(symbols)));
}

}  // namespace

std::string child_pointer(const std::string& pointer, const std::string& key) {
  std::string result = pointer + "/";
  for (const char c : key) {
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  }
  return result;
}

void fill_defaults(Json& value, const Json& schema) {
  if (value.is_array() && schema.contains("items"))
    for (Json& item : value) fill_defaults(item, schema.at("items"));
  if (!value.is_object() || !schema.contains("properties")) return;
  Json ordered = Json::object();
  for (const auto& [key, member] : schema.at("properties").items()) {
    const auto present = value.find(key);
    if (present != value.end())
      ordered[key] = *present;
    else if (member.contains("default"))
      ordered[key] = member.at("default");
    else
      continue;
    fill_defaults(ordered[key], member);
  }
  for (const auto& [key, item] : value.items())
    if (!ordered.contains(key)) ordered[key] = item;
  value = std::move(ordered);
}

void resolve_measures(Json& value, const std::string& file, const Json& schema,
                      Diagnostics& diagnostics) {
  resolve_at(value, "", file, schema, diagnostics);
}

void merge_document(Json& base, const Json& change) {
  if (base.is_object() && change.is_object()) {
    for (const auto& [key, value] : change.items()) {
      if (base.contains(key))
        merge_document(base[key], value);
      else
        base[key] = value;
    }
  } else if (is_named_list(base) && is_named_list(change)) {
    for (const Json& item : change) {
      if (Json* same = find_named(base, item.at("name")))
        merge_document(*same, item);
      else
        base.push_back(item);
    }
  } else {
    base = change;
  }
}

std::string option_text(const Override& o) { return "--set " + o.path + "=" + o.value; }

Json parse_value(const std::string& text) {
  Diagnostics ignored;
  std::optional<Document> parsed = parse_json(text, "", ignored);
  return parsed ? std::move(parsed->root) : Json(text);
}

std::string apply_override(Json& root, const Override& o, Diagnostics& diagnostics,
                           const char* what) {
  Json* at = &root;
  std::string pointer;
  std::string parent;
  for (const std::string& step : split(o.path)) {
    if (at->is_object() && at->contains(step)) {
      at = &at->at(step);
      pointer = child_pointer(pointer, step);
    } else if (const std::size_t i = at->is_array() ? find_element(*at, step) : 0;
               at->is_array() && i < at->size()) {
      at = &at->at(i);
      pointer += fmt::format("/{}", i);
    } else {
      report_unknown(o, *at, step, parent, what, diagnostics);
      return "";
    }
    parent += (parent.empty() ? "" : ".") + step;
  }
  *at = parse_value(o.value);
  return pointer;
}

}  // namespace chasm
