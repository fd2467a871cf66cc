#include "sim/report/svg.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace chasm {
namespace {

constexpr double kCharacter = 7.4;  // pixels of an average character at 12 pixels
constexpr double kTitleGap = 34;    // from an axis to its title

std::string class_attribute(std::string_view classes) {
  return classes.empty() ? "" : fmt::format(" class=\"{}\"", classes);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  return out;
}

std::string coordinate(double value) {
  if (!std::isfinite(value)) value = 0;
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

double text_width(std::string_view text) { return kCharacter * static_cast<double>(text.size()); }

std::string fitted(const std::string& text, double width) {
  const auto most = static_cast<std::size_t>(std::max(width / kCharacter, 3.0));
  if (text.size() <= most) return text;
  // A character of several bytes (10xxxxxx continues one) is not cut.
  std::size_t at = text.size() - (most - 2);
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80u) ++at;
  return ".." + text.substr(at);
}

Svg::Svg(double width, double height, std::string title)
    : width_(width), height_(height), title_(std::move(title)) {}

void Svg::shape(const std::string& element, std::string_view classes, const std::string& tip) {
  body_ += "<" + element + class_attribute(classes);
  const std::string name = element.substr(0, element.find(' '));
  body_ += tip.empty() ? "/>\n" : fmt::format("><title>{}</title></{}>\n", escaped(tip), name);
}

void Svg::rect(double x, double y, double w, double h, std::string_view classes,
               const std::string& tip) {
  shape(fmt::format("rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", coordinate(x),
                    coordinate(y), coordinate(std::max(w, 0.0)), coordinate(std::max(h, 0.0))),
        classes, tip);
}

void Svg::circle(double x, double y, double radius, std::string_view classes,
                 const std::string& tip) {
  shape(fmt::format("circle cx=\"{}\" cy=\"{}\" r=\"{}\"", coordinate(x), coordinate(y),
                    coordinate(radius)),
        classes, tip);
}

void Svg::line(double x1, double y1, double x2, double y2, std::string_view classes) {
  shape(fmt::format("line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"", coordinate(x1), coordinate(y1),
                    coordinate(x2), coordinate(y2)),
        classes, {});
}

void Svg::polyline(const std::vector<std::pair<double, double>>& points, std::string_view classes,
                   const std::string& tip) {
  std::string list;
  for (const auto& [x, y] : points)
    list += fmt::format("{}{},{}", list.empty() ? "" : " ", coordinate(x), coordinate(y));
  shape(fmt::format("polyline points=\"{}\"", list), classes, tip);
}

void Svg::text(double x, double y, const std::string& text, Anchor anchor,
               std::string_view classes) {
  const char* anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
  body_ += fmt::format("<text x=\"{}\" y=\"{}\"{}{}>{}</text>\n", coordinate(x), coordinate(y),
                       anchors[static_cast<std::size_t>(anchor)], class_attribute(classes),
                       escaped(text));
}

std::string Svg::to_string() const {
  return fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n{}</svg>\n",
                     coordinate(width_), coordinate(height_), escaped(title_), body_);
}

Scale::Scale(double low, double high, double from, double to, bool logarithmic)
    : low_(low), high_(high), from_(from), to_(to), logarithmic_(logarithmic) {}

double Scale::operator()(double value) const {
  const double v = std::clamp(value, low_, high_);
  const double share =
      logarithmic_ ? std::log10(v / low_) / std::log10(high_ / low_) : (v - low_) / (high_ - low_);
  return std::isfinite(share) ? from_ + share * (to_ - from_) : from_;
}

std::vector<double> Scale::ticks(std::size_t most) const {
  std::vector<double> ticks;
  const auto room = static_cast<double>(std::max<std::size_t>(most, 2));
  if (!std::isfinite(high_ - low_) || high_ <= low_) return ticks;
  if (logarithmic_) {
    const int first = static_cast<int>(std::ceil(std::log10(low_) - 1e-9));
    const int last = static_cast<int>(std::floor(std::log10(high_) + 1e-9));
    const int step = static_cast<int>(std::ceil(std::max(1.0, (last - first + 1) / room)));
    for (int e = first; e <= last; e += step) ticks.push_back(std::pow(10.0, e));
    return ticks;
  }
  const double step = round_up((high_ - low_) / room);
  const double slack = step * 1e-9;
  for (double n = std::ceil((low_ - slack) / step); n * step <= high_ + slack; ++n)
    ticks.push_back(n * step + 0.0);  // no -0
  return ticks;
}

double round_up(double value) {
  if (!(value > 0) || !std::isfinite(value)) return 1;
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  for (const double digit : {1.0, 2.0, 5.0})
    if (digit * power >= value * (1 - 1e-9)) return digit * power;
  return 10 * power;
}

void draw_axes(Svg& svg, const Plot& plot, const Label& x_label, const Label& y_label,
               const std::string& x_title, const std::string& y_title) {
  // Labels of an axis have their width and a gap to the next.
  const double widest = text_width("000.0 M") + 12;
  for (const double value :
       plot.x.ticks(static_cast<std::size_t>((plot.right - plot.left) / widest))) {
    const double x = plot.x(value);
    svg.line(x, plot.top, x, plot.bottom, "grid");
    // The outermost labels stay inside the drawing.
    const double half = text_width(x_label(value)) / 2;
    svg.text(std::min(x, svg.width() - half), plot.bottom + 16, x_label(value), Anchor::middle,
             "axis");
  }
  for (const double value : plot.y.ticks(static_cast<std::size_t>((plot.bottom - plot.top) / 36))) {
    const double y = plot.y(value);
    svg.line(plot.left, y, plot.right, y, "grid");
    svg.text(plot.left - 6, y + 4, y_label(value), Anchor::end, "axis");
  }
  svg.text((plot.left + plot.right) / 2, plot.bottom + kTitleGap, x_title, Anchor::middle,
           "axis-title");
  svg.text(4, plot.top - 10, y_title, Anchor::start, "axis-title");
}

std::string in_both_widths(const std::function<std::string(double width)>& draw) {
  return "<div class=\"wide\">\n" + draw(kWidePage) + "</div>\n<div class=\"narrow\">\n" +
         draw(kNarrowPage) + "</div>\n";
}

std::string legend(const std::vector<LegendEntry>& entries) {
  std::string html = "<ul class=\"legend\">";
  for (const LegendEntry& entry : entries)
    html += fmt::format("<li><span class=\"key {}\"></span>{}</li>", entry.classes,
                        escaped(entry.text));
  return html + "</ul>\n";
}

}  // namespace chasm
