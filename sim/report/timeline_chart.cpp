// What happened when, as far as a result says: which layer each chunk ran, and the mean rates of
// operations, buffer and DRAM during each layer.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/report/html_page.h"
#include "sim/report/quantity.h"
#include "sim/report/run_charts.h"
#include "sim/report/svg.h"

namespace chasm {
namespace {

constexpr double kBurstBytes = 64;
constexpr double kLane = 26, kLaneGap = 6;     // pixels
constexpr double kPanel = 64, kPanelGap = 34;  // a curve, and its title above
constexpr double kThinnest = 0.8;              // bars below are drawn as one with the next

struct Lane {
  std::vector<const LayerResult*> layers;  // by start
};

std::string when(const RunResult& run, const LayerResult& layer) {
  std::string text = fmt::format("{}: cycles {} to {} ({})", layer.name, grouped(layer.start_cycle),
                                 grouped(layer.end_cycle),
                                 si_html(static_cast<double>(layer.cycles()) / run.clock_hz, "s"));
  if (run.images > 1) text = fmt::format("image {}, ", layer.image) + text;
  return text + fmt::format("; PE utilization {}", percent(layer.pe_utilization()));
}

// The bars of a chunk; neighbours that would be thinner than a pixel become one.
void draw_lane(Svg& svg, const RunResult& run, const Lane& lane, const Scale& x, double top,
               const std::string& classes) {
  for (std::size_t first = 0; first < lane.layers.size();) {
    const double from = x(static_cast<double>(lane.layers[first]->start_cycle));
    std::size_t next = first;
    double to = from;
    do {
      to = std::max(to, x(static_cast<double>(lane.layers[next]->end_cycle)));
      ++next;
    } while (next < lane.layers.size() && to - from < kThinnest &&
             x(static_cast<double>(lane.layers[next]->start_cycle)) - to < kThinnest);
    const LayerResult& layer = *lane.layers[first];
    const std::string tip = next - first == 1
                                ? when(run, layer)
                                : fmt::format("{} layers, {} to {}", next - first, layer.name,
                                              lane.layers[next - 1]->name);
    svg.rect(from, top, to - from, kLane, classes + " lane", tip);
    if (next - first == 1 && text_width(layer.name) + 8 < to - from)
      svg.text((from + to) / 2, top + kLane / 2 + 4, layer.name, Anchor::middle, "label");
    first = next;
  }
}

// Amounts spread evenly over the cycles of their layer, summed in bins a pixel wide: what a bin
// shows is the exact mean of its cycles.
class Curve {
 public:
  Curve(std::size_t bins, double cycles)
      : rate_(bins, 0), cycles_a_bin_(std::max(cycles / static_cast<double>(bins), 1e-300)) {}

  void add(const LayerResult& layer, double amount) {
    const double from = static_cast<double>(layer.start_cycle) / cycles_a_bin_;
    const double to = static_cast<double>(layer.end_cycle) / cycles_a_bin_;
    if (to <= from) return;
    const double a_bin = amount / (to - from) / cycles_a_bin_;
    const auto last = std::min(static_cast<std::size_t>(to), rate_.size() - 1);
    for (auto bin = static_cast<std::size_t>(from); bin <= last; ++bin) {
      const double begin = std::max(from, static_cast<double>(bin));
      const double end = std::min(to, static_cast<double>(bin + 1));
      if (end > begin) rate_[bin] += a_bin * (end - begin);
    }
  }
  void add(const Curve& other) {
    for (std::size_t i = 0; i < rate_.size(); ++i) rate_[i] += other.rate_[i];
  }
  double peak() const { return *std::max_element(rate_.begin(), rate_.end()); }
  // The outline of the area below, in steps.
  std::vector<std::pair<double, double>> outline(double left, const Scale& y) const {
    std::vector<std::pair<double, double>> points = {{left, y(0)}};
    for (std::size_t i = 0; i < rate_.size(); ++i) {
      const double x = left + static_cast<double>(i);
      // Equal neighbours are one step.
      if (i > 0 && coordinate(y(rate_[i])) == coordinate(y(rate_[i - 1]))) {
        points.back().first = x + 1;
        continue;
      }
      points.emplace_back(x, y(rate_[i]));
      points.emplace_back(x + 1, y(rate_[i]));
    }
    points.emplace_back(left + static_cast<double>(rate_.size()), y(0));
    return points;
  }

 private:
  std::vector<double> rate_;  // a cycle, by bin
  double cycles_a_bin_;
};

double buffer_bytes(const LayerResult& layer) {
  double bits = 0;
  for (std::size_t k = 0; k < kWordKinds; ++k) {
    const ReadsWrites& words = layer.activity.buffer.values[k];
    bits += static_cast<double>(words.reads + words.writes) * layer.widths.stored.values[k];
  }
  return bits / 8;
}

struct Panel {
  std::string title;
  std::vector<std::pair<std::string, Curve>> curves;  // classes; drawn from the first
  double limit = 0;                                   // a dashed line; 0: none
};

std::vector<Panel> panels_of(const RunResult& run, std::size_t bins) {
  const auto cycles = static_cast<double>(run.cycles);
  Curve operations(bins, cycles), buffer(bins, cycles), read(bins, cycles), both(bins, cycles);
  for (const LayerResult& layer : run.layers) {
    operations.add(layer, static_cast<double>(layer.operations));
    buffer.add(layer, buffer_bytes(layer));
    const double reads = kBurstBytes * static_cast<double>(layer.activity.dram_read_bursts);
    read.add(layer, reads);
    both.add(layer, kBurstBytes * static_cast<double>(layer.activity.dram_write_bursts));
  }
  both.add(read);
  return {{"operations a cycle, all chunks", {{"s1", operations}}, 0},
          {"global buffer, bytes a cycle", {{"s3", buffer}}, 0},
          {fmt::format("DRAM, bytes a cycle (peak {:.4g})", run.dram_peak_bytes_per_cycle),
           {{"s2", both}, {"s4", read}},
           run.dram_peak_bytes_per_cycle}};
}

void draw_panel(Svg& svg, const Panel& panel, double left, double right, double top) {
  double high = 0;
  for (const auto& [classes, curve] : panel.curves) high = std::max(high, curve.peak());
  // A limit far above would flatten the curve: its title names it.
  const bool near = panel.limit > 0 && panel.limit < 2.5 * high;
  high = std::max(high, near ? panel.limit : 0);
  const Scale y(0, high > 0 ? high : 1, top + kPanel, top);
  svg.text(left, top - 8, panel.title, Anchor::start, "note");
  for (const double value : y.ticks(2)) {
    svg.line(left, y(value), right, y(value), "grid");
    svg.text(left - 6, y(value) + 4, fmt::format("{:g}", value), Anchor::end, "axis");
  }
  for (const auto& [classes, curve] : panel.curves)
    svg.polyline(curve.outline(left, y), classes + " area");
  if (near) svg.line(left, y(panel.limit), right, y(panel.limit), "curve ink dash");
}

std::string draw(const RunResult& run, double width) {
  double left = 42;
  for (const ChunkResult& chunk : run.chunks) left = std::max(left, text_width(chunk.name) + 12);
  left = std::min(left, width * 0.3);
  const double right = left + std::floor(width - left - 10);
  const auto panels = panels_of(run, static_cast<std::size_t>(right - left));
  const double lanes = static_cast<double>(run.chunks.size()) * (kLane + kLaneGap);
  const double bottom = 4 + lanes + static_cast<double>(panels.size()) * (kPanel + kPanelGap);
  Svg svg(width, bottom + 40, "What each chunk, the global buffer and the DRAM did over time");
  const Scale x(0, run.cycles > 0 ? static_cast<double>(run.cycles) : 1, left, right);
  const Scale seconds(0, x.high() / run.clock_hz, left, right);
  for (const double value : seconds.ticks(static_cast<std::size_t>((right - left) / 90))) {
    svg.line(seconds(value), 4, seconds(value), bottom, "grid");
    const double half = text_width(tick_label(value, "s")) / 2;
    svg.text(std::min(seconds(value), width - half), bottom + 16, tick_label(value, "s"),
             Anchor::middle, "axis");
  }
  svg.text((left + right) / 2, bottom + 34, "time", Anchor::middle, "axis-title");
  double top = 4;
  for (std::size_t c = 0; c < run.chunks.size(); ++c, top += kLane + kLaneGap) {
    Lane lane;
    for (const LayerResult& layer : run.layers)
      if (layer.chunk == run.chunks[c].name) lane.layers.push_back(&layer);
    std::stable_sort(lane.layers.begin(), lane.layers.end(),
                     [](const auto* a, const auto* b) { return a->start_cycle < b->start_cycle; });
    svg.text(left - 6, top + kLane / 2 + 4, fitted(run.chunks[c].name, left - 8), Anchor::end);
    draw_lane(svg, run, lane, x, top, chunk_class(c));
  }
  for (const Panel& panel : panels) {
    draw_panel(svg, panel, left, right, top + kPanelGap - 6);
    top += kPanel + kPanelGap;
  }
  return svg.to_string();
}

}  // namespace

std::string timeline_chart(const RunResult& run) {
  return html_figure(
      legend(
          {{"s1", "operations"}, {"s3", "buffer"}, {"s4", "DRAM reads"}, {"s2", "DRAM writes"}}) +
      in_both_widths([&](double width) { return draw(run, width); }));
}

}  // namespace chasm
