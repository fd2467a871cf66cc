#include "sim/report/html_page.h"

#include <span>

#include <fmt/format.h>

#include "base/check.h"
#include "base/resource.h"
#include "sim/report/quantity.h"
#include "sim/report/svg.h"

namespace chasm {

std::span<const Resource> page_resources();

namespace {

std::string_view page_part(std::string_view name) {
  const Resource* part = find_resource(page_resources(), name);
  CHECK(part != nullptr, "{} is not in the program", name);
  return part->text;
}

}  // namespace

std::string si_html(double value, std::string_view unit) {
  std::string text = si(value, unit);
  const auto at = text.find(" u");
  if (at != std::string::npos) text.replace(at, 2, " \u00b5");
  return text;
}

std::string tick_label(double value, std::string_view unit) {
  std::string text = si_html(value, unit);
  const auto dot = text.find('.');
  if (dot == std::string::npos) return text;
  const auto end = std::min(text.find(' ', dot), text.size());
  auto last = text.find_last_not_of('0', end - 1);
  if (last == dot) --last;
  return text.erase(last + 1, end - last - 1);
}

void HtmlTable::add_row(const std::vector<Cell>& cells) {
  CHECK(cells.size() == columns_.size(), "{} cells in a table of {} columns", cells.size(),
        columns_.size());
  body_ += "<tr>";
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const char* classes = columns_[c].number  ? " class=\"number\""
                          : columns_[c].wraps ? " class=\"wraps\""
                                              : "";
    const std::string value =
        cells[c].sorts ? fmt::format(" data-v=\"{}\"", cells[c].value) : std::string();
    body_ += fmt::format("<td{}{}>{}</td>", classes, value, escaped(cells[c].text));
  }
  body_ += "</tr>\n";
}

std::string HtmlTable::to_string() const {
  std::string head;
  for (const Column& column : columns_)
    head += fmt::format("<th scope=\"col\"{}>{}</th>", column.number ? " class=\"number\"" : "",
                        escaped(column.title));
  return fmt::format(
      "<div class=\"scroll\"><table class=\"sortable\" aria-label=\"{}\">\n"
      "<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      escaped(caption_), head, body_);
}

HtmlPage::HtmlPage(std::string title, std::string subtitle)
    : title_(std::move(title)), subtitle_(std::move(subtitle)) {}

void HtmlPage::tiles(const std::vector<Tile>& tiles) {
  tiles_ += "<dl class=\"tiles\">\n";
  for (const Tile& tile : tiles) {
    tiles_ += fmt::format("<div><dt>{}</dt><dd>{}</dd>", escaped(tile.name), escaped(tile.value));
    tiles_ += tile.note.empty() ? "" : fmt::format("<dd>{}</dd>", escaped(tile.note));
    tiles_ += "</div>\n";
  }
  tiles_ += "</dl>\n";
}

void HtmlPage::section(const std::string& id, const std::string& heading,
                       const std::string& introduction, const std::string& body) {
  navigation_ += fmt::format("<a href=\"#{}\">{}</a>\n", id, escaped(heading));
  sections_ += fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}{}</section>\n", id,
                           escaped(heading), html_paragraph(introduction), body);
}

void HtmlPage::footer(const std::string& text) { footer_ = text; }

std::string HtmlPage::to_string() const {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n"
      "<title>{0}</title>\n<style>\n{1}</style>\n</head>\n<body>\n"
      "<header><h1>{0}</h1>\n<p class=\"soft\">{2}</p></header>\n"
      "<nav aria-label=\"Sections\">\n{3}</nav>\n<main>\n{4}{5}</main>\n"
      "<footer>{6}</footer>\n<script>\n{7}</script>\n</body>\n</html>\n",
      escaped(title_), page_part("style"), escaped(subtitle_), navigation_, tiles_, sections_,
      escaped(footer_), page_part("page"));
}

std::string html_paragraph(const std::string& text) {
  return text.empty() ? "" : "<p class=\"soft\">" + escaped(text) + "</p>\n";
}

std::string html_subheading(const std::string& text) { return "<h3>" + escaped(text) + "</h3>\n"; }

std::string html_figure(const std::string& html) {
  return "<div class=\"figure\">\n" + html + "</div>\n";
}

std::string html_list(const std::vector<std::string>& items) {
  std::string html = "<ol>\n";
  for (const std::string& item : items) html += "<li>" + escaped(item) + "</li>\n";
  return html + "</ol>\n";
}

std::string html_details(const std::string& summary, const std::string& preformatted) {
  return fmt::format("<details><summary>{}</summary><pre>{}</pre></details>\n", escaped(summary),
                     escaped(preformatted));
}

}  // namespace chasm
