#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/report/html_page.h"
#include "sim/report/roofline.h"
#include "sim/report/run_charts.h"
#include "sim/report/svg.h"

namespace chasm {
namespace {

constexpr double kLabelGap = 14;  // pixels between labels of roofs

// What is drawn, on scales that hold all of it.
struct Bounds {
  double x_low = 1, x_high = 1, y_low = 1, y_high = 1;
};

Bounds bounds_of(const Roofline& roofline) {
  double x_low = 1e300, x_high = 0, y_low = 1e300, y_high = 0;
  const auto x = [&](double v) { x_low = std::min(x_low, v), x_high = std::max(x_high, v); };
  const auto y = [&](double v) { y_low = std::min(y_low, v), y_high = std::max(y_high, v); };
  for (const RooflinePoint& p : roofline.layers) {
    if (p.operations_per_cycle <= 0) continue;
    y(p.operations_per_cycle);
    if (p.intensity) x(*p.intensity);
  }
  for (const RooflineChunk& chunk : roofline.chunks) {
    if (chunk.peak > 0) y(chunk.peak);
    if (chunk.ridge > 0) x(chunk.ridge);
  }
  if (x_high <= 0) x(1);
  if (y_high <= 0) y(1);
  return {x_low / 2, x_high * 3, y_low / 2, y_high * 2};
}

std::size_t index_of(const Roofline& roofline, const std::string& chunk) {
  std::size_t i = 0;
  while (i < roofline.chunks.size() && roofline.chunks[i].name != chunk) ++i;
  return i;
}

std::string tip_of(const RooflinePoint& p) {
  const std::string intensity =
      p.intensity ? fmt::format("{:.3g} operations a byte", *p.intensity) : "no DRAM traffic";
  return fmt::format("{}: {}, {:.3g} operations a cycle, {:.1f}% of the roof ({})", p.name,
                     intensity, p.operations_per_cycle, 100 * p.share_of_roof(),
                     p.memory_bound ? "DRAM bandwidth" : "peak of the PEs");
}

void draw_roofs(Svg& svg, const Roofline& roofline, const Plot& plot) {
  std::vector<std::size_t> by_peak(roofline.chunks.size());
  for (std::size_t i = 0; i < by_peak.size(); ++i) by_peak[i] = i;
  std::stable_sort(by_peak.begin(), by_peak.end(), [&](std::size_t a, std::size_t b) {
    return roofline.chunks[a].peak > roofline.chunks[b].peak;
  });
  double label_y = plot.top - kLabelGap;
  for (const std::size_t c : by_peak) {
    const RooflineChunk& chunk = roofline.chunks[c];
    if (chunk.peak <= 0) continue;
    const double from = chunk.ridge > 0 ? plot.x(chunk.ridge) : plot.left, y = plot.y(chunk.peak);
    svg.line(from, y, plot.right, y, chunk_class(c) + " curve");
    label_y = std::max(label_y + kLabelGap, y);
    svg.text(plot.right + 5, label_y + 4,
             fitted(fmt::format("{} {:g}", chunk.name, chunk.peak), svg.width() - plot.right - 5));
    if (chunk.ridge <= 0) continue;
    svg.line(from, y, from, plot.bottom, chunk_class(c) + " curve dash");
    svg.rect(from - 3, y - 3, 6, 6, chunk_class(c),
             fmt::format("ridge of {}: {:.3g} operations a byte", chunk.name, chunk.ridge));
  }
}

// The bandwidth, up to the highest peak.
void draw_bandwidth(Svg& svg, const Roofline& roofline, const Plot& plot) {
  double peak = 0;
  for (const RooflineChunk& chunk : roofline.chunks) peak = std::max(peak, chunk.peak);
  const double bandwidth = roofline.bytes_per_cycle;
  if (bandwidth <= 0 || peak <= 0) return;
  const double low = std::max(plot.x.low(), plot.y.low() / bandwidth);
  svg.polyline({{plot.x(low), plot.y(low * bandwidth)}, {plot.x(peak / bandwidth), plot.y(peak)}},
               "curve ink", fmt::format("DRAM: {:.4g} bytes a cycle", bandwidth));
}

void draw_points(Svg& svg, const Roofline& roofline, const Plot& plot) {
  const auto dot = [&](const RooflinePoint& p, double radius, const std::string& classes) {
    if (p.operations_per_cycle <= 0) return;
    const double x = p.intensity ? plot.x(*p.intensity) : plot.right;
    svg.circle(x, plot.y(p.operations_per_cycle), radius, classes, tip_of(p));
  };
  for (const RooflinePoint& p : roofline.layers)
    dot(p, 4, chunk_class(index_of(roofline, p.chunk)) + " dot");
  for (const RooflineChunk& chunk : roofline.chunks)
    dot(chunk.all_layers, 8, chunk_class(index_of(roofline, chunk.name)) + " curve");
}

std::string draw(const Roofline& roofline, double width) {
  const Bounds bounds = bounds_of(roofline);
  double margin = 0;
  for (const RooflineChunk& chunk : roofline.chunks)
    margin = std::max(margin, text_width(fmt::format("{} {:g}", chunk.name, chunk.peak)) + 8);
  const double left = 48, right = width - std::min(margin, width * 0.25);
  const double top = 28, bottom = width > 500 ? 360 : 300;
  const Plot plot{left,
                  top,
                  right,
                  bottom,
                  Scale(bounds.x_low, bounds.x_high, left, right, true),
                  Scale(bounds.y_low, bounds.y_high, bottom, top, true)};
  Svg svg(width, bottom + 44,
          "Roofline: operations a cycle of each layer over its operations per DRAM byte");
  const Label label = [](double value) { return fmt::format("{:g}", value); };
  draw_axes(svg, plot, label, label, "operations per DRAM byte", "operations per cycle");
  draw_bandwidth(svg, roofline, plot);
  draw_roofs(svg, roofline, plot);
  draw_points(svg, roofline, plot);
  return svg.to_string();
}

}  // namespace

std::string roofline_chart(const RunResult& run) {
  const Roofline roofline = roofline_of(run);
  std::vector<LegendEntry> entries;
  for (std::size_t c = 0; c < roofline.chunks.size(); ++c)
    entries.push_back({chunk_class(c), roofline.chunks[c].name});
  return html_figure(legend(entries) +
                     in_both_widths([&](double width) { return draw(roofline, width); }));
}

}  // namespace chasm
