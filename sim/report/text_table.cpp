#include "sim/report/text_table.h"

#include <algorithm>

#include "base/check.h"

namespace chasm {
namespace {

constexpr std::size_t kGap = 2;             // blanks between columns
constexpr std::size_t kElasticMinimum = 8;  // characters an elastic column keeps

// Names of a network differ at their ends ("stage3.block7.conv2"), so the front goes.
std::string shortened(const std::string& text, std::size_t width) {
  return text.size() <= width ? text : ".." + text.substr(text.size() - (width - 2));
}

}  // namespace

std::string toned(const std::string& text, Tone tone, const TextStyle& style) {
  if (!style.colour || tone == Tone::plain || text.empty()) return text;
  const char* code = tone == Tone::strong ? "1" : tone == Tone::faint ? "2" : "33";
  return std::string("\033[") + code + "m" + text + "\033[0m";
}

void TextTable::add_row(std::vector<Cell> cells) {
  CHECK(cells.size() == columns_.size(), "{} cells in a table of {} columns", cells.size(),
        columns_.size());
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
