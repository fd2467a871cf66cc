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
constexpr auto kBusy = static_cast<std::size_t>(Cause::busy);

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
                   {"of all", kRight, false, true},
                   {"busy", kRight, false, true},
                   {"PE util", kRight},
                   {"energy", kRight},
                   {"DRAM", kRight, false, true},
                   {"main stall"}});
  for (const LayerResult& layer : layers_over_images(run)) {
    const Activity& activity = layer.activity;
    const double bytes =
        kBurstBytes * static_cast<double>(activity.dram_read_bursts + activity.dram_write_bursts);
    table.add_row({layer.name, layer.chunk, grouped(layer.cycles()),
                   percent(share(layer.cycles(), run.cycles)),
                   percent(share(layer.cycles_by_cause[kBusy], layer.cycles())),
                   percent(layer.pe_utilization()), si(layer.energy_pj * 1e-12, "J"),
                   si(bytes, "B"), main_stall(layer)});
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

// The ideal DRAM's link, where it is not quite what the architecture asks for.
std::string link_text(const RunResult& run) {
  if (!run.architecture.is_object()) return "";
  const Json asked = run.architecture.value("dram", Json());
  if (!asked.is_object() || asked.value("standard", Json()) != "ideal") return "";
  const Json bandwidth = asked.value("bandwidth_bytes_per_cycle", Json());
  const Json channels = asked.value("channels", Json());
  if (!bandwidth.is_number() || !channels.is_number()) return "";
  const double wanted = bandwidth.get<double>() * channels.get<double>();
  if (wanted == run.dram_peak_bytes_per_cycle || run.dram_peak_bytes_per_cycle == 0) return "";
  return fmt::format("; the link moves {:.8g} bytes a cycle for {:.8g}, in steps of 1/65536",
                     run.dram_peak_bytes_per_cycle, wanted);
}

std::string dram_text(const RunResult& run, const RunTotals& totals) {
  std::string text = fmt::format(
      "{} read, {} written; {} ({} of the peak)", si(static_cast<double>(run.dram_read_bytes), "B"),
      si(static_cast<double>(run.dram_write_bytes), "B"), si(totals.dram_bytes_per_s, "B/s"),
      percent(run.dram_bandwidth_utilization));
  if (run.row_hit_rate) text += fmt::format("; row hits {}", percent(*run.row_hit_rate));
  return text + link_text(run);
}

bool computed_values(const RunResult& run) {
  const auto functional = run.options.find("functional");
  return functional != run.options.end() && functional->is_boolean() && functional->get<bool>();
}

// A run whose values are wrong ends in an error, so a report has only this to say.
std::string values_text(const RunResult& run) {
  std::uint64_t overflows = 0;
  for (const LayerResult& layer : run.layers) overflows += layer.activity.overflows;
  return fmt::format("every output equals the golden arithmetic; {} left the psum width",
                     grouped(overflows));
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
  if (run.images > 1)
    line("one image", si(totals.image_latency_s, "s") + " from its first cycle to its last");
  std::string pace = si(totals.images_per_s, "") + " images/s";
  if (totals.steady_images_per_s)
    pace += fmt::format("; {} in the steady state", si(*totals.steady_images_per_s, ""));
  line("throughput", pace);
  line("energy", fmt::format("{}; average power {}; EDP {:.3e} Js", si(totals.energy_j, "J"),
                             si(totals.average_power_w, "W"), totals.edp_js));
  line("operations", operations_text(run.operations));
  if (const std::uint64_t gated = gated_operations(run); gated > 0)
    line("gated", si(static_cast<double>(gated), "") + " operations, whose input is zero");
  line("PE util", percent(run.pe_utilization) + " of all PEs over the whole run");
  line("DRAM", dram_text(run, totals));
  if (computed_values(run)) line("values", values_text(run));
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

// One column a chunk, one row a cause that any chunk met: where all the cycles of the run went.
std::string chunk_table(const RunResult& run, const TextStyle& style) {
  std::vector<Column> columns = {{"chunk"}};
  std::vector<Cell> pes = {"PEs"}, utilization = {"PE util"};
  for (const ChunkResult& chunk : run.chunks) {
    columns.push_back({chunk.name, kRight});
    pes.push_back(grouped(chunk.pes));
    utilization.push_back(percent(chunk.pe_utilization));
  }
  TextTable table(columns);
  table.add_row(std::move(pes));
  table.add_row(std::move(utilization));
  for (std::size_t c = 0; c < kCauses; ++c) {
    std::vector<Cell> row = {to_string(static_cast<Cause>(c))};
    std::uint64_t cycles = 0;
    for (const ChunkResult& chunk : run.chunks) {
      row.push_back(percent(share(chunk.cycles_by_cause[c], run.cycles)));
      cycles += chunk.cycles_by_cause[c];
    }
    if (cycles > 0) table.add_row(std::move(row));
  }
  return table.to_string(style);
}

}  // namespace

std::string render_report(const RunResult& run, const TextStyle& style) {
  std::string text =
      toned(fmt::format("{} on {}", name_of(run.workload), name_of(run.architecture)), Tone::strong,
            style);
  if (run.images > 1)
    text += fmt::format(", {} images; the layers are sums over all of them", run.images);
  text += "\n\n" + layer_table(run, style) + "\n" + totals_list(run, style);
  if (!run.energy.empty()) text += "\n" + energy_table(run, style);
  if (!run.chunks.empty()) text += "\n" + chunk_table(run, style);
  return text;
}

}  // namespace chasm
