#include "sim/sweep/sweep_tables.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/check.h"
#include "base/resource.h"
#include "sim/report/csv.h"
#include "sim/sweep/figures.h"

namespace chasm {

std::span<const Resource> sweep_schema_resources();

namespace {

constexpr std::size_t kMostShown = 20;  // rows of a table on the terminal

std::string csv_head(const SweepResult& result) {
  std::string line = "index,status,pareto";
  for (const SweepAxis& axis : result.spec.axes) line += "," + csv_field(axis.name);
  for (const std::string& figure : figure_names()) line += "," + figure;
  return line + ",diagnostic\r\n";
}

// Only a text needs care, not a number below 0.
std::string csv_cell(const Json& parameters, const std::string& name) {
  const auto value = parameters.find(name);
  if (value == parameters.end()) return "";
  return value->is_number() ? value->dump() : csv_field(value_text(parameters, name));
}

std::string csv_line(const SweepResult& result, const Json& row, bool on_front) {
  std::string line = fmt::format("{},{},{}", row.at("index").get<std::size_t>(),
                                 row.at("status").get<std::string>(), on_front ? "yes" : "no");
  for (const SweepAxis& axis : result.spec.axes)
    line += "," + csv_cell(row.at("parameters"), axis.name);
  for (const std::string& figure : figure_names()) {
    const Json* value = figure_number(row, figure);
    line += "," + (value == nullptr ? "" : value->dump());
  }
  const Json& diagnostic = row.at("diagnostic");
  return line + "," + (diagnostic.is_string() ? csv_field(diagnostic.get<std::string>()) : "") +
         "\r\n";
}

std::vector<bool> front_flags(const SweepResult& result) {
  std::vector<bool> flags(result.rows.size(), false);
  for (const std::size_t i : result.front) flags[i] = true;
  return flags;
}

Json without_host(const Json& row) {
  Json copy = row;
  copy.erase("host");
  return copy;
}

Json objectives_json(const SweepResult& result) {
  Json list = Json::array();
  for (const SweepObjective& o : result.spec.objectives)
    list.push_back({{"figure", o.figure}, {"goal", o.maximise ? "max" : "min"}});
  return list;
}

std::string objectives_text(const SweepResult& result) {
  std::string text;
  const auto& objectives = result.spec.objectives;
  for (std::size_t i = 0; i < objectives.size(); ++i)
    text += (i == 0                       ? ""
             : i + 1 == objectives.size() ? " and "
                                          : ", ") +
            std::string(objectives[i].maximise ? "most " : "least ") +
            figure_title(objectives[i].figure);
  return text;
}

std::string more_text(std::size_t shown, std::size_t all) {
  return all > shown ? fmt::format("... and {} more\n", all - shown) : "";
}

std::string front_table(const SweepResult& result, const TextStyle& style) {
  std::vector<TextTable::Column> columns = {{"point", TextTable::Align::right}};
  for (const SweepAxis& axis : result.spec.axes)
    columns.push_back({axis.name, TextTable::Align::right, true});
  for (const SweepObjective& o : result.spec.objectives)
    columns.push_back({figure_title(o.figure), TextTable::Align::right});
  TextTable table(columns);
  const std::size_t shown = std::min(result.front.size(), kMostShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const Json& row = result.rows[result.front[i]];
    std::vector<TextTable::Cell> cells = {row.at("index").dump()};
    for (const SweepAxis& axis : result.spec.axes)
      cells.emplace_back(value_text(row.at("parameters"), axis.name));
    for (const SweepObjective& o : result.spec.objectives)
      cells.emplace_back(figure_text(o.figure, figure_of(row, o.figure).value_or(0)));
    table.add_row(std::move(cells));
  }
  return table.to_string(style) + more_text(shown, result.front.size());
}

// Points without a result, or outside what was allowed, with the first line of why.
std::string other_table(const SweepResult& result, const TextStyle& style) {
  TextTable table({{"point", TextTable::Align::right}, {"status"}, {"why"}});
  std::size_t all = 0;
  for (const Json& row : result.rows) {
    const std::string status = row.at("status").get<std::string>();
    if (status == "ok" || status == "violates") continue;
    if (++all > kMostShown) continue;
    const std::string why =
        row.at("diagnostic").is_string() ? row.at("diagnostic").get<std::string>() : "";
    table.add_row({row.at("index").dump(), {status, Tone::alert}, why.substr(0, why.find('\n'))});
  }
  return table.empty() ? ""
                       : "\n" + table.to_string(style) + more_text(std::min(all, kMostShown), all);
}

}  // namespace

std::string sweep_csv(const SweepResult& result) {
  std::string text = csv_head(result);
  const std::vector<bool> flags = front_flags(result);
  for (std::size_t i = 0; i < result.rows.size(); ++i)
    text += csv_line(result, result.rows[i], flags[i]);
  return text;
}

std::string front_csv(const SweepResult& result) {
  std::string text = csv_head(result);
  for (const std::size_t i : result.front) text += csv_line(result, result.rows[i], true);
  return text;
}

Json front_json(const SweepResult& result) {
  Json points = Json::array();
  for (const std::size_t i : result.front) points.push_back(without_host(result.rows[i]));
  return {{"schema", "chasm/sweep-front/1"},
          {"name", result.spec.name},
          {"objectives", objectives_json(result)},
          {"points", points}};
}

Json sweep_json(const SweepResult& result) {
  Json front = Json::array();
  for (const std::size_t i : result.front) front.push_back(result.rows[i].at("index"));
  return {{"schema", "chasm/sweep/1"},
          {"sweep", result.spec.document.root},
          {"objectives", objectives_json(result)},
          {"front", front},
          {"points", result.rows}};
}

std::string_view sweep_result_schema() {
  const Resource* schema = find_resource(sweep_schema_resources(), "sweep_result.schema");
  CHECK(schema != nullptr, "sweep_result.schema.json is not in the program");
  return schema->text;
}

std::string sweep_summary(const SweepResult& result, const TextStyle& style) {
  const std::string part =
      result.shard.of > 1 ? fmt::format(" (shard {} of {})", result.shard.number, result.shard.of)
                          : "";
  std::string text =
      toned(result.spec.name, Tone::strong, style) +
      fmt::format("{}: {} points: {}\n", part, result.rows.size(), status_counts(result.rows));
  if (!result.front.empty())
    text += fmt::format("\nPareto front, {}: {} points\n", objectives_text(result),
                        result.front.size()) +
            front_table(result, style);
  return text + other_table(result, style);
}

}  // namespace chasm
