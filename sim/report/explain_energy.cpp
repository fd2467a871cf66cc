#include <algorithm>

#include <fmt/format.h>

#include "base/suggest.h"
#include "sim/report/explain.h"
#include "sim/report/quantity.h"
#include "sim/report/run_totals.h"

namespace chasm {
namespace {

constexpr auto kRight = TextTable::Align::right;

bool is_part(const std::string& component, const std::string& of) {
  return of.empty() || component == of || component.starts_with(of + ".");
}

// "CLP.register_file.input" and all it is a part of.
std::vector<std::string> component_names(const RunResult& run) {
  std::vector<std::string> names;
  for (const EnergyEntry& entry : run.energy)
    for (std::size_t dot = 0; dot != std::string::npos;) {
      dot = entry.component.find('.', dot + 1);
      const std::string name = entry.component.substr(0, dot);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  return names;
}

std::string energy_text(double pj) { return si(pj * 1e-12, "J"); }

}  // namespace

std::string explain_energy(const RunResult& run, const std::string& component,
                           const TextStyle& style, Diagnostics& problems) {
  TextTable table({{"component"},
                   {"action"},
                   {"count", kRight},
                   {"x pJ each", kRight},
                   {"=", kRight},
                   {"share", kRight},
                   {"source"}});
  const double all_pj = run.energy_pj();
  double sum_pj = 0;
  std::vector<std::string> sources;
  for (const EnergyEntry& e : run.energy) {
    if (!is_part(e.component, component)) continue;
    auto at = std::find(sources.begin(), sources.end(), e.source);
    if (at == sources.end()) at = sources.insert(at, e.source);
    table.add_row({e.component, e.action, grouped(e.count), fmt::format("{:.6g}", e.unit_pj),
                   energy_text(e.total_pj), percent(all_pj > 0 ? e.total_pj / all_pj : 0),
                   fmt::format("[{}]", at - sources.begin() + 1)});
    sum_pj += e.total_pj;
  }
  if (table.empty() && !component.empty()) {
    problems.error("", "", fmt::format("nothing was spent on \"{}\"", component),
                   suggest(component, component_names(run)));
    return "";
  }
  table.add_row({component.empty() ? "all" : component,
                 "",
                 "",
                 "",
                 {energy_text(sum_pj), Tone::strong},
                 percent(all_pj > 0 ? sum_pj / all_pj : 0),
                 ""});
  std::string text = table.to_string(style) + "\n";
  for (std::size_t i = 0; i < sources.size(); ++i)
    text += fmt::format("[{}] {}\n", i + 1, sources[i]);
  return text;
}

}  // namespace chasm
