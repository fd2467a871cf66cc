#include "models/arch/dram_link.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/check.h"
#include "models/arch/arch_fields.h"
#include "models/memory/dram/config_check.h"

namespace chasm {

namespace {

// Shipped documents are read once: the mapper asks often.
const DramConfig* shipped_dram(const std::string& name) {
  static const std::map<std::string, DramConfig> all = [] {
    std::map<std::string, DramConfig> configs;
    for (const std::string& known : dram_names()) {
      Diagnostics problems;
      auto config = load_dram(known, {}, "", problems);
      CHECK(config, "shipped DRAM {}: {}", known, problems.to_string());
      configs.emplace(known, std::move(*config));
    }
    return configs;
  }();
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

}  // namespace

std::optional<DramConfig> read_bank_dram(const DramSpec& spec, const std::string& file,
                                         Diagnostics& diagnostics) {
  const DramConfig* shipped = shipped_dram(spec.standard);
  CHECK(shipped != nullptr, "the schema let the DRAM \"{}\" pass", spec.standard);
  std::optional<DramConfig> config = *shipped;
  config->organisation.channels = spec.channels;
  config->organisation.ranks = spec.ranks;
  if (spec.mapping != "default") config->mapping = spec.mapping;
  DramControllerSpec& c = config->controller;
  c.scheduler = spec.scheduler;
  c.page_policy = spec.page_policy;
  c.page_timeout = spec.page_timeout_cycles;
  c.read_queue = spec.read_queue;
  c.write_queue = spec.write_queue;
  c.write_high = (4 * spec.write_queue + 4) / 5;
  c.write_low = spec.write_queue / 5;
  c.writes = spec.writes;
  c.refresh = spec.refresh;
  c.refresh_postpone = spec.refresh_postpone;
  c.power_down_after = spec.power_down_after_cycles;
  Diagnostics found;
  const bool ok = check_dram(*config, file, found);
  for (const Diagnostic& d : found.all()) {
    // The configuration's pointers, as the architecture calls them.
    std::string pointer = d.pointer;
    for (const char* group : {"/organisation", "/controller"})
      if (pointer.starts_with(group)) pointer.erase(0, std::string_view(group).size());
    diagnostics.error(file, "/dram" + pointer, d.message, d.hint);
  }
  if (!ok) return std::nullopt;
  return config;
}

DramConfig bank_dram(const DramSpec& spec) {
  Diagnostics problems;
  auto config = read_bank_dram(spec, "", problems);
  CHECK(config, "a checked DRAM: {}", problems.to_string());
  return std::move(*config);
}

MachineClocks machine_clocks(const ArchSpec& arch) {
  if (arch.dram.is_ideal()) return {{arch.clock_hz, 1}, {arch.clock_hz, 1}};
  const auto clocks = make_clock_domains({arch.clock_hz, bank_dram(arch.dram).clock_hz});
  return {clocks[0], clocks[1]};
}

std::uint64_t ideal_bandwidth(const DramSpec& dram) {
  const double units = dram.bandwidth_bytes_per_cycle * static_cast<double>(kBandwidthUnits);
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::round(units)));
}

DramLink dram_link(const ArchSpec& arch) {
  if (arch.dram.is_ideal())
    return {static_cast<double>(ideal_bandwidth(arch.dram) * arch.dram.channels) /
                static_cast<double>(kBandwidthUnits),
            static_cast<double>(arch.dram.latency_cycles)};
  const DramConfig config = bank_dram(arch.dram);
  const double core_cycles =
      static_cast<double>(arch.clock_hz) / static_cast<double>(config.clock_hz);
  return {config.peak_bytes_per_cycle() / core_cycles,
          (config.timing.nRCD + config.read_data_end()) * core_cycles};
}

}  // namespace chasm
