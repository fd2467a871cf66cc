#include "sim/report/run_charts.h"

#include <array>

#include <fmt/format.h>

#include "sim/report/html_page.h"
#include "sim/report/quantity.h"
#include "sim/report/run_totals.h"
#include "sim/report/stacked_bars.h"

namespace chasm {
namespace {

constexpr std::array<const char*, kCauses> kCauseColours = {"s1", "s2",   "s7", "s5",  "s8",
                                                            "s4", "rest", "s6", "none"};
constexpr std::array<const char*, kEngineStates> kStateColours = {"s1", "s2", "s7",
                                                                  "s4", "s5", "none"};
constexpr std::array<const char*, kEnergyParts> kPartColours = {"s1", "s6", "s7", "s5", "s3", "s4"};
constexpr std::array<const char*, kDramLost> kLostColours = {"none", "s5", "s4", "s2", "s7"};

std::string cycles_label(double value) { return grouped(static_cast<std::uint64_t>(value)); }
std::string energy_label(double value) { return si_html(value * 1e-12, "J"); }
std::string energy_tick(double value) { return tick_label(value * 1e-12, "J"); }
std::string share_label(double value) { return fmt::format("{:g}%", std::round(value * 10) / 10); }

template <std::size_t kParts, class Name>
std::vector<LegendEntry> entries(const std::array<const char*, kParts>& colours, Name name) {
  std::vector<LegendEntry> list;
  for (std::size_t i = 0; i < kParts; ++i) list.push_back({colours[i], name(i)});
  return list;
}

std::vector<LegendEntry> causes() {
  return entries(kCauseColours, [](std::size_t i) { return to_string(static_cast<Cause>(i)); });
}

std::vector<LegendEntry> energy_parts() {
  auto parts = entries(kPartColours, [](std::size_t i) {
    return std::string(to_string(static_cast<EnergyPart>(i)));
  });
  parts.push_back({"s9", "other"});
  return parts;
}

template <std::size_t kParts>
std::vector<double> shares(const std::array<std::uint64_t, kParts>& cycles) {
  double all = 0;
  for (const std::uint64_t n : cycles) all += static_cast<double>(n);
  std::vector<double> parts;
  for (const std::uint64_t n : cycles)
    parts.push_back(all > 0 ? 100 * static_cast<double>(n) / all : 0);
  return parts;
}

// Of a component "CLP.register_file.input" or "dram"; the last index is "other".
std::size_t part_of(const EnergyEntry& entry) {
  const std::string& name = entry.component;
  const auto dot = name.find('.');
  const std::string word =
      dot == std::string::npos ? name : name.substr(dot + 1, name.find('.', dot + 1) - dot - 1);
  for (std::size_t p = 0; p < kEnergyParts; ++p)
    if (word == to_string(static_cast<EnergyPart>(p))) return p;
  return kEnergyParts;
}

}  // namespace

std::string chunk_class(std::size_t chunk) {
  constexpr std::array<const char*, 8> kColours = {"s1", "s2", "s3", "s5", "s6", "s8", "s4", "s7"};
  return kColours[chunk % kColours.size()];
}

std::string chunk_cycles_chart(const RunResult& run) {
  StackedBars chart{"Where the cycles of each chunk went",
                    causes(),
                    {},
                    share_label,
                    share_label,
                    100,
                    "share of the run's cycles"};
  for (const ChunkResult& chunk : run.chunks)
    chart.rows.push_back({chunk.name, shares(chunk.cycles_by_cause)});
  return html_figure(stacked_bars(chart));
}

std::string layer_cycles_chart(const RunResult& run) {
  StackedBars chart{"Where the cycles of each layer went",
                    causes(),
                    {},
                    cycles_label,
                    cycles_label,
                    0,
                    "core cycles"};
  for (const LayerResult& layer : layers_over_images(run)) {
    StackedRow row{layer.name, {}};
    for (const std::uint64_t cycles : layer.cycles_by_cause)
      row.parts.push_back(static_cast<double>(cycles));
    chart.rows.push_back(std::move(row));
  }
  return html_figure(stacked_bars(chart));
}

std::string engine_chart(const RunResult& run) {
  StackedBars chart{
      "What buses, DMAs, buffer ports and channels did with their cycles",
      entries(kStateColours, [](std::size_t i) { return to_string(static_cast<EngineState>(i)); }),
      {},
      share_label,
      share_label,
      100,
      "share of the run's cycles"};
  for (const EngineReport& engine : run.engines)
    chart.rows.push_back({engine.name, shares(engine.cycles)});
  return html_figure(stacked_bars(chart));
}

std::string component_energy_chart(const RunResult& run) {
  StackedBars chart{
      "Energy of each component", energy_parts(), {}, energy_label, energy_tick, 0, "energy"};
  for (const EnergyEntry& entry : run.energy) {
    const std::string owner = entry.component.substr(0, entry.component.find('.'));
    if (chart.rows.empty() || chart.rows.back().label != owner)
      chart.rows.push_back({owner, std::vector<double>(kEnergyParts + 1, 0)});
    chart.rows.back().parts[part_of(entry)] += entry.total_pj;
  }
  return html_figure(stacked_bars(chart));
}

std::string layer_energy_chart(const RunResult& run) {
  StackedBars chart{
      "Energy of each layer", energy_parts(), {}, energy_label, energy_tick, 0, "energy"};
  for (const LayerResult& layer : layers_over_images(run)) {
    StackedRow row{layer.name, {}};
    double rest = layer.energy_pj;  // of a result that does not say the parts
    for (const double part : layer.energy_by_part_pj) {
      row.parts.push_back(part);
      rest -= part;
    }
    row.parts.push_back(rest > 1e-6 * layer.energy_pj ? rest : 0);
    chart.rows.push_back(std::move(row));
  }
  return html_figure(stacked_bars(chart));
}

std::string dram_bus_chart(const RunResult& run) {
  if (!run.dram) return "";
  StackedBars chart{"What the DRAM's data buses did with their cycles",
                    {{"s1", "busy"}},
                    {},
                    share_label,
                    share_label,
                    100,
                    "share of the memory clock's cycles, all channels"};
  std::array<std::uint64_t, kDramLost + 1> cycles{run.dram->bus_busy};
  for (std::size_t c = 0; c < kDramLost; ++c) {
    chart.parts.push_back({kLostColours[c], kDramLostNames[c]});
    cycles[c + 1] = run.dram->lost[c];
  }
  chart.rows.push_back({"data bus", shares(cycles)});
  return html_figure(stacked_bars(chart));
}

}  // namespace chasm
