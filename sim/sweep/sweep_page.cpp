#include "sim/sweep/sweep_page.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/report/html_page.h"
#include "sim/report/tool_info.h"
#include "sim/sweep/figures.h"
#include "sim/sweep/sweep_charts.h"
#include "sim/sweep/sweep_points.h"

namespace chasm {
namespace {

std::string figures_text(const std::vector<SweepObjective>& objectives) {
  std::string text;
  for (const SweepObjective& o : objectives)
    text += (text.empty() ? "" : ", ") + figure_title(o.figure);
  return text;
}

// Best of each objective, and how many points there are.
std::vector<Tile> tiles_of(const SweepResult& result) {
  std::vector<Tile> tiles = {
      {"Points", fmt::format("{}", result.rows.size()), status_counts(result.rows)},
      {"Pareto front", fmt::format("{}", result.front.size()),
       figures_text(result.spec.objectives)}};
  for (const SweepObjective& o : result.spec.objectives) {
    const Json* best = nullptr;
    for (const Json& row : result.rows) {
      if (row.at("status") != "ok" || !figure_of(row, o.figure)) continue;
      const double value = *figure_of(row, o.figure);
      const double so_far = best == nullptr ? value : *figure_of(*best, o.figure);
      if (best == nullptr || (o.maximise ? value > so_far : value < so_far)) best = &row;
    }
    if (best == nullptr) continue;
    tiles.push_back({fmt::format("{} {}", o.maximise ? "Most" : "Least", figure_title(o.figure)),
                     figure_html(o.figure, *figure_of(*best, o.figure)),
                     fmt::format("point {}", best->at("index").dump())});
  }
  return tiles;
}

// Figures that every table has beside the objectives.
std::vector<std::string> shown_figures(const SweepResult& result) {
  std::vector<std::string> figures;
  const auto add = [&](const std::string& figure) {
    for (const std::string& known : figures)
      if (known == figure) return;
    figures.push_back(figure);
  };
  for (const SweepObjective& o : result.spec.objectives) add(o.figure);
  for (const SweepConstraint& c : result.spec.constraints) add(c.figure);
  for (const char* figure : {"latency_s", "energy_j", "average_power_w", "area_mm2", "pes"})
    add(figure);
  return figures;
}

bool has_numbers(const SweepResult& result, const SweepAxis& axis) {
  return std::any_of(result.rows.begin(), result.rows.end(), [&](const Json& row) {
    const Json& parameters = row.at("parameters");
    return parameters.contains(axis.name) && parameters.at(axis.name).is_number();
  });
}

class PointTable {
 public:
  PointTable(const SweepResult& result, const std::string& caption, bool with_diagnostic)
      : result_(result),
        figures_(shown_figures(result)),
        with_diagnostic_(with_diagnostic),
        table_(caption, columns()) {}

  void add(const Json& row) {
    std::vector<HtmlTable::Cell> cells = {{row.at("index").dump(), row.at("index").get<double>()}};
    for (const SweepAxis& axis : result_.spec.axes) {
      const Json& parameters = row.at("parameters");
      const std::string text = value_text(parameters, axis.name);
      if (parameters.contains(axis.name) && parameters.at(axis.name).is_number())
        cells.emplace_back(text, parameters.at(axis.name).get<double>());
      else
        cells.emplace_back(text);
    }
    for (const std::string& figure : figures_) {
      const std::optional<double> value = figure_of(row, figure);
      if (value)
        cells.emplace_back(figure_html(figure, *value), *value);
      else
        cells.emplace_back("-");
    }
    if (with_diagnostic_) {
      cells.emplace_back(row.at("status").get<std::string>());
      cells.emplace_back(row.at("diagnostic").is_string() ? row.at("diagnostic").get<std::string>()
                                                          : "");
    }
    table_.add_row(cells);
  }
  std::string to_string() const { return table_.to_string(); }

 private:
  std::vector<HtmlTable::Column> columns() const {
    std::vector<HtmlTable::Column> all = {{"point", true}};
    for (const SweepAxis& axis : result_.spec.axes)
      all.push_back({axis.name, has_numbers(result_, axis)});
    for (const std::string& figure : figures_) all.push_back({figure_title(figure), true});
    if (with_diagnostic_) {
      all.push_back({"status"});
      all.push_back({"diagnostic", false, true});
    }
    return all;
  }

  const SweepResult& result_;
  std::vector<std::string> figures_;
  bool with_diagnostic_;
  HtmlTable table_;
};

std::string front_section(const SweepResult& result) {
  PointTable table(result, "Pareto front", false);
  for (const std::size_t i : result.front) table.add(result.rows[i]);
  return html_figure(front_chart(result)) + table.to_string();
}

std::string sensitivity_section(const SweepResult& result) {
  std::vector<HtmlTable::Column> columns = {{"parameter"}};
  for (const SweepObjective& o : result.spec.objectives)
    columns.push_back({figure_title(o.figure), true});
  HtmlTable table("Share of the variance that each parameter decides", columns);
  std::string charts;
  for (const SweepAxis& axis : result.spec.axes) {
    std::vector<HtmlTable::Cell> cells = {axis.name};
    for (const SweepObjective& o : result.spec.objectives) {
      const std::optional<double> share = decided_share(result, axis, o);
      if (share)
        cells.emplace_back(fmt::format("{:.1f}%", 100 * *share), *share);
      else
        cells.emplace_back("-");
    }
    table.add_row(cells);
    if (const std::string chart = effect_chart(result, axis); !chart.empty())
      charts += html_subheading(axis.name) + html_figure(chart);
  }
  return table.to_string() + charts;
}

std::string points_section(const SweepResult& result) {
  constexpr std::size_t kMostRows = 5000;
  const bool all_ok = std::all_of(result.rows.begin(), result.rows.end(),
                                  [](const Json& row) { return row.at("status") == "ok"; });
  PointTable table(result, "Points", !all_ok);
  for (std::size_t i = 0; i < result.rows.size() && i < kMostRows; ++i) table.add(result.rows[i]);
  const std::string more =
      result.rows.size() > kMostRows
          ? html_paragraph(fmt::format("The first {} of {} points; points.csv has all.", kMostRows,
                                       result.rows.size()))
          : "";
  return table.to_string() + more;
}

// ---- what was asked for ------------------------------------------------------------------------

std::string values_text(const SweepAxis& axis) {
  if (axis.range) {
    const SweepRange& range = *axis.range;
    std::string text = fmt::format("{:.6g} to {:.6g}", range.from, range.to);
    if (range.steps > 0) text += fmt::format(" in {} steps", range.steps);
    return text + (range.log ? ", logarithmic" : "");
  }
  std::string text;
  for (const Json& value : axis.values)
    text += (text.empty() ? "" : ", ") + value_text({{axis.name, value}}, axis.name);
  return text.empty() ? "as the points say" : text;
}

std::string sampling_text(const SweepSpec& spec) {
  switch (spec.sampling) {
    case Sampling::grid:
      return "Every combination of the values";
    case Sampling::random:
      return fmt::format("{} random points, seed {}", spec.draws, spec.seed);
    case Sampling::latin_hypercube:
      return fmt::format("A Latin hypercube of {} points, seed {}", spec.draws, spec.seed);
    case Sampling::list:
      break;
  }
  return "A list of points";
}

std::string constraint_text(const SweepConstraint& c) {
  std::string text = figure_title(c.figure);
  if (c.min) text += " at least " + figure_html(c.figure, *c.min);
  if (c.max) text += std::string(c.min ? " and" : "") + " at most " + figure_html(c.figure, *c.max);
  return text;
}

// Enough to say in a caption what was explored.
std::string question_text(const SweepSpec& spec) {
  std::string text =
      fmt::format("{}, starting from {} and {}", sampling_text(spec), spec.arch, spec.workload);
  for (std::size_t i = 0; i < spec.constraints.size(); ++i)
    text += (i == 0 ? "; " : ", ") + constraint_text(spec.constraints[i]);
  text += "; wanted: ";
  for (std::size_t i = 0; i < spec.objectives.size(); ++i)
    text +=
        fmt::format("{}{} {}", i == 0 ? "" : ", ", spec.objectives[i].maximise ? "most" : "least",
                    figure_title(spec.objectives[i].figure));
  return text + ".";
}

std::string sweep_section(const SweepResult& result) {
  HtmlTable table("Parameters", {{"parameter"}, {"sets", false, true}, {"values", false, true}});
  for (const SweepAxis& axis : result.spec.axes) {
    std::string paths;
    for (const std::string& path : axis.paths) paths += (paths.empty() ? "" : ", ") + path;
    table.add_row({axis.name, paths, values_text(axis)});
  }
  return table.to_string() + html_details("The file", result.spec.document.root.dump(2));
}

std::string subtitle_of(const SweepResult& result) {
  const Json& root = result.spec.document.root;
  std::string text = root.value("description", std::string());
  if (result.shard.of > 1)
    text += fmt::format(" (shard {} of {})", result.shard.number, result.shard.of);
  return text;
}

}  // namespace

std::string sweep_page(const SweepResult& result) {
  HtmlPage page("Sweep " + result.spec.name, subtitle_of(result));
  page.tiles(tiles_of(result));
  page.section("front", "Pareto front",
               "Points that no other point beats in every objective. Point at a dot for its "
               "parameters.",
               front_section(result));
  page.section("parallel", "All parameters beside all objectives",
               "A line is a point; each axis goes from its smallest value on the left to its "
               "largest on the right. Those of the front are strong.",
               html_figure(parallel_chart(result)));
  page.section("sensitivity", "What each parameter decides",
               "The share of an objective's variance that lies between the values of the "
               "parameter; what the shares of all parameters leave is their interplay. Below, "
               "the mean over all points with the value, and their range as a bar.",
               sensitivity_section(result));
  page.section("points", "Points", "", points_section(result));
  page.section("sweep", "The sweep", question_text(result.spec), sweep_section(result));
  const ToolInfo tool = tool_info();
  page.footer(fmt::format("chasm {} (git {}), SystemC {}", tool.version, tool.git, tool.systemc));
  return page.to_string();
}

}  // namespace chasm
