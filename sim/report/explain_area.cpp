#include <algorithm>

#include <fmt/format.h>

#include "base/printable.h"
#include "sim/report/explain.h"
#include "sim/report/quantity.h"

namespace chasm {

std::string explain_area(const RunResult& run, const TextStyle& style) {
  if (run.area.empty() || !run.area_mm2)
    return "The energy table of the run does not have the area of all components.\n";
  constexpr auto kRight = TextTable::Align::right;
  TextTable table({{"component"}, {"mm2", kRight}, {"share", kRight}, {"source"}});
  std::vector<std::string> sources;
  for (const AreaLine& line : run.area) {
    auto at = std::find(sources.begin(), sources.end(), line.source);
    if (at == sources.end()) at = sources.insert(at, line.source);
    table.add_row({line.component, fmt::format("{:.6f}", line.mm2),
                   percent(*run.area_mm2 > 0 ? line.mm2 / *run.area_mm2 : 0),
                   fmt::format("[{}]", at - sources.begin() + 1)});
  }
  table.add_row({"all", {fmt::format("{:.6f}", *run.area_mm2), Tone::strong}, percent(1), ""});
  std::string text = table.to_string(style) + "\n";
  for (std::size_t i = 0; i < sources.size(); ++i)
    text += fmt::format("[{}] {}\n", i + 1, printable_line(sources[i]));
  return text + "Not counted: wires, control, clock tree, DMA, FIFOs.\n";
}

}  // namespace chasm
