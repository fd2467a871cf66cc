#include "sim/report/run_totals.h"

#include <algorithm>
#include <map>

namespace chasm {
namespace {

double ratio(double a, double b) { return b > 0 ? a / b : 0.0; }

void add(LayerResult& to, const LayerResult& from) {
  // Only the length of the sum has a meaning: images may overlap.
  to.end_cycle += from.cycles();
  to.operations += from.operations;
  to.energy_pj += from.energy_pj;
  for (std::size_t p = 0; p < kEnergyParts; ++p)
    to.energy_by_part_pj[p] += from.energy_by_part_pj[p];
  to.activity += from.activity;
  for (std::size_t c = 0; c < kCauses; ++c) to.cycles_by_cause[c] += from.cycles_by_cause[c];
}

struct Span {
  std::uint64_t start = UINT64_MAX, end = 0;
};

// When each image was on its way, by image.
std::vector<Span> image_spans(const RunResult& run) {
  std::map<std::uint64_t, Span> spans;
  for (const LayerResult& layer : run.layers) {
    Span& span = spans[layer.image];
    span.start = std::min(span.start, layer.start_cycle);
    span.end = std::max(span.end, layer.end_cycle);
  }
  std::vector<Span> list;
  for (const auto& [image, span] : spans) list.push_back(span);
  return list;
}

void add_image_figures(const RunResult& run, RunTotals& totals) {
  const std::vector<Span> spans = image_spans(run);
  if (spans.empty()) return;
  double cycles = 0;
  std::vector<std::uint64_t> ends;
  for (const Span& span : spans) {
    cycles += static_cast<double>(span.end - span.start);
    ends.push_back(span.end);
  }
  totals.image_latency_s = ratio(cycles, static_cast<double>(spans.size()) * run.clock_hz);
  if (spans.size() < 2) return;
  // The first images fill the pipeline and the last ones drain it, so the pace is that of the
  // middle half.
  std::sort(ends.begin(), ends.end());
  const std::size_t first = (ends.size() - 1) / 4, last = ends.size() - 1 - first;
  totals.steady_images_per_s = ratio(static_cast<double>(last - first) * run.clock_hz,
                                     static_cast<double>(ends[last] - ends[first]));
}

}  // namespace

RunTotals totals_of(const RunResult& run) {
  RunTotals totals;
  totals.latency_s = run.latency_s();
  totals.images_per_s = ratio(static_cast<double>(run.images), totals.latency_s);
  totals.energy_j = run.energy_pj() * 1e-12;
  totals.edp_js = totals.energy_j * totals.latency_s;
  totals.average_power_w = ratio(totals.energy_j, totals.latency_s);
  const auto bytes = static_cast<double>(run.dram_read_bytes + run.dram_write_bytes);
  totals.dram_bytes_per_s = ratio(bytes, totals.latency_s);
  add_image_figures(run, totals);
  return totals;
}

std::uint64_t gated_operations(const RunResult& run) {
  std::uint64_t gated = 0;
  for (const LayerResult& layer : run.layers) gated += layer.activity.gated_operations;
  return gated;
}

std::vector<LayerResult> layers_over_images(const RunResult& run) {
  std::vector<LayerResult> rows;
  std::map<std::string, std::size_t> row_of;
  for (const LayerResult& layer : run.layers) {
    const auto [at, is_new] = row_of.try_emplace(layer.name, rows.size());
    if (is_new)
      rows.push_back(layer);
    else
      add(rows[at->second], layer);
  }
  return rows;
}

}  // namespace chasm
