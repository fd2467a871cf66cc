#include "sim/report/csv.h"

#include <fmt/format.h>

#include "sim/report/result_json.h"

namespace chasm {
namespace {

std::string field_of(const Json& value) {
  if (value.is_string()) return csv_field(value.get<std::string>());
  if (value.is_null()) return "";
  if (value.is_number_unsigned()) return csv_field(value.get<std::uint64_t>());
  if (value.is_number_float()) return csv_field(value.get<double>());
  if (!value.is_array()) return csv_field(value.dump());
  std::string words;  // of `kept`
  for (const Json& word : value) words += (words.empty() ? "" : " ") + word.get<std::string>();
  return csv_field(words);
}

// The leaves of an object, named by their paths.
void flatten(const Json& value, const std::string& path, std::vector<std::string>& names,
             std::vector<std::string>& fields) {
  if (!value.is_object()) {
    names.push_back(csv_field(path));
    fields.push_back(field_of(value));
    return;
  }
  for (auto it = value.begin(); it != value.end(); ++it)
    flatten(*it, path.empty() ? it.key() : path + "." + it.key(), names, fields);
}

// Entries of the same form; those of an empty list have no header either.
std::string table_of(const Json& entries) {
  std::string text;
  for (const Json& entry : entries) {
    std::vector<std::string> names, fields;
    flatten(entry, "", names, fields);
    if (text.empty()) text = CsvTable(names).text();
    CsvTable row(fields);
    text += row.text();
  }
  return text;
}

}  // namespace

std::string csv_field(std::string_view value) {
  const bool formula =
      !value.empty() && std::string_view("=+-@\t\r").find(value.front()) != std::string_view::npos;
  const std::string text = (formula ? "'" : "") + std::string(value);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string csv_field(std::uint64_t value) { return fmt::format("{}", value); }
std::string csv_field(double value) { return fmt::format("{}", value); }

void CsvTable::add_row(const std::vector<std::string>& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) text_ += (i == 0 ? "" : ",") + fields[i];
  text_ += "\r\n";
}

std::string layers_csv(const RunResult& run) { return table_of(to_json(run).at("layers")); }

std::vector<std::pair<std::string, std::string>> csv_tables(const RunResult& run) {
  const Json result = to_json(run);
  Json totals = Json::array({result.at("totals")});
  if (totals[0]["dram"]["data_bus_cycles"].is_null()) totals[0]["dram"].erase("data_bus_cycles");
  return {{"totals.csv", table_of(totals)},
          {"layers.csv", table_of(result.at("layers"))},
          {"chunks.csv", table_of(result.at("chunks"))},
          {"engines.csv", table_of(result.at("engines"))},
          {"energy.csv", table_of(result.at("energy"))},
          {"area.csv", table_of(result.at("area"))}};
}

}  // namespace chasm
