// A page of one file that opens from disk: its style and its small script stand in it, nothing is
// fetched. Sections, figures and tables of any report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chasm {

// A number as si(), with the sign for micro that a page can show.
std::string si_html(double value, std::string_view unit);
// The same of round values, without the zeros at the end: "20 ms".
std::string tick_label(double value, std::string_view unit);

struct Tile {
  std::string name, value, note;  // the note may be empty
};

class HtmlTable {
 public:
  struct Column {
    std::string title;
    bool number = false;  // aligned right
    bool wraps = false;   // sentences, on several lines
  };
  struct Cell {
    Cell(std::string text_) : text(std::move(text_)) {}
    Cell(const char* text_) : text(text_) {}
    Cell(std::string text_, double value_) : text(std::move(text_)), value(value_), sorts(true) {}
    std::string text;
    double value = 0;  // what it is sorted by, unless by its text
    bool sorts = false;
  };
  explicit HtmlTable(std::string caption, std::vector<Column> columns)
      : caption_(std::move(caption)), columns_(std::move(columns)) {}
  void add_row(const std::vector<Cell>& cells);  // one a column
  std::string to_string() const;

 private:
  std::string caption_;
  std::vector<Column> columns_;
  std::string body_;
};

class HtmlPage {
 public:
  // `subtitle` is a line below the title; both are plain text.
  HtmlPage(std::string title, std::string subtitle);
  void tiles(const std::vector<Tile>&);
  // Heading and introduction are plain text, the body is HTML.
  void section(const std::string& id, const std::string& heading, const std::string& introduction,
               const std::string& body);
  void footer(const std::string& text);
  std::string to_string() const;

 private:
  std::string title_, subtitle_, tiles_, navigation_, sections_, footer_;
};

std::string html_paragraph(const std::string& text);
std::string html_subheading(const std::string& text);
std::string html_figure(const std::string& html);
std::string html_list(const std::vector<std::string>& items);  // numbered
// Folded away until it is asked for.
std::string html_details(const std::string& summary, const std::string& preformatted);

}  // namespace chasm
