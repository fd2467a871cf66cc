// A table of text for a terminal of a given width: columns as wide as their widest cell, one of
// them elastic.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chasm {

struct TextStyle {
  bool colour = false;
  std::size_t width = 100;  // characters a line
};

enum class Tone { plain, strong, faint, alert };
// The text on one line, between marks of that tone where the style has colour.
std::string toned(const std::string& text, Tone, const TextStyle&);
// What a terminal may see: marks become its ANSI escapes, and whatever else steers a terminal is
// escaped, since names come from files. Such a mark is no UTF-8, so no file holds one.
std::string for_terminal(std::string_view text);

class TextTable {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
    // Where a line would be too long: shortened from the front, or left out (the last such column
    // first).
    bool elastic = false;
    bool optional = false;
  };
  struct Cell {
    Cell(std::string text_, Tone tone_ = Tone::plain) : text(std::move(text_)), tone(tone_) {}
    Cell(const char* text_) : text(text_) {}
    std::string text;
    Tone tone = Tone::plain;
  };

  explicit TextTable(std::vector<Column> columns);
  void add_row(std::vector<Cell> cells);  // one cell a column; its text stays on its line
  bool empty() const { return rows_.empty(); }
  std::string to_string(const TextStyle&) const;  // titles, then one line a row

 private:
  using Widths = std::vector<std::size_t>;  // 0: the column is left out
  Widths natural_widths() const;
  Widths fitted_widths(const TextStyle&) const;
  std::string line(const std::vector<Cell>&, const Widths&, const TextStyle&) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace chasm
