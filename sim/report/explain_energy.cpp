#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/printable.h"
#include "base/suggest.h"
#include "models/arch/energy_actions.h"
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

// Lines of a bill and their sum; sources are long and shared by lines: a number leads to the list
// below.
std::string lines_text(const std::vector<EnergyEntry>& lines, double all_pj,
                       const std::string& all_name, const TextStyle& style) {
  TextTable table({{"component"},
                   {"action"},
                   {"count", kRight},
                   {"x pJ each", kRight},
                   {"=", kRight},
                   {"share", kRight},
                   {"source"}});
  const auto share = [&](double pj) { return percent(all_pj > 0 ? pj / all_pj : 0); };
  double sum_pj = 0;
  std::vector<std::string> sources;
  for (const EnergyEntry& e : lines) {
    auto at = std::find(sources.begin(), sources.end(), e.source);
    if (at == sources.end()) at = sources.insert(at, e.source);
    table.add_row({e.component, e.action, grouped(e.count), fmt::format("{:.6g}", e.unit_pj),
                   energy_text(e.total_pj), share(e.total_pj),
                   fmt::format("[{}]", at - sources.begin() + 1)});
    sum_pj += e.total_pj;
  }
  table.add_row({all_name, "", "", "", {energy_text(sum_pj), Tone::strong}, share(sum_pj), ""});
  std::string text = table.to_string(style) + "\n";
  for (std::size_t i = 0; i < sources.size(); ++i)
    text += fmt::format("[{}] {}\n", i + 1, printable_line(sources[i]));
  return text;
}

// Without a chunk where the architecture has none of that name.
BillItem bill_item(const LayerResult& layer, const ArchSpec& arch) {
  BillItem item{nullptr, Arithmetic::none, layer.activity, layer.widths};
  for (const ChunkSpec& chunk : arch.chunks)
    if (chunk.name == layer.chunk) item.chunk = &chunk;
  for (const Arithmetic a : kAllArithmetics)
    if (layer.arithmetic == to_string(a)) item.arithmetic = a;
  return item;
}

}  // namespace

std::vector<EnergyEntry> layer_energy(const RunResult& run, const LayerResult& layer,
                                      const ArchSpec& arch) {
  const BillItem item = bill_item(layer, arch);
  std::map<BillKey, std::uint64_t> counts;
  if (item.chunk != nullptr)
    for (const BillAction& action : actions_of(arch, item)) counts[action.key] += action.count;
  std::vector<EnergyEntry> lines;
  for (const auto& [key, count] : counts) {
    const std::string component = component_of(arch, key), action = action_of(key);
    for (const EnergyEntry& e : run.energy)
      if (e.component == component && e.action == action)
        lines.push_back({component, action, count, e.unit_pj,
                         static_cast<double>(count) * e.unit_pj, e.source});
  }
  return lines;
}

std::string layer_energy_text(const RunResult& run, const LayerResult& layer, const ArchSpec& arch,
                              const TextStyle& style) {
  return lines_text(layer_energy(run, layer, arch), layer.energy_pj, layer.name, style) +
         "Leakage, the clock, and what a DRAM spends beside bursts belong to no layer.\n";
}

std::string explain_energy(const RunResult& run, const std::string& component,
                           const TextStyle& style, Diagnostics& problems) {
  std::vector<EnergyEntry> lines;
  for (const EnergyEntry& entry : run.energy)
    if (is_part(entry.component, component)) lines.push_back(entry);
  if (lines.empty() && !component.empty()) {
    problems.error("", "", fmt::format("nothing was spent on \"{}\"", component),
                   suggest(component, component_names(run)));
    return "";
  }
  return lines_text(lines, run.energy_pj(), component.empty() ? "all" : component, style);
}

}  // namespace chasm
