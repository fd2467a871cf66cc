#include "sim/cli/shipped.h"

#include <fmt/format.h>

#include "base/check.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "models/energy/energy_table.h"
#include "models/memory/dram/dram_config.h"
#include "sim/report/pretty_json.h"
#include "sim/report/quantity.h"
#include "sim/sweep/sweep_points.h"

namespace chasm {
namespace {

std::string arch_about(const std::string& name) {
  Diagnostics problems;
  const auto document = load_arch_document(name, {}, problems);
  const auto arch = document ? read_arch(*document, problems) : std::nullopt;
  CHECK(arch, "shipped architecture {}: {}", name, problems.to_string());
  std::string text;
  for (const ChunkSpec& chunk : arch->chunks) {
    const std::string lanes = chunk.lanes == 1 ? "" : fmt::format("x{}", chunk.lanes);
    text += fmt::format("{} {}x{}{} {}, ", chunk.name, chunk.rows, chunk.cols, lanes,
                        chunk.arithmetics());
  }
  return fmt::format("{}buffer {} KiB, {}", text, arch->global_buffer.capacity_bytes / 1024,
                     si(static_cast<double>(arch->clock_hz), "Hz"));
}

std::string network_about(const std::string& name) {
  Diagnostics problems;
  const auto network = load_network(name, problems);
  CHECK(network, "shipped network {}: {}", name, problems.to_string());
  const OperationCounts counts = network->operations();
  std::string text = fmt::format("{} layers, {} parameters; operations:", network->layers.size(),
                                 si(static_cast<double>(network->params()), ""));
  const auto append = [&](std::uint64_t count, const char* what, bool first) {
    if (count > 0)
      text += fmt::format("{} {} {}", first ? "" : ",", si(static_cast<double>(count), ""), what);
    return count == 0 && first;
  };
  const bool still_first = append(counts.multiply, "multiply", true);
  append(counts.adder, "adder", append(counts.shift, "shift", still_first));
  return text;
}

std::string energy_table_about(const std::string& name) {
  Diagnostics problems;
  const auto table = load_energy_table(name, problems);
  CHECK(table, "shipped energy table {}: {}", name, problems.to_string());
  return table->description();
}

std::string sweep_about(const std::string& name) {
  Diagnostics problems;
  const auto document = parse_json(sweep_text(name), name, problems);
  CHECK(document, "shipped sweep {}: {}", name, problems.to_string());
  const SweepSpec spec = reread_sweep(*document, problems);
  CHECK(problems.ok(), "shipped sweep {}: {}", name, problems.to_string());
  return fmt::format("{:.0f} points: {}", point_count(spec),
                     document->root.value("description", ""));
}

// The ideal memory has no document: its parameters are keys of an architecture.
const std::string kIdeal = "ideal";

std::vector<std::string> all_dram_names() {
  std::vector<std::string> names = dram_names();
  names.push_back(kIdeal);
  return names;
}

std::string dram_about(const std::string& name) {
  if (name == kIdeal)
    return "fixed latency and bandwidth, no banks (keys bandwidth_bytes_per_cycle, latency_cycles)";
  Diagnostics problems;
  const auto config = load_dram(name, {}, "", problems);
  CHECK(config, "shipped DRAM {}: {}", name, problems.to_string());
  const double peak = config->peak_bytes_per_cycle() * static_cast<double>(config->clock_hz);
  return fmt::format("{}; {}", config->description, si(peak, "B/s"));
}

std::string shipped_dram_text(const std::string& name) {
  if (name != kIdeal) return std::string(dram_text(name));
  return pretty_json(Json{{"dram", to_json(ArchSpec{})["dram"]}});
}

}  // namespace

const std::vector<ShippedKind>& shipped_kinds() {
  static const std::vector<ShippedKind> kinds = {
      {"archs", preset_names, arch_about,
       [](const std::string& name) { return std::string(preset_text(name)); }},
      {"nets", zoo_names, network_about,
       [](const std::string& name) { return std::string(zoo_text(name)); }},
      {"sweeps", sweep_names, sweep_about,
       [](const std::string& name) { return std::string(sweep_text(name)); }},
      {"energy-tables", energy_table_names, energy_table_about,
       [](const std::string& name) { return std::string(energy_table_text(name)); }},
      {"drams", all_dram_names, dram_about, shipped_dram_text}};
  return kinds;
}

}  // namespace chasm
