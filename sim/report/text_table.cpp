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

std::vector<std::size_t> TextTable::widths(const TextStyle& style) const {
  std::vector<std::size_t> widths;
  std::size_t total = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = columns_[c].title.size();
    for (const auto& row : rows_) width = std::max(width, row[c].text.size());
    widths.push_back(width);
    total += width + (c == 0 ? 0 : kGap);
  }
  for (std::size_t c = 0; c < columns_.size() && total > style.width; ++c) {
    if (!columns_[c].elastic || widths[c] <= kElasticMinimum) continue;
    const std::size_t cut = std::min(total - style.width, widths[c] - kElasticMinimum);
    widths[c] -= cut;
    total -= cut;
  }
  return widths;
}

std::string TextTable::line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                            const TextStyle& style) const {
  std::string text;
  for (std::size_t c = 0; c < cells.size(); ++c) {
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
  const std::vector<std::size_t> fitted = widths(style);
  std::vector<Cell> titles;
  for (const Column& column : columns_) titles.emplace_back(column.title, Tone::strong);
  std::string text = line(titles, fitted, style);
  for (const auto& row : rows_) text += line(row, fitted, style);
  return text;
}

}  // namespace chasm
