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
#include "base/schema_explain.h"

namespace chasm {
namespace {

// std::regex matches by recursion, a frame a character: a longer string could exhaust the stack.
constexpr std::size_t kLongestString = 4096;

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

std::size_t longest_string(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().size();
  std::size_t longest = 0;
  if (value.is_object())
    for (const auto& [key, item] : value.items())
      longest = std::max({longest, key.size(), longest_string(item)});
  if (value.is_array())
    for (const Json& item : value) longest = std::max(longest, longest_string(item));
  return longest;
}

// Whether `value` satisfies the schema; `account` is the validator's own first complaint if it does
// not.
bool satisfies(const Json& value, const Json& schema, std::string& account) {
  try {
    const nlohmann::json schema_copy = for_valijson(schema), value_copy = for_valijson(value);
    valijson::Schema compiled;
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_copy), compiled);
    const valijson::adapters::NlohmannJsonAdapter target(value_copy);
    valijson::Validator validator;
    if (validator.validate(compiled, target, nullptr)) return true;
    valijson::ValidationResults results;
    validator.validate(compiled, target, &results);
    valijson::ValidationResults::Error first;
    account = results.popError(first) ? first.description : "does not satisfy the schema";
    return false;
  } catch (const std::exception& error) {
    CHECK(false, "schema does not compile: {}", error.what());
  }
}

}  // namespace

bool validate_schema(const Json& value, const std::string& file, const Json& schema,
                     Diagnostics& diagnostics) {
  if (const std::size_t length = longest_string(value); length > kLongestString) {
    diagnostics.error(file, "",
                      fmt::format("holds a string of {} bytes; the longest allowed has {}", length,
                                  kLongestString));
    return false;
  }
  std::string account;
  if (satisfies(value, schema, account)) return true;
  Diagnostics reasons;
  explain_violations(value, file, schema, reasons);
  if (reasons.ok()) reasons.error(file, "", account);
  diagnostics.add(reasons);
  return false;
}

}  // namespace chasm
