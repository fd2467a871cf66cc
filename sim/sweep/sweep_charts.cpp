#include "sim/sweep/sweep_charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "sim/report/svg.h"
#include "sim/sweep/figures.h"

namespace chasm {
namespace {

// Drawings stay readable, and pages small, if of very many points some are left out; those of the
// front never are.
constexpr std::size_t kMostDrawn = 3000;
constexpr double kLogRatio = 30;  // values further apart than that have a logarithmic scale

struct Range {
  double low = INFINITY, high = -INFINITY;
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool wide() const { return low > 0 && high / low > kLogRatio; }
};

// With a margin, so that no dot lies on the frame.
Scale scale_of(const Range& range, double from, double to) {
  if (range.wide()) return {range.low / 1.15, range.high * 1.15, from, to, true};
  const double span = range.high - range.low;
  const double margin = span > 0 ? 0.05 * span : std::max(std::abs(range.high) * 0.05, 1e-30);
  return {range.low - margin, range.high + margin, from, to};
}

std::vector<bool> front_flags(const SweepResult& result) {
  std::vector<bool> flags(result.rows.size(), false);
  for (const std::size_t i : result.front) flags[i] = true;
  return flags;
}

// Rows that have every objective, those that are legal by `legal`; thinned out.
std::vector<std::size_t> drawn_rows(const SweepResult& result) {
  const std::vector<bool> on_front = front_flags(result);
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const auto has = [&](const SweepObjective& o) {
      return figure_of(result.rows[i], o.figure).has_value();
    };
    const auto& objectives = result.spec.objectives;
    if (!result.rows[i].at("totals").is_null() &&
        std::all_of(objectives.begin(), objectives.end(), has))
      all.push_back(i);
  }
  const std::size_t step = all.size() / kMostDrawn + 1;
  std::vector<std::size_t> drawn;
  for (std::size_t n = 0; n < all.size(); ++n)
    if (n % step == 0 || on_front[all[n]]) drawn.push_back(all[n]);
  return drawn;
}

double value_of(const SweepResult& result, std::size_t row, const SweepObjective& objective) {
  return figure_of(result.rows[row], objective.figure).value_or(0);
}

std::string tip_of(const SweepResult& result, std::size_t row) {
  std::string tip = fmt::format("point {}: {}", result.rows[row].at("index").dump(),
                                parameters_text(result.rows[row]));
  for (const SweepObjective& o : result.spec.objectives)
    tip += fmt::format("; {} {}", figure_title(o.figure),
                       figure_html(o.figure, value_of(result, row, o)));
  return tip;
}

Label label_of(const SweepObjective& objective) {
  return [figure = objective.figure](double value) { return figure_tick(figure, value); };
}

std::string axis_title(const SweepObjective& o) {
  return figure_title(o.figure) + (o.maximise ? " (more is better)" : "");
}

// The points by two objectives, in their part of a drawing.
class FrontChart {
 public:
  FrontChart(const SweepResult& result, const std::vector<std::size_t>& rows,
             const SweepObjective& x, const SweepObjective& y)
      : result_(result), rows_(rows), on_front_(front_flags(result)), x_(x), y_(y) {
    for (const std::size_t row : rows_) {
      x_range_.add(value_of(result, row, x_));
      y_range_.add(value_of(result, row, y_));
    }
  }

  std::string draw(double width, double height) const {
    const double left = 82, top = 26, right = width - 14, bottom = height - 46;
    const Plot plot{
        left, top, right, bottom, scale_of(x_range_, left, right), scale_of(y_range_, bottom, top)};
    Svg svg(width, height,
            fmt::format("Points by {} and {}", figure_title(x_.figure), figure_title(y_.figure)));
    draw_axes(svg, plot, label_of(x_), label_of(y_), axis_title(x_), axis_title(y_));
    for (const bool front : {false, true}) {
      if (front) draw_front_line(svg, plot);
      for (const std::size_t row : rows_)
        if (on_front_[row] == front) dot(svg, plot, row);
    }
    return svg.to_string();
  }

 private:
  double x(const Plot& plot, std::size_t row) const { return plot.x(value_of(result_, row, x_)); }
  double y(const Plot& plot, std::size_t row) const { return plot.y(value_of(result_, row, y_)); }

  // A front of more than two objectives is no line in two of them.
  void draw_front_line(Svg& svg, const Plot& plot) const {
    if (result_.spec.objectives.size() != 2) return;
    std::vector<std::pair<double, double>> line;
    for (const std::size_t row : result_.front) line.emplace_back(x(plot, row), y(plot, row));
    if (line.size() > 1) svg.polyline(line, "curve s2");
  }

  void dot(Svg& svg, const Plot& plot, std::size_t row) const {
    const bool legal = result_.rows[row].at("status") == "ok";
    svg.circle(x(plot, row), y(plot, row), on_front_[row] ? 4.5 : 3.5,
               on_front_[row] ? "dot s2"
               : legal        ? "dot s1"
                              : "dot rest",
               tip_of(result_, row));
  }

  const SweepResult& result_;
  const std::vector<std::size_t>& rows_;
  std::vector<bool> on_front_;
  SweepObjective x_, y_;
  Range x_range_, y_range_;
};

// ---- words along an axis -----------------------------------------------------------------------

constexpr std::size_t kMostLanes = 3;
constexpr double kLaneHeight = 13, kWordGap = 9;

struct PlacedWord {
  double x;  // of its middle
  std::size_t lane;
  std::string text;
};

// Words at their places, in as many lines as they need, those that find no room left out; none
// reaches over the ends.
std::vector<PlacedWord> placed(const std::vector<std::pair<double, std::string>>& words, double low,
                               double high) {
  std::vector<PlacedWord> all;
  std::array<double, kMostLanes> taken;
  taken.fill(-INFINITY);
  for (const auto& [at, word] : words) {
    const std::string text = fitted(word, high - low);
    const double half = text_width(text) / 2;
    const double x = std::clamp(at, low + half, std::max(low + half, high - half));
    for (std::size_t lane = 0; lane < kMostLanes; ++lane) {
      if (x - half < taken[lane]) continue;
      taken[lane] = x + half + kWordGap;
      all.push_back({x, lane, text});
      break;
    }
  }
  return all;
}

double height_of(const std::vector<PlacedWord>& words) {
  std::size_t lanes = 0;
  for (const PlacedWord& word : words) lanes = std::max(lanes, word.lane + 1);
  return kLaneHeight * static_cast<double>(lanes);
}

// ---- parallel coordinates ----------------------------------------------------------------------

// A line of the drawing: a parameter or an objective, and where each row is on it.
struct Coordinate {
  std::string title, ends;         // what it is, from where to where
  std::vector<double> shares;      // 0 to 1 by drawn row
  std::vector<std::string> words;  // instead of the ends: what stands at equal distances
};

// "4.443 to 21.70 ms"
std::string from_to(const std::string& low, const std::string& high) {
  const auto unit = low.find(' ');
  const bool same =
      unit != std::string::npos && unit < high.size() - 1 && high.ends_with(low.substr(unit));
  return (same ? low.substr(0, unit) : low) + " to " + high;
}

Coordinate objective_coordinate(const SweepResult& result, const SweepObjective& o,
                                const std::vector<std::size_t>& rows) {
  Range range;
  for (const std::size_t row : rows) range.add(value_of(result, row, o));
  const Scale scale(range.low, range.high, 0, 1, range.wide());
  Coordinate c{figure_title(o.figure),
               from_to(figure_html(o.figure, range.low), figure_html(o.figure, range.high)),
               {},
               {}};
  for (const std::size_t row : rows) c.shares.push_back(scale(value_of(result, row, o)));
  return c;
}

Coordinate number_coordinate(const SweepResult& result, const SweepAxis& axis,
                             const std::vector<std::size_t>& rows) {
  Range range;
  const auto at = [&](std::size_t row) {
    return result.rows[row].at("parameters").at(axis.name).get<double>();
  };
  for (const std::size_t row : rows) range.add(at(row));
  const Scale scale(range.low, range.high, 0, 1, range.low > 0 && range.high / range.low >= 8);
  Coordinate c{axis.name, fmt::format("{:.6g} to {:.6g}", range.low, range.high), {}, {}};
  for (const std::size_t row : rows) c.shares.push_back(scale(at(row)));
  return c;
}

// Words stand side by side in the order in which they come up.
Coordinate word_coordinate(const SweepResult& result, const SweepAxis& axis,
                           const std::vector<std::size_t>& rows) {
  Coordinate c{axis.name, "", {}, {}};
  std::vector<std::size_t> places;
  for (const std::size_t row : rows) {
    const std::string word = value_text(result.rows[row].at("parameters"), axis.name);
    auto at = std::find(c.words.begin(), c.words.end(), word);
    places.push_back(static_cast<std::size_t>(at - c.words.begin()));
    if (at == c.words.end()) c.words.push_back(word);
  }
  const double most = c.words.size() > 1 ? static_cast<double>(c.words.size() - 1) : 1;
  for (const std::size_t place : places) c.shares.push_back(static_cast<double>(place) / most);
  return c;
}

std::vector<Coordinate> coordinates_of(const SweepResult& result,
                                       const std::vector<std::size_t>& rows) {
  std::vector<Coordinate> all;
  for (const SweepAxis& axis : result.spec.axes) {
    const bool numbers = std::all_of(rows.begin(), rows.end(), [&](std::size_t row) {
      const Json& parameters = result.rows[row].at("parameters");
      return parameters.contains(axis.name) && parameters.at(axis.name).is_number();
    });
    all.push_back(numbers ? number_coordinate(result, axis, rows)
                          : word_coordinate(result, axis, rows));
  }
  for (const SweepObjective& o : result.spec.objectives)
    all.push_back(objective_coordinate(result, o, rows));
  return all;
}

// The words of an axis at `y`, below it.
void draw_words(Svg& svg, const Coordinate& axis, double left, double right, double y) {
  std::vector<std::pair<double, std::string>> words;
  const double most = axis.words.size() > 1 ? static_cast<double>(axis.words.size() - 1) : 1;
  for (std::size_t w = 0; w < axis.words.size(); ++w)
    words.emplace_back(left + static_cast<double>(w) / most * (right - left), axis.words[w]);
  for (const PlacedWord& word : placed(words, left, right))
    svg.text(word.x, y + 15 + kLaneHeight * static_cast<double>(word.lane), word.text,
             Anchor::middle, "over");
}

// Axes lie, one below the other: their titles need no turning, and a narrow page has room. Only
// words stand among the lines, and they are drawn last.
std::string draw_parallel(const SweepResult& result, const std::vector<std::size_t>& rows,
                          double width) {
  const std::vector<Coordinate> coordinates = coordinates_of(result, rows);
  const double gutter = width < 600 ? 148 : 200, row_height = 56, top = 14;
  const double left = gutter + 8, right = width - 10;
  const double height = top + row_height * static_cast<double>(coordinates.size() - 1) + 24;
  Svg svg(width, height, "Parameters and objectives of every point");
  const std::vector<bool> on_front = front_flags(result);
  const auto y_of = [&](std::size_t c) { return top + row_height * static_cast<double>(c); };
  for (std::size_t c = 0; c < coordinates.size(); ++c) {
    const Coordinate& axis = coordinates[c];
    svg.line(left, y_of(c), right, y_of(c), "grid");
    svg.text(gutter, y_of(c) + 1, fitted(axis.title, gutter), Anchor::end);
    svg.text(gutter, y_of(c) + 15, fitted(axis.ends, gutter), Anchor::end, "axis");
  }
  const char* front_classes = result.front.size() > 12 ? "curve fine s2" : "curve s2";
  for (const bool front : {false, true})
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (on_front[rows[r]] != front) continue;
      std::vector<std::pair<double, double>> line;
      for (std::size_t c = 0; c < coordinates.size(); ++c)
        line.emplace_back(left + coordinates[c].shares[r] * (right - left), y_of(c));
      svg.polyline(line, front ? front_classes : "curve hair s1 faint", tip_of(result, rows[r]));
    }
  for (std::size_t c = 0; c < coordinates.size(); ++c)
    draw_words(svg, coordinates[c], left, right, y_of(c));
  return svg.to_string();
}

// ---- effects -----------------------------------------------------------------------------------

constexpr double kPanelHeight = 166;  // without the values of the parameter below it
struct Panel {
  double left, top, width;
  double x_left() const { return left + 78; }
  double x_right() const { return left + width - 12; }
};

struct Effect {
  double mean = 0, low = 0, high = 0;
};

Effect effect_of(const SweepResult& result, const ValueGroup& group, const SweepObjective& o) {
  Range range;
  double sum = 0;
  for (const std::size_t row : group.rows) {
    range.add(value_of(result, row, o));
    sum += value_of(result, row, o);
  }
  return {sum / static_cast<double>(group.rows.size()), range.low, range.high};
}

// The values of the parameter: words in as many lines as they need; of numbers every second or
// third, where not all find room in one.
std::vector<PlacedWord> effect_labels(const std::vector<ValueGroup>& groups, const Panel& panel) {
  const double room = (panel.x_right() - panel.x_left()) / static_cast<double>(groups.size());
  const bool numbers = std::all_of(groups.begin(), groups.end(), [](const ValueGroup& group) {
    return group.label.find_first_of("-0123456789") == 0;
  });
  double widest = 0;
  for (const ValueGroup& group : groups)
    widest = std::max(widest, text_width(group.label) + kWordGap);
  const auto every = numbers ? static_cast<std::size_t>(std::ceil(widest / room)) : 1;
  std::vector<std::pair<double, std::string>> words;
  for (std::size_t g = 0; g < groups.size(); g += every)
    words.emplace_back(panel.x_left() + (static_cast<double>(g) + 0.5) * room, groups[g].label);
  return placed(words, panel.left + 30, panel.left + panel.width);
}

// One panel: an objective by the values of a parameter.
void draw_effect(Svg& svg, const SweepResult& result, const SweepAxis& axis,
                 const SweepObjective& objective, const std::vector<ValueGroup>& groups,
                 const Panel& panel) {
  std::vector<Effect> effects;
  Range range;
  for (const ValueGroup& group : groups) {
    effects.push_back(effect_of(result, group, objective));
    range.add(effects.back().low);
    range.add(effects.back().high);
  }
  const double left = panel.x_left(), right = panel.x_right();
  const double top = panel.top + 26, bottom = panel.top + kPanelHeight - 32;
  const Scale y = scale_of(range, bottom, top);
  for (const double value : y.ticks(4)) {
    svg.line(left, y(value), right, y(value), "grid");
    svg.text(left - 6, y(value) + 4, figure_tick(objective.figure, value), Anchor::end, "axis");
  }
  const double room = (right - left) / static_cast<double>(groups.size());
  const double half = std::min(room * 0.3, 18.0);
  std::vector<std::pair<double, double>> means;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const double x = left + (static_cast<double>(g) + 0.5) * room;
    const Effect& e = effects[g];
    means.emplace_back(x, y(e.mean));
    svg.rect(x - half, y(e.high), 2 * half, y(e.low) - y(e.high), "rest faint",
             fmt::format("{} = {}: {} to {}, {} points", axis.name, groups[g].label,
                         figure_html(objective.figure, e.low),
                         figure_html(objective.figure, e.high), groups[g].rows.size()));
  }
  svg.polyline(means, "curve s1");
  for (std::size_t g = 0; g < groups.size(); ++g)
    svg.circle(means[g].first, means[g].second, 3.5, "dot s1",
               fmt::format("{} = {}: mean {}", axis.name, groups[g].label,
                           figure_html(objective.figure, effects[g].mean)));
  const std::vector<PlacedWord> labels = effect_labels(groups, panel);
  for (const PlacedWord& label : labels)
    svg.text(label.x, bottom + 16 + kLaneHeight * static_cast<double>(label.lane), label.text,
             Anchor::middle, "axis");
  svg.text((left + right) / 2, bottom + 20 + height_of(labels), axis.name, Anchor::middle,
           "axis-title");
  svg.text(panel.left + 4, top - 10, figure_title(objective.figure), Anchor::start, "axis-title");
}

// Panels side by side where the page is wide.
std::string draw_effects(const SweepResult& result, const SweepAxis& axis,
                         const std::vector<ValueGroup>& groups, double width) {
  const auto& objectives = result.spec.objectives;
  const std::size_t columns = width < 600 ? 1 : std::min<std::size_t>(objectives.size(), 3);
  const std::size_t lines = (objectives.size() + columns - 1) / columns;
  const double panel = width / static_cast<double>(columns);
  const double height = kPanelHeight + height_of(effect_labels(groups, {0, 0, panel}));
  Svg svg(width, height * static_cast<double>(lines), "Objectives by " + axis.name);
  for (std::size_t o = 0; o < objectives.size(); ++o)
    draw_effect(svg, result, axis, objectives[o], groups,
                {panel * static_cast<double>(o % columns),
                 height * static_cast<double>(o / columns), panel});
  return svg.to_string();
}

}  // namespace

std::string front_chart(const SweepResult& result) {
  const std::vector<std::size_t> rows = drawn_rows(result);
  if (rows.empty()) return "";
  std::vector<LegendEntry> entries = {{"s2", "Pareto front"}, {"s1", "dominated"}};
  if (std::any_of(rows.begin(), rows.end(),
                  [&](std::size_t i) { return result.rows[i].at("status") != "ok"; }))
    entries.push_back({"rest", "violates a constraint"});
  // The first objective with each of the others; below one another, all aligned.
  const auto& objectives = result.spec.objectives;
  std::string html = legend(entries);
  for (std::size_t y = std::min<std::size_t>(1, objectives.size() - 1); y < objectives.size();
       ++y) {
    const FrontChart chart(result, rows, objectives[0], objectives[y]);
    const double most = objectives.size() > 2 ? 320.0 : 480.0;
    html += in_both_widths(
        [&](double width) { return chart.draw(width, std::min(width * 0.62, most)); });
  }
  return html;
}

std::string parallel_chart(const SweepResult& result) {
  std::vector<std::size_t> rows = drawn_rows(result);
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [&](std::size_t i) { return result.rows[i].at("status") != "ok"; }),
             rows.end());
  if (rows.empty()) return "";
  return in_both_widths([&](double width) { return draw_parallel(result, rows, width); });
}

std::string effect_chart(const SweepResult& result, const SweepAxis& axis) {
  const std::vector<ValueGroup> groups = value_groups(result, axis);
  if (groups.size() < 2) return "";
  return in_both_widths([&](double width) { return draw_effects(result, axis, groups, width); });
}

}  // namespace chasm
