#include "sim/sweep/sweep_result.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/report/quantity.h"
#include "sim/sweep/figures.h"

namespace chasm {
namespace {

constexpr std::array<const char*, 6> kStatuses = {"ok",      "violates", "infeasible",
                                                  "invalid", "failed",   "timeout"};

struct Candidate {
  std::size_t position;
  std::vector<double> costs;  // less is better
};

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

std::optional<Candidate> candidate(const Json& row, std::size_t position,
                                   const std::vector<SweepObjective>& objectives) {
  if (row.at("status") != "ok") return std::nullopt;
  Candidate c{position, {}};
  for (const SweepObjective& objective : objectives) {
    const std::optional<double> value = figure_of(row, objective.figure);
    if (!value) return std::nullopt;
    c.costs.push_back(objective.maximise ? -*value : *value);
  }
  return c;
}

struct Unit {
  const char* ending;  // of a figure's name
  const char* unit;
};
constexpr std::array<Unit, 9> kUnits = {{{"bytes_per_s", "B/s"},
                                         {"images_per_s", "images/s"},
                                         {"_hz", "Hz"},
                                         {"_bytes", "B"},
                                         {"_js", "Js"},
                                         {"_s", "s"},
                                         {"_j", "J"},
                                         {"_w", "W"},
                                         {"_mm2", "mm2"}}};

}  // namespace

std::vector<std::size_t> pareto_front(const std::vector<Json>& rows,
                                      const std::vector<SweepObjective>& objectives) {
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (auto c = candidate(rows[i], i, objectives)) all.push_back(std::move(*c));
  // In this order a point can only be dominated by one before it.
  std::stable_sort(all.begin(), all.end(),
                   [](const Candidate& a, const Candidate& b) { return a.costs < b.costs; });
  std::vector<const Candidate*> front;
  for (const Candidate& c : all)
    if (std::none_of(front.begin(), front.end(),
                     [&](const Candidate* f) { return dominates(f->costs, c.costs); }))
      front.push_back(&c);
  std::vector<std::size_t> positions;
  for (const Candidate* c : front) positions.push_back(c->position);
  return positions;
}

SweepResult make_result(SweepSpec spec, const std::map<std::size_t, Json>& rows,
                        const SweepShard& shard) {
  SweepResult result{std::move(spec), {}, shard, {}};
  for (const auto& [index, row] : rows) result.rows.push_back(row);
  result.front = pareto_front(result.rows, result.spec.objectives);
  return result;
}

std::string status_counts(const std::vector<Json>& rows) {
  std::string text;
  for (const char* status : kStatuses) {
    const auto n = std::count_if(rows.begin(), rows.end(),
                                 [&](const Json& row) { return row.at("status") == status; });
    if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, status);
  }
  return text.empty() ? "none" : text;
}

std::string figure_title(const std::string& figure) {
  for (const auto& [known, title] :
       {std::pair{"average_power_w", "power"}, std::pair{"images_per_s", "throughput"},
        std::pair{"pe_utilization", "PE utilization"}, std::pair{"pes", "PEs"}})
    if (figure == known) return title;
  std::string title = figure;
  for (const Unit& u : kUnits)
    if (figure.ends_with(u.ending) && u.ending[0] == '_') {
      title = figure.substr(0, figure.size() - std::string_view(u.ending).size());
      break;
    }
  std::replace(title.begin(), title.end(), '_', ' ');
  return title == "edp" ? "EDP" : title;
}

std::string figure_text(const std::string& figure, double value) {
  if (figure == "area_mm2")
    return value < 0.1 ? fmt::format("{:.4g} mm2", value) : fmt::format("{:.3f} mm2", value);
  if (figure == "edp_js") return fmt::format("{:.3e} Js", value);
  if (figure.ends_with("utilization") || figure.ends_with("_rate"))
    return fmt::format("{:.1f}%", 100 * value);
  for (const Unit& u : kUnits)
    if (figure.ends_with(u.ending)) return si(value, u.unit);
  return si(value, "");
}

std::string figure_html(const std::string& figure, double value) {
  std::string text = figure_text(figure, value);
  for (const auto& [plain, shown] : {std::pair{" mm2", " mm\u00b2"}, std::pair{" u", " \u00b5"}})
    if (const auto at = text.find(plain); at != std::string::npos)
      text.replace(at, std::string_view(plain).size(), shown);
  return text;
}

std::string figure_tick(const std::string& figure, double value) {
  std::string text = figure_html(figure, value);
  const auto dot = text.find('.');
  if (dot == std::string::npos) return text;
  const auto end = std::min(text.find_first_not_of("0123456789", dot + 1), text.size());
  auto last = text.find_last_not_of('0', end - 1);
  if (last == dot) --last;
  return text.erase(last + 1, end - last - 1);
}

std::string value_text(const Json& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  if (found == parameters.end()) return "-";
  return found->is_string() ? found->get<std::string>()
                            : found->dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string parameters_text(const Json& row) {
  std::string text;
  for (const auto& [name, value] : row.at("parameters").items())
    text += (text.empty() ? "" : ", ") + name + "=" + value_text(row.at("parameters"), name);
  return text;
}

}  // namespace chasm
