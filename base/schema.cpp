// The verdict on a document is valijson's; the words are schema_explain's.
#include <algorithm>
#include <cstdint>
#include <exception>
#include <limits>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/check.h"
#include "base/json.h"
#include "base/printable.h"
#include "base/schema_explain.h"

namespace chasm {
namespace {

// std::regex matches by recursion, a frame a character: a longer string could exhaust the stack.
constexpr std::size_t kLongestString = 4096;

// Texts that are too long, each with a diagnostic; what is returned has them cut, so that all the
// rest is still checked.
Json without_long_texts(const Json& value, const std::string& at, const std::string& file,
                        Diagnostics& problems) {
  const auto refuse = [&](const char* what, const std::string& text, const std::string& where) {
    problems.error(file, where,
                   fmt::format("{} has {} bytes; the longest allowed has {}", what, text.size(),
                               kLongestString));
    return std::string(utf8_prefix(text, kLongestString));
  };
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    return text.size() > kLongestString ? Json(refuse("the string", text, at)) : value;
  }
  if (value.is_array()) {
    Json copy = Json::array();
    for (std::size_t i = 0; i < value.size(); ++i)
      copy.push_back(without_long_texts(value[i], child_pointer(at, i), file, problems));
    return copy;
  }
  if (!value.is_object()) return value;
  Json copy = Json::object();
  for (const auto& [key, item] : value.items()) {
    const std::string name = key.size() > kLongestString ? refuse("a key", key, at) : key;
    append_new(copy, name, without_long_texts(item, child_pointer(at, name), file, problems));
  }
  return copy;
}

// valijson's adapter takes the sorted kind of object and signed integers only: a number above 2^63
// - 1, which it would read as negative, becomes 2^63 - 1, which no schema of ours tells from it.
nlohmann::json for_valijson(const Json& value) {
  nlohmann::json copy;
  if (value.is_object()) {
    copy = nlohmann::json::object();
    for (const auto& [key, item] : value.items()) copy[key] = for_valijson(item);
  } else if (value.is_array()) {
    copy = nlohmann::json::array();
    for (const Json& item : value) copy.push_back(for_valijson(item));
  } else if (value.is_string()) {
    copy = value.get<std::string>();
  } else if (value.is_boolean()) {
    copy = value.get<bool>();
  } else if (value.is_number_unsigned()) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    copy = static_cast<std::int64_t>(std::min(value.get<std::uint64_t>(), kMost));
  } else if (value.is_number_integer()) {
    copy = value.get<std::int64_t>();
  } else if (value.is_number_float()) {
    copy = value.get<double>();
  }
  return copy;
}

std::size_t longest_text(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().size();
  std::size_t longest = 0;
  if (value.is_object())
    for (const auto& [key, item] : value.items())
      longest = std::max({longest, key.size(), longest_text(item)});
  if (value.is_array())
    for (const Json& item : value) longest = std::max(longest, longest_text(item));
  return longest;
}

}  // namespace

struct Schema::Compiled {
  valijson::Schema schema;
};

Schema::Schema(Json schema) : json_(std::move(schema)) {
  const auto compiled = std::make_shared<Compiled>();
  try {
    const nlohmann::json copy = for_valijson(json_);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(copy), compiled->schema);
  } catch (const std::exception& error) {
    CHECK(false, "schema does not compile: {}", error.what());
  }
  compiled_ = compiled;
}

// `account` is the validator's own first complaint if the value does not satisfy the schema.
bool Schema::satisfied_by(const Json& value, std::string& account) const {
  try {
    const nlohmann::json copy = for_valijson(value);
    const valijson::adapters::NlohmannJsonAdapter target(copy);
    valijson::Validator validator;
    if (validator.validate(compiled_->schema, target, nullptr)) return true;
    valijson::ValidationResults results;
    validator.validate(compiled_->schema, target, &results);
    valijson::ValidationResults::Error first;
    account = results.popError(first) ? first.description : "does not satisfy the schema";
    return false;
  } catch (const std::exception& error) {
    CHECK(false, "schema does not work: {}", error.what());
  }
}

bool Schema::validate(const Json& value, const std::string& file, Diagnostics& diagnostics) const {
  if (longest_text(value) > kLongestString) {
    validate(without_long_texts(value, "", file, diagnostics), file, diagnostics);
    return false;
  }
  std::string account;
  if (satisfied_by(value, account)) return true;
  Diagnostics reasons;
  explain_violations(value, file, json_, reasons);
  if (reasons.ok()) reasons.error(file, "", account);
  diagnostics.add(reasons);
  return false;
}

bool validate_schema(const Json& value, const std::string& file, const Json& schema,
                     Diagnostics& diagnostics) {
  return Schema(schema).validate(value, file, diagnostics);
}

}  // namespace chasm
