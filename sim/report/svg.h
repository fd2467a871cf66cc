// Drawings for HTML pages, as SVG text: shapes whose colours are CSS classes
// (sim/report/style.css), so that one drawing serves light and dark; scales, ticks and labels that
// fit.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chasm {

// Text inside HTML, XML and quoted attributes.
std::string escaped(std::string_view text);
// At most two decimals, none that are zero: a coordinate, the same on every machine.
std::string coordinate(double value);
// Pixels that a text takes in a page's font of 12 pixels, rather too many than too few.
double text_width(std::string_view text);
// Shortened from the front ("..block7.conv2") to that many pixels.
std::string fitted(const std::string& text, double width);

enum class Anchor { start, middle, end };

class Svg {
 public:
  // What is drawn, for those who do not see it.
  Svg(double width, double height, std::string title);

  double width() const { return width_; }
  double height() const { return height_; }
  // `tip` is shown when the pointer rests on the shape; empty: none.
  void rect(double x, double y, double w, double h, std::string_view classes,
            const std::string& tip = {});
  void circle(double x, double y, double radius, std::string_view classes,
              const std::string& tip = {});
  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  void polyline(const std::vector<std::pair<double, double>>& points, std::string_view classes,
                const std::string& tip = {});
  void text(double x, double y, const std::string& text, Anchor = Anchor::start,
            std::string_view classes = {});
  std::string to_string() const;

 private:
  void shape(const std::string& element, std::string_view classes, const std::string& tip);
  double width_, height_;
  std::string title_, body_;
};

// From values to pixels, linear or logarithmic.
class Scale {
 public:
  Scale(double low, double high, double from, double to, bool logarithmic = false);
  double operator()(double value) const;  // clamped to the ends
  double low() const { return low_; }
  double high() const { return high_; }
  // Round values in it, at most about `most`: steps of 1, 2 or 5; of a logarithmic scale the powers
  // of ten, or every few of them.
  std::vector<double> ticks(std::size_t most) const;

 private:
  double low_, high_, from_, to_;
  bool logarithmic_;
};

// The next of 1, 2, 5 times a power of ten that is not below the value; 1 of nothing.
double round_up(double value);

// The frame of a plot: its box in pixels and the scales in it.
struct Plot {
  double left, top, right, bottom;
  Scale x, y;
};
using Label = std::function<std::string(double)>;
// Grid lines, their labels, and what the axes are.
void draw_axes(Svg&, const Plot&, const Label& x_label, const Label& y_label,
               const std::string& x_title, const std::string& y_title);

// A drawing for a wide and one for a narrow page, of which CSS shows one: text keeps its size.
inline constexpr double kWidePage = 900, kNarrowPage = 360;
std::string in_both_widths(const std::function<std::string(double width)>& draw);

struct LegendEntry {
  std::string classes, text;
};
std::string legend(const std::vector<LegendEntry>&);  // HTML, a list

}  // namespace chasm
