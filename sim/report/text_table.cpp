#include "sim/report/text_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/printable.h"

namespace chasm {
namespace {

constexpr std::size_t kGap = 2;             // blanks between columns
constexpr std::size_t kElasticMinimum = 8;  // characters an elastic column keeps
constexpr char kMark = '\xff';              // of a tone; a digit follows, 0 ends it

// Names of a network differ at their ends ("stage3.block7.conv2"), so the front goes.
std::string shortened(const std::string& text, std::size_t width) {
  if (text.size() <= width) return text;
  std::size_t begin = text.size() - (width - 2);
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xc0U) == 0x80U) ++begin;
  return ".." + text.substr(begin);
}

}  // namespace

std::string toned(const std::string& text, Tone tone, const TextStyle& style) {
  const std::string shown = printable_line(text);
  if (!style.colour || tone == Tone::plain || text.empty()) return shown;
  const char code = tone == Tone::strong ? '1' : tone == Tone::faint ? '2' : '3';
  return kMark + std::string(1, code) + shown + kMark + '0';
}

std::string for_terminal(std::string_view text) {
  std::string result;
  while (true) {
    const std::size_t mark = text.find(kMark);
    result += printable(text.substr(0, mark));
    if (mark == text.npos) return result;
    text.remove_prefix(mark);
    const char code = text.size() > 1 ? text[1] : ' ';
    if (code < '0' || code > '3') {
      result += printable(text.substr(0, 1));
      text.remove_prefix(1);
      continue;
    }
    result += code == '3' ? std::string("\033[33m") : fmt::format("\033[{}m", code);
    text.remove_prefix(2);
  }
}

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (Column& column : columns_) column.title = printable_line(column.title);
}

void TextTable::add_row(std::vector<Cell> cells) {
  CHECK(cells.size() == columns_.size(), "{} cells in a table of {} columns", cells.size(),
        columns_.size());
  for (Cell& cell : cells) cell.text = printable_line(cell.text);
  rows_.push_back(std::move(cells));
}

TextTable::Widths TextTable::natural_widths() const {
  Widths widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = columns_[c].title.size();
    for (const auto& row : rows_) width = std::max(width, row[c].text.size());
    widths.push_back(width);
  }
  return widths;
}

TextTable::Widths TextTable::fitted_widths(const TextStyle& style) const {
  Widths widths = natural_widths();
  std::size_t total = 0;
  for (const std::size_t width : widths) total += width + kGap;
  const std::size_t room = style.width + kGap;  // no gap after the last
  for (std::size_t c = 0; c < columns_.size() && total > room; ++c) {
    if (!columns_[c].elastic || widths[c] <= kElasticMinimum) continue;
    const std::size_t cut = std::min(total - room, widths[c] - kElasticMinimum);
    widths[c] -= cut;
    total -= cut;
  }
  for (std::size_t c = columns_.size(); c-- > 0 && total > room;) {
    if (!columns_[c].optional) continue;
    total -= widths[c] + kGap;
    widths[c] = 0;
  }
  return widths;
}

std::string TextTable::line(const std::vector<Cell>& cells, const Widths& widths,
                            const TextStyle& style) const {
  std::string text;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (widths[c] == 0) continue;
    const std::string cell = shortened(cells[c].text, widths[c]);
    const std::string blanks(widths[c] - cell.size(), ' ');
    const std::string word = toned(cell, cells[c].tone, style);
    text += c == 0 ? "" : std::string(kGap, ' ');
    text += columns_[c].align == Align::right ? blanks + word : word + blanks;
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string TextTable::to_string(const TextStyle& style) const {
  const Widths widths = fitted_widths(style);
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.emplace_back(column.title, Tone::strong);
  std::string text = line(titles, widths, style);
  for (const auto& row : rows_) text += line(row, widths, style);
  return text;
}

}  // namespace chasm
