#include "sim/cli/shipped.h"

#include <fmt/format.h>

#include "base/check.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "models/energy/energy_table.h"
#include "sim/report/pretty_json.h"
#include "sim/report/quantity.h"

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

// The DRAMs are part of the simulator, not documents; their parameters are keys of an architecture.
std::vector<std::string> dram_names() { return {DramSpec{}.standard}; }

std::string dram_about(const std::string&) {
  return "fixed latency and bandwidth, no banks (keys bandwidth_bytes_per_cycle, latency_cycles)";
}

std::string dram_text(const std::string&) {
  return pretty_json(Json{{"dram", to_json(ArchSpec{})["dram"]}});
}

}  // namespace

const std::vector<ShippedKind>& shipped_kinds() {
  static const std::vector<ShippedKind> kinds = {
      {"archs", preset_names, arch_about,
       [](const std::string& name) { return std::string(preset_text(name)); }},
      {"nets", zoo_names, network_about,
       [](const std::string& name) { return std::string(zoo_text(name)); }},
      {"energy-tables", energy_table_names, energy_table_about,
       [](const std::string& name) { return std::string(energy_table_text(name)); }},
      {"drams", dram_names, dram_about, dram_text}};
  return kinds;
}

}  // namespace chasm
