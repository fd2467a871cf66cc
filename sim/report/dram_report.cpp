#include "sim/report/dram_report.h"

#include <span>

#include <fmt/format.h>

#include "base/check.h"
#include "base/resource.h"
#include "models/memory/dram/dram_energy.h"
#include "sim/report/quantity.h"

namespace chasm {

std::span<const Resource> result_schema_resources();

namespace {

constexpr double kLineBytes = 64;
constexpr double kLineBits = 512;

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

// What both forms of the report say.
struct Totals {
  explicit Totals(const DramRun& run)
      : seconds(static_cast<double>(run.cycles) / static_cast<double>(run.config.clock_hz)),
        bytes(kLineBytes * static_cast<double>(run.stats.bursts())),
        gb_per_s(ratio(bytes, seconds) * 1e-9),
        peak_gb_per_s(run.config.peak_bytes_per_cycle() * static_cast<double>(run.config.clock_hz) *
                      1e-9),
        energy(dram_energy(run.config, run.stats)) {
    for (const DramEnergyLine& line : energy) (line.io ? io_pj : core_pj) += line.total_pj();
    bits = kLineBits * static_cast<double>(run.stats.bursts());
    bus_cycles = static_cast<double>(run.cycles) * run.config.organisation.channels;
  }
  double seconds, bytes, gb_per_s, peak_gb_per_s;
  std::vector<DramEnergyLine> energy;
  double core_pj = 0, io_pj = 0, bits = 0, bus_cycles = 0;
};

Json latency_json(const LatencyHistogram& latency) {
  if (latency.count() == 0) return {{"mean", nullptr}, {"p95", nullptr}, {"max", nullptr}};
  return {{"mean", latency.mean()}, {"p95", latency.percentile(0.95)}, {"max", latency.max()}};
}

Json histogram_json(const LatencyHistogram& latency) {
  Json bins = Json::array();
  for (const LatencyHistogram::Bin& bin : latency.bins())
    bins.push_back({{"from", bin.from}, {"to", bin.to}, {"count", bin.count}});
  return bins;
}

Json commands_json(const DramStats& stats) {
  Json commands = Json::object();
  for (std::size_t c = 0; c < kDramCommands; ++c)
    commands[kDramCommandNames[c]] = stats.commands[c];
  return commands;
}

Json bus_json(const DramStats& stats) {
  Json bus = {{"busy", stats.bus_busy}};
  for (std::size_t c = 0; c < kDramLost; ++c) bus[kDramLostNames[c]] = stats.lost[c];
  return bus;
}

Json energy_json(const Totals& totals) {
  Json lines = Json::array();
  for (const DramEnergyLine& line : totals.energy)
    if (line.count > 0)
      lines.push_back({{"action", line.action},
                       {"count", line.count},
                       {"unit_pj", line.unit_pj},
                       {"total_pj", line.total_pj()}});
  return {{"core_pj", totals.core_pj},
          {"io_pj", totals.io_pj},
          {"core_pj_per_bit", ratio(totals.core_pj, totals.bits)},
          {"io_pj_per_bit", ratio(totals.io_pj, totals.bits)},
          {"actions", lines}};
}

std::string latency_text(const LatencyHistogram& latency) {
  if (latency.count() == 0) return "none";
  return fmt::format("mean {:.1f}, 95 % within {}, longest {} cycles", latency.mean(),
                     grouped(latency.percentile(0.95)), grouped(latency.max()));
}

std::string lost_text(const DramStats& stats, const Totals& totals) {
  std::string text;
  for (std::size_t c = 0; c < kDramLost; ++c)
    if (stats.lost[c] > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", kDramLostNames[c],
                          percent(ratio(static_cast<double>(stats.lost[c]), totals.bus_cycles)));
  return text.empty() ? "nothing" : text;
}

}  // namespace

Json to_json(const DramRun& run) {
  const Totals totals(run);
  const double requests = static_cast<double>(run.stats.reads + run.stats.writes);
  return {{"schema", "chasm/dram/1"},
          {"config", run.config.name},
          {"clock_mhz", static_cast<double>(run.config.clock_hz) / 1e6},
          {"mapping", run.config.mapping},
          {"cycles", run.cycles},
          {"reads", run.stats.reads},
          {"writes", run.stats.writes},
          {"forwarded_reads", run.stats.forwarded},
          {"read_latency_cycles", latency_json(run.stats.read_latency)},
          {"read_latency_from_due_cycles", latency_json(run.latency_from_due)},
          {"row_hit_rate", run.stats.row_hit_rate()},
          {"bandwidth_gb_per_s", totals.gb_per_s},
          {"peak_bandwidth_gb_per_s", totals.peak_gb_per_s},
          {"bandwidth_utilization", ratio(totals.gb_per_s, totals.peak_gb_per_s)},
          {"data_bus_cycles", bus_json(run.stats)},
          {"commands", commands_json(run.stats)},
          {"energy_pj", totals.core_pj + totals.io_pj},
          {"energy", energy_json(totals)},
          {"read_latency_histogram", histogram_json(run.stats.read_latency)},
          {"host", {{"wall_s", run.wall_s}, {"requests_per_s", ratio(requests, run.wall_s)}}}};
}

std::string_view dram_result_schema() {
  const Resource* schema = find_resource(result_schema_resources(), "dram_result.schema");
  CHECK(schema != nullptr, "dram_result.schema.json is not in the program");
  return schema->text;
}

std::string render_report(const DramRun& run, const TextStyle& style) {
  const Totals totals(run);
  const DramStats& stats = run.stats;
  std::string text;
  const auto line = [&](const std::string& name, const std::string& value) {
    text += toned(fmt::format("{:<14}", name), Tone::strong, style) + value + "\n";
  };
  line("memory", run.config.description.empty() ? run.config.name : run.config.description);
  line("requests", fmt::format("{} reads, {} writes, mapping {}", grouped(stats.reads),
                               grouped(stats.writes), run.config.mapping));
  line("time", fmt::format("{} ({} cycles at {})", si(totals.seconds, "s"), grouped(run.cycles),
                           si(static_cast<double>(run.config.clock_hz), "Hz")));
  line("bandwidth", fmt::format("{} of {} ({})", si(totals.gb_per_s * 1e9, "B/s"),
                                si(totals.peak_gb_per_s * 1e9, "B/s"),
                                percent(ratio(totals.gb_per_s, totals.peak_gb_per_s))));
  line("lost to", lost_text(stats, totals));
  line("row hits",
       fmt::format("{} ({} activates, {} bursts)", percent(stats.row_hit_rate()),
                   grouped(stats.count(DramCommand::activate)), grouped(stats.bursts())));
  line("read latency", latency_text(stats.read_latency));
  line("  from due", latency_text(run.latency_from_due));
  line("energy", fmt::format("{}: core {:.2f} pJ/bit, pins {:.2f} pJ/bit",
                             si((totals.core_pj + totals.io_pj) * 1e-12, "J"),
                             ratio(totals.core_pj, totals.bits), ratio(totals.io_pj, totals.bits)));
  return text;
}

}  // namespace chasm
