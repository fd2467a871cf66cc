// Tables as comma-separated values (RFC 4180): lines end in CR LF, a field with a comma, a quote or
// a line break stands in quotes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/run/run_result.h"

namespace chasm {

// A text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a CR) gets a
// ' in front.
std::string csv_field(std::string_view text);
std::string csv_field(std::uint64_t value);
std::string csv_field(double value);  // the shortest that reads back exactly

class CsvTable {
 public:
  explicit CsvTable(const std::vector<std::string>& header) { add_row(header); }
  void add_row(const std::vector<std::string>& fields);  // each made by csv_field()
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// The tables of a result (docs/formats.md, "CSV"), by file name. Columns have the names and units
// of result.json; a path into it is joined by ".".
std::string layers_csv(const RunResult&);  // one row a layer and image
std::vector<std::pair<std::string, std::string>> csv_tables(const RunResult&);

}  // namespace chasm
