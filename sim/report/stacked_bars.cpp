#include "sim/report/stacked_bars.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace chasm {
namespace {

constexpr double kRow = 20, kBar = 14;   // pixels
constexpr double kHead = 6, kFoot = 44;  // above the rows; axis and its title below
constexpr double kValueRoom = 72;        // of the number right of a bar

double total_of(const StackedRow& row) {
  return std::accumulate(row.parts.begin(), row.parts.end(), 0.0);
}

void draw_row(Svg& svg, const StackedBars& chart, const StackedRow& row, const Plot& plot,
              double top) {
  const double total = total_of(row);
  svg.text(plot.left - 6, top + kBar - 3, fitted(row.label, plot.left - 6), Anchor::end);
  double sum = 0;
  for (std::size_t p = 0; p < row.parts.size(); ++p) {
    const double from = plot.x(sum), to = plot.x(sum += row.parts[p]);
    if (row.parts[p] <= 0) continue;
    svg.rect(from, top, to - from, kBar, chart.parts[p].classes + " bar",
             fmt::format("{}, {}: {} ({:.1f}%)", row.label, chart.parts[p].text,
                         chart.value(row.parts[p]), 100 * row.parts[p] / total));
  }
  if (chart.end <= 0)
    svg.text(plot.x(total) + 5, top + kBar - 3, chart.value(total), Anchor::start, "note");
}

std::string draw(const StackedBars& chart, double width) {
  double longest = 0, label = 0;
  for (const StackedRow& row : chart.rows) {
    longest = std::max(longest, total_of(row));
    label = std::max(label, text_width(row.label));
  }
  const double right = width - (chart.end > 0 ? text_width("100 %") / 2 : kValueRoom);
  const double end = chart.end > 0 ? chart.end : longest > 0 ? longest : 1;
  const double left = std::min(label + 10, width * 0.32);
  const double bottom = kHead + kRow * static_cast<double>(chart.rows.size());
  const Plot plot{
      left, kHead, right, bottom, Scale(0, end, left, right), Scale(0, 1, bottom, bottom)};
  Svg svg(width, bottom + kFoot, chart.title);
  const auto ticks = plot.x.ticks(static_cast<std::size_t>((plot.right - left) / 90));
  for (const double value : ticks) {
    svg.line(plot.x(value), kHead, plot.x(value), bottom, "grid");
    svg.text(plot.x(value), bottom + 16, chart.tick(value), Anchor::middle, "axis");
  }
  svg.text((left + plot.right) / 2, bottom + 34, chart.axis, Anchor::middle, "axis-title");
  double top = kHead + (kRow - kBar) / 2;
  for (const StackedRow& row : chart.rows) {
    draw_row(svg, chart, row, plot, top);
    top += kRow;
  }
  return svg.to_string();
}

}  // namespace

std::string stacked_bars(const StackedBars& chart) {
  std::vector<LegendEntry> used;
  for (std::size_t p = 0; p < chart.parts.size(); ++p)
    if (std::any_of(chart.rows.begin(), chart.rows.end(),
                    [p](const StackedRow& row) { return row.parts[p] > 0; }))
      used.push_back(chart.parts[p]);
  return legend(used) + in_both_widths([&](double width) { return draw(chart, width); });
}

}  // namespace chasm
