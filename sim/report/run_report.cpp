#include "sim/report/run_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/report/quantity.h"
#include "sim/report/run_totals.h"

namespace chasm {
namespace {

using Column = TextTable::Column;
using Cell = TextTable::Cell;
constexpr auto kRight = TextTable::Align::right;
constexpr double kBurstBytes = 64;

double share(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

std::string name_of(const Json& document) {
  const auto name = document.find("name");
  return name != document.end() && name->is_string() ? name->get<std::string>() : "?";
}

// The largest cause but `busy`, with its share of the layer's cycles; marked where it is most of
// them.
Cell main_stall(const LayerResult& layer) {
  std::size_t worst = 1;
  for (std::size_t c = 2; c < kCauses; ++c)
    if (layer.cycles_by_cause[c] > layer.cycles_by_cause[worst]) worst = c;
  if (layer.cycles_by_cause[worst] == 0) return {"-", Tone::faint};
  const double part = share(layer.cycles_by_cause[worst], layer.cycles());
  return {fmt::format("{} {}", to_string(static_cast<Cause>(worst)), percent(part)),
          part >= 0.5 ? Tone::alert : Tone::plain};
}

std::string layer_table(const RunResult& run, const TextStyle& style) {
  TextTable table({{"layer", TextTable::Align::left, true},
                   {"chunk"},
                   {"cycles", kRight},
                   {"of all", kRight},
                   {"PE util", kRight},
                   {"energy", kRight},
                   {"DRAM", kRight},
                   {"main stall"}});
  for (const LayerResult& layer : layers_over_images(run)) {
    const Activity& activity = layer.activity;
    const double bytes =
        kBurstBytes * static_cast<double>(activity.dram_read_bursts + activity.dram_write_bursts);
    table.add_row({layer.name, layer.chunk, grouped(layer.cycles()),
                   percent(share(layer.cycles(), run.cycles)), percent(layer.pe_utilization()),
                   si(layer.energy_pj * 1e-12, "J"), si(bytes, "B"), main_stall(layer)});
  }
  return table.to_string(style);
}

std::string operations_text(const OperationCounts& counts) {
  std::string text;
  const auto append = [&](const char* name, std::uint64_t count) {
    if (count > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", si(static_cast<double>(count), ""),
                          name);
  };
  append("multiply", counts.multiply);
  append("shift", counts.shift);
  append("adder", counts.adder);
  return text.empty() ? "none" : text;
}

std::string dram_text(const RunResult& run, const RunTotals& totals) {
  std::string text = fmt::format(
      "{} read, {} written; {} ({} of the peak)", si(static_cast<double>(run.dram_read_bytes), "B"),
      si(static_cast<double>(run.dram_write_bytes), "B"), si(totals.dram_bytes_per_s, "B/s"),
      percent(run.dram_bandwidth_utilization));
  if (run.dram_row_hit_rate) text += fmt::format("; row hits {}", percent(*run.dram_row_hit_rate));
  return text;
}

std::string totals_list(const RunResult& run, const TextStyle& style) {
  const RunTotals totals = totals_of(run);
  std::string text;
  const auto line = [&](const std::string& name, const std::string& value) {
    text += toned(fmt::format("{:<14}", name), Tone::strong, style) + value + "\n";
  };
  line("latency", fmt::format("{} ({} cycles at {}, {} image{})", si(totals.latency_s, "s"),
                              grouped(run.cycles), si(run.clock_hz, "Hz"), run.images,
                              run.images == 1 ? "" : "s"));
  line("throughput", si(totals.images_per_s, "") + " images/s");
  line("energy", fmt::format("{}; average power {}; EDP {:.3e} Js", si(totals.energy_j, "J"),
                             si(totals.average_power_w, "W"), totals.edp_js));
  line("operations", operations_text(run.operations));
  line("PE util", percent(totals.pe_utilization) + " of all PEs over the whole run");
  line("DRAM", dram_text(run, totals));
  if (run.area_mm2) line("area", fmt::format("{:.3f} mm2", *run.area_mm2));
  return text;
}

// What one owner ("CLP", "global_buffer", "dram") spends, and on what.
struct Spending {
  double total_pj = 0;
  std::vector<std::pair<std::string, double>> parts;  // by the second word of the component
};

std::vector<std::pair<std::string, Spending>> spending_of(const RunResult& run) {
  std::vector<std::pair<std::string, Spending>> owners;
  const auto find = [](auto& list, const std::string& key) -> auto& {
    for (auto& item : list)
      if (item.first == key) return item.second;
    list.push_back({key, {}});
    return list.back().second;
  };
  for (const EnergyEntry& entry : run.energy) {
    const auto dot = entry.component.find('.');
    Spending& owner = find(owners, entry.component.substr(0, dot));
    owner.total_pj += entry.total_pj;
    if (dot == std::string::npos) continue;
    const auto next = entry.component.find('.', dot + 1);
    find(owner.parts, entry.component.substr(dot + 1, next - dot - 1)) += entry.total_pj;
  }
  return owners;
}

std::string energy_table(const RunResult& run, const TextStyle& style) {
  TextTable table({{"energy"}, {"total", kRight}, {"share", kRight}, {"made of"}});
  const double all_pj = run.energy_pj();
  for (auto& [name, spending] : spending_of(run)) {
    auto parts = spending.parts;
    std::stable_sort(parts.begin(), parts.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string made_of;
    for (const auto& [part, pj] : parts)
      if (pj > 0)
        made_of += fmt::format("{}{} {}", made_of.empty() ? "" : ", ", part, si(pj * 1e-12, "J"));
    table.add_row({name, si(spending.total_pj * 1e-12, "J"),
                   percent(all_pj > 0 ? spending.total_pj / all_pj : 0), made_of});
  }
  return table.to_string(style);
}

std::string chunk_table(const RunResult& run, const TextStyle& style) {
  std::vector<Column> columns = {{"chunk"}, {"PEs", kRight}, {"PE util", kRight}};
  std::vector<std::size_t> shown;
  for (std::size_t c = 0; c < kCauses; ++c) {
    const bool any = std::any_of(run.chunks.begin(), run.chunks.end(),
                                 [&](const ChunkResult& k) { return k.cycles_by_cause[c] > 0; });
    if (!any) continue;
    shown.push_back(c);
    columns.push_back({to_string(static_cast<Cause>(c)), kRight});
  }
  TextTable table(columns);
  for (const ChunkResult& chunk : run.chunks) {
    std::vector<Cell> row = {chunk.name, grouped(chunk.pes),
                             percent(pe_utilization(chunk, run.cycles))};
    for (const std::size_t c : shown)
      row.push_back(percent(share(chunk.cycles_by_cause[c], run.cycles)));
    table.add_row(std::move(row));
  }
  return table.to_string(style);
}

}  // namespace

std::string render_report(const RunResult& run, const TextStyle& style) {
  std::string text =
      toned(fmt::format("{} on {}", name_of(run.workload), name_of(run.architecture)), Tone::strong,
            style);
  text += "\n\n" + layer_table(run, style) + "\n" + totals_list(run, style);
  if (!run.energy.empty()) text += "\n" + energy_table(run, style);
  if (!run.chunks.empty()) text += "\n" + chunk_table(run, style);
  return text;
}

}  // namespace chasm
