#include "sim/sweep/sweep_page.h"

#include <fmt/format.h>

#include "sim/report/html_page.h"
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
                     figure_text(o.figure, *figure_of(*best, o.figure)),
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
        cells.emplace_back(figure_text(figure, *value), *value);
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
    for (const SweepAxis& axis : result_.spec.axes) all.push_back({axis.name, true});
    for (const std::string& figure : figures_) all.push_back({figure_title(figure), true});
    if (with_diagnostic_) {
      all.push_back({"status"});
      all.push_back({"diagnostic"});
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
  PointTable table(result, "Points", true);
  for (std::size_t i = 0; i < result.rows.size() && i < kMostRows; ++i) table.add(result.rows[i]);
  const std::string more =
      result.rows.size() > kMostRows
          ? html_paragraph(fmt::format("The first {} of {} points; points.csv has all.", kMostRows,
                                       result.rows.size()))
          : "";
  return table.to_string() + more;
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
               "parameters." +
                   std::string(result.spec.objectives.size() > 2
                                   ? " The size of a dot is its " +
                                         figure_title(result.spec.objectives[2].figure) + "."
                                   : ""),
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
  page.section("sweep", "The sweep", "",
               html_details("The file", result.spec.document.root.dump(2)));
  page.footer(fmt::format("{} started from {} and {}.", result.spec.name, result.spec.arch,
                          result.spec.workload));
  return page.to_string();
}

}  // namespace chasm
