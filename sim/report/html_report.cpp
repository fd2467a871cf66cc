#include "sim/report/html_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/report/html_page.h"
#include "sim/report/pretty_json.h"
#include "sim/report/quantity.h"
#include "sim/report/result_json.h"
#include "sim/report/roofline.h"
#include "sim/report/run_charts.h"
#include "sim/report/run_totals.h"

namespace chasm {
namespace {

std::string name_of(const Json& document) {
  const auto name = document.find("name");
  return name != document.end() && name->is_string() ? name->get<std::string>() : "?";
}

// What was asked for; what is off goes without saying.
std::string option_text(const Json& options) {
  std::string text;
  for (auto it = options.begin(); it != options.end(); ++it)
    if (*it != Json(false) && *it != Json(0u))
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", it.key(),
                          it->is_string() ? it->get<std::string>() : it->dump());
  return text;
}

std::string operations_note(const OperationCounts& counts, std::uint64_t gated) {
  std::string note;
  for (const auto& [name, count] :
       {std::pair{"multiply", counts.multiply}, {"shift", counts.shift}, {"adder", counts.adder}})
    if (count > 0)
      note += fmt::format("{}{} {}", note.empty() ? "" : ", ", si(static_cast<double>(count), ""),
                          name);
  if (gated > 0) note += fmt::format("; {} gated", si(static_cast<double>(gated), ""));
  return note;
}

std::vector<Tile> totals_tiles(const RunResult& run) {
  const RunTotals totals = totals_of(run);
  const auto bytes = static_cast<double>(run.dram_read_bytes + run.dram_write_bytes);
  std::vector<Tile> tiles = {
      {"Latency", si_html(totals.latency_s, "s"),
       fmt::format("{} cycles at {}", grouped(run.cycles), si(run.clock_hz, "Hz"))},
      {"Images per second", si(totals.images_per_s, ""),
       totals.steady_images_per_s
           ? si(*totals.steady_images_per_s, "") + " in the steady state"
           : fmt::format("{} image{}", run.images, run.images == 1 ? "" : "s")},
      {"Energy", si_html(totals.energy_j, "J"),
       si_html(totals.energy_j / static_cast<double>(run.images), "J") + " an image"},
      {"Average power", si_html(totals.average_power_w, "W"), ""},
      {"Energy-delay product", si_html(totals.edp_js, "Js"), ""},
      {"Operations", si(static_cast<double>(run.operations.total()), ""),
       operations_note(run.operations, gated_operations(run))},
      {"PE utilization", percent(run.pe_utilization), "of all PEs over the whole run"},
      {"DRAM traffic", si(bytes, "B"),
       fmt::format("{} read, {} written", si(static_cast<double>(run.dram_read_bytes), "B"),
                   si(static_cast<double>(run.dram_write_bytes), "B"))},
      {"DRAM bandwidth", si(totals.dram_bytes_per_s, "B/s"),
       percent(run.dram_bandwidth_utilization) + " of the peak"}};
  if (run.row_hit_rate)
    tiles.push_back({"DRAM row hits", percent(*run.row_hit_rate), "1 - activates / bursts"});
  if (run.area_mm2)
    tiles.push_back({"Area", fmt::format("{:.3f} mm\u00b2", *run.area_mm2),
                     "PEs, register files, global buffer"});
  return tiles;
}

std::string main_stall(const LayerResult& layer) {
  const auto begin = layer.cycles_by_cause.begin();
  const auto worst = std::max_element(begin + 1, layer.cycles_by_cause.end());
  if (*worst == 0) return "-";
  return fmt::format("{} {}", to_string(static_cast<Cause>(worst - begin)),
                     percent(static_cast<double>(*worst) / static_cast<double>(layer.cycles())));
}

std::string layer_table(const RunResult& run) {
  HtmlTable table("Layers", {{"layer"},
                             {"type"},
                             {"arithmetic"},
                             {"chunk"},
                             {"cycles", true},
                             {"of all", true},
                             {"PE util", true},
                             {"of the roof", true},
                             {"operations", true},
                             {"energy", true},
                             {"DRAM", true},
                             {"main stall"}});
  const std::vector<LayerResult> layers = layers_over_images(run);
  const Roofline roofline = roofline_of(run);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerResult& layer = layers[i];
    const auto cycles = static_cast<double>(layer.cycles());
    const auto operations = static_cast<double>(layer.operations);
    const auto bytes = static_cast<double>(
        64 * (layer.activity.dram_read_bursts + layer.activity.dram_write_bursts));
    const double of_all = run.cycles > 0 ? cycles / static_cast<double>(run.cycles) : 0;
    const double of_roof = roofline.layers[i].share_of_roof();
    table.add_row({layer.name,
                   layer.type,
                   layer.arithmetic,
                   layer.chunk,
                   {grouped(layer.cycles()), cycles},
                   {percent(of_all), of_all},
                   {percent(layer.pe_utilization()), layer.pe_utilization()},
                   {percent(of_roof), of_roof},
                   {si(operations, ""), operations},
                   {si_html(layer.energy_pj * 1e-12, "J"), layer.energy_pj},
                   {si(bytes, "B"), bytes},
                   main_stall(layer)});
  }
  return table.to_string();
}

// Sources are long and shared by many lines: a number leads to the list below the table.
std::string energy_table(const RunResult& run) {
  HtmlTable table("Energy", {{"component"},
                             {"action"},
                             {"count", true},
                             {"unit", true},
                             {"total", true},
                             {"share", true},
                             {"source"}});
  const double all = run.energy_pj();
  std::vector<std::string> sources;
  for (const EnergyEntry& e : run.energy) {
    auto at = std::find(sources.begin(), sources.end(), e.source);
    if (at == sources.end()) at = sources.insert(at, e.source);
    const auto number = at - sources.begin() + 1;
    table.add_row({e.component,
                   e.action,
                   {grouped(e.count), static_cast<double>(e.count)},
                   {fmt::format("{:.6g} pJ", e.unit_pj), e.unit_pj},
                   {si_html(e.total_pj * 1e-12, "J"), e.total_pj},
                   {percent(all > 0 ? e.total_pj / all : 0), e.total_pj},
                   {fmt::format("[{}]", number), static_cast<double>(number)}});
  }
  return table.to_string() + html_subheading("Sources of the unit energies") + html_list(sources);
}

std::string area_table(const RunResult& run) {
  HtmlTable table("Area", {{"component"}, {"mm\u00b2", true}, {"share", true}, {"source"}});
  for (const AreaLine& line : run.area)
    table.add_row({line.component,
                   {fmt::format("{:.6f}", line.mm2), line.mm2},
                   {percent(*run.area_mm2 > 0 ? line.mm2 / *run.area_mm2 : 0), line.mm2},
                   line.source});
  return table.to_string();
}

std::string inputs_section(const RunResult& run) {
  const Json inputs = result_without_layers(run).at("inputs");
  std::string hashes;
  for (auto it = inputs.at("hashes").begin(); it != inputs.at("hashes").end(); ++it)
    hashes += fmt::format("{} {}\n", it.key(), it->get<std::string>());
  std::string loops;
  for (const LayerResult& layer : layers_over_images(run))
    loops += fmt::format("{}: {} | {}\n", layer.name, layer.chunk, layer.mapping);
  return html_details("Architecture", pretty_json(run.architecture)) +
         html_details("Mapping: the loops of each layer", loops) +
         html_details("Hashes of the inputs", hashes);
}

void cycle_sections(const RunResult& run, HtmlPage& page) {
  page.section("timeline", "Over time",
               "Each bar is a layer on its chunk. The curves are means over each layer: what the "
               "layer moved and computed, spread over its cycles.",
               timeline_chart(run));
  page.section("cycles", "Where the cycles went",
               "Every cycle of a chunk has one cause. busy computes, wait_dependency waits for a "
               "layer of another chunk, idle has nothing left to do.",
               chunk_cycles_chart(run) + html_subheading("By layer") + layer_cycles_chart(run) +
                   html_subheading("Buses, DMAs and ports") + engine_chart(run));
  page.section("roofline", "Roofline",
               "A dot is a layer, a ring all layers of a chunk. The slope is the bandwidth of the "
               "DRAM, the levels are the peaks of the chunks; they meet at the ridges. Layers "
               "without DRAM traffic stand at the right edge.",
               roofline_chart(run));
}

std::string dram_body(const RunResult& run) {
  if (!run.dram)
    return html_paragraph("This DRAM is an ideal link: it has no rows and no refresh.");
  return dram_bus_chart(run);
}

}  // namespace

std::string html_report(const RunResult& run) {
  HtmlPage page(fmt::format("{} on {}", name_of(run.workload), name_of(run.architecture)),
                option_text(run.options));
  page.tiles(totals_tiles(run));
  page.section("layers", "Layers",
               run.images > 1
                   ? fmt::format("Sums over {} images. Energy is without what belongs to the run "
                                 "as a whole.",
                                 run.images)
                   : "Energy is without what belongs to the run as a whole.",
               layer_table(run));
  cycle_sections(run, page);
  page.section("energy", "Energy",
               "Every line is a count of actions times a unit energy, which has a source; all of "
               "them add up to the total.",
               component_energy_chart(run) + html_subheading("By layer") + layer_energy_chart(run) +
                   html_subheading("The whole bill") + energy_table(run));
  if (run.area_mm2 && !run.area.empty())
    page.section("area", "Area",
                 "Of PE datapaths, register files and the global buffer; not of wires, control, "
                 "clock tree, DMA and FIFOs.",
                 area_table(run));
  page.section(
      "dram", "DRAM",
      fmt::format("{} of the peak bandwidth was used{}.", percent(run.dram_bandwidth_utilization),
                  run.row_hit_rate ? fmt::format("; {} of the bursts found their row open",
                                                 percent(*run.row_hit_rate))
                                   : std::string()),
      dram_body(run));
  page.section("inputs", "Inputs", "What the run was made with, enough to repeat it.",
               inputs_section(run));
  const Json tool = result_without_layers(run).at("tool");
  page.footer(fmt::format("chasm {} (git {}), SystemC {}", tool.value("version", "?"),
                          tool.value("git", "?"), tool.value("systemc", "?")));
  return page.to_string();
}

}  // namespace chasm
