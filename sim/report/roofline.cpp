#include "sim/report/roofline.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/report/quantity.h"
#include "sim/report/run_totals.h"

namespace chasm {
namespace {

constexpr std::uint64_t kBurstBytes = 64;
constexpr auto kRight = TextTable::Align::right;

double ratio(double a, double b) { return b > 0 ? a / b : 0.0; }

RooflinePoint point(const std::string& name, const std::string& chunk, double operations,
                    double cycles, double peak, double bytes, double bandwidth) {
  RooflinePoint p{name, chunk, ratio(operations, cycles), peak, {}, peak, false};
  if (bytes <= 0) return p;
  p.intensity = operations / bytes;
  const double fed = *p.intensity * bandwidth;
  p.memory_bound = bandwidth > 0 && fed < peak;
  if (p.memory_bound) p.roof = fed;
  return p;
}

double bytes_of(const Activity& activity) {
  return static_cast<double>(kBurstBytes *
                             (activity.dram_read_bursts + activity.dram_write_bursts));
}

// Where a file does not say the peak, it follows from what was used of it.
double bandwidth_of(const RunResult& run) {
  if (run.dram_peak_bytes_per_cycle > 0) return run.dram_peak_bytes_per_cycle;
  const auto bytes = static_cast<double>(run.dram_read_bytes + run.dram_write_bytes);
  return ratio(ratio(bytes, static_cast<double>(run.cycles)), run.dram_bandwidth_utilization);
}

RooflineChunk chunk_roof(const RunResult& run, const ChunkResult& chunk, double bandwidth) {
  RooflineChunk roof;
  roof.name = chunk.name;
  roof.peak = static_cast<double>(chunk.peak_operations_per_cycle);
  roof.ridge = ratio(roof.peak, bandwidth);
  double cycles = 0, bytes = 0;
  for (const LayerResult& layer : run.layers) {
    if (layer.chunk != chunk.name) continue;
    cycles += static_cast<double>(layer.cycles());
    bytes += bytes_of(layer.activity);
  }
  roof.all_layers = point(chunk.name, chunk.name, static_cast<double>(chunk.operations), cycles,
                          roof.peak, bytes, bandwidth);
  return roof;
}

std::vector<TextTable::Cell> cells(const RooflinePoint& p) {
  return {p.name,
          p.chunk,
          p.intensity ? fmt::format("{:.2f}", *p.intensity) : std::string("no DRAM"),
          fmt::format("{:.2f}", p.operations_per_cycle),
          fmt::format("{:.2f}", p.roof),
          {percent(p.share_of_roof()), p.share_of_roof() < 0.25 ? Tone::alert : Tone::plain},
          p.memory_bound ? "DRAM" : "PEs"};
}

}  // namespace

Roofline roofline_of(const RunResult& run) {
  Roofline roofline;
  roofline.bytes_per_cycle = bandwidth_of(run);
  for (const ChunkResult& chunk : run.chunks)
    roofline.chunks.push_back(chunk_roof(run, chunk, roofline.bytes_per_cycle));
  for (const LayerResult& layer : layers_over_images(run))
    roofline.layers.push_back(point(layer.name, layer.chunk, static_cast<double>(layer.operations),
                                    static_cast<double>(layer.cycles()),
                                    static_cast<double>(layer.peak_operations_per_cycle),
                                    bytes_of(layer.activity), roofline.bytes_per_cycle));
  return roofline;
}

std::string render_roofline(const RunResult& run, const TextStyle& style) {
  const Roofline roofline = roofline_of(run);
  std::string text =
      toned(fmt::format("DRAM: at most {:.2f} bytes a cycle", roofline.bytes_per_cycle),
            Tone::strong, style) +
      "\n\n";
  TextTable chunks({{"chunk"},
                    {"peak ops/cycle", kRight},
                    {"ridge ops/byte", kRight},
                    {"its layers ops/byte", kRight},
                    {"ops/cycle", kRight},
                    {"of the roof", kRight}});
  for (const RooflineChunk& chunk : roofline.chunks) {
    const RooflinePoint& p = chunk.all_layers;
    chunks.add_row({chunk.name, fmt::format("{:.0f}", chunk.peak),
                    fmt::format("{:.2f}", chunk.ridge),
                    p.intensity ? fmt::format("{:.2f}", *p.intensity) : std::string("-"),
                    fmt::format("{:.2f}", p.operations_per_cycle), percent(p.share_of_roof())});
  }
  TextTable layers({{"layer", TextTable::Align::left, true},
                    {"chunk"},
                    {"ops/byte", kRight},
                    {"ops/cycle", kRight},
                    {"roof", kRight},
                    {"of the roof", kRight},
                    {"the roof is"}});
  for (const RooflinePoint& layer : roofline.layers) layers.add_row(cells(layer));
  return text + chunks.to_string(style) + "\n" + layers.to_string(style);
}

}  // namespace chasm
