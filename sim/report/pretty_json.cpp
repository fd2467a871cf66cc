#include "sim/report/pretty_json.h"

namespace chasm {
namespace {

constexpr std::size_t kIndent = 2, kWidth = 100;

std::string scalar(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Appends the value on one line, or says that it takes more than `room` characters.
bool append_flat(const Json& value, std::size_t room, std::string& text) {
  const std::size_t limit = text.size() + room;
  if (!value.is_structured()) {
    text += scalar(value);
    return text.size() <= limit;
  }
  text += value.is_object() ? "{" : "[";
  bool first = true;
  for (auto it = value.begin(); it != value.end(); ++it) {
    if (!first) text += ", ";
    first = false;
    if (value.is_object()) text += scalar(Json(it.key())) + ": ";
    if (text.size() > limit || !append_flat(*it, limit - text.size(), text)) return false;
  }
  text += value.is_object() ? "}" : "]";
  return text.size() <= limit;
}

void append(const Json& value, std::size_t indent, std::size_t used, std::size_t width,
            std::string& text) {
  std::string flat;
  const std::size_t room = width > indent + used ? width - indent - used : 0;
  if (!value.is_structured() || value.empty()) {
    text += scalar(value);
    return;
  }
  if (append_flat(value, room, flat)) {
    text += flat;
    return;
  }
  text += value.is_object() ? "{\n" : "[\n";
  const std::string margin(indent + kIndent, ' ');
  bool first = true;
  for (auto it = value.begin(); it != value.end(); ++it) {
    if (!first) text += ",\n";
    first = false;
    const std::string key = value.is_object() ? scalar(Json(it.key())) + ": " : "";
    text += margin + key;
    append(*it, indent + kIndent, key.size() + 1, width, text);  // 1: the comma
  }
  text += "\n" + std::string(indent, ' ') + (value.is_object() ? "}" : "]");
}

}  // namespace

std::string pretty_json(const Json& value, std::size_t width) {
  std::string text;
  append(value, 0, 0, width, text);
  return text + "\n";
}

void PrettyObject::begin_member(const std::string& key, std::string& text) {
  text = (first_member_ ? "{\n" : ",\n") + std::string(kIndent, ' ') + scalar(Json(key)) + ": ";
  first_member_ = false;
}

void PrettyObject::member(const std::string& key, const Json& value) {
  std::string text;
  begin_member(key, text);
  append(value, kIndent, scalar(Json(key)).size() + 3, kWidth, text);
  sink_(text);
}

void PrettyObject::begin_rows(const std::string& key) {
  std::string text;
  begin_member(key, text);
  first_row_ = true;
  sink_(text + "[");
}

void PrettyObject::row(const Json& value) {
  std::string text = (first_row_ ? "\n" : ",\n") + std::string(2 * kIndent, ' ');
  first_row_ = false;
  append(value, 2 * kIndent, 1, kWidth, text);
  sink_(text);
}

void PrettyObject::end_rows() { sink_("\n" + std::string(kIndent, ' ') + "]"); }

void PrettyObject::end() { sink_("\n}\n"); }

}  // namespace chasm
