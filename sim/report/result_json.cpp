#include "sim/report/result_json.h"

#include <span>

#include "base/check.h"
#include "base/fingerprint.h"
#include "base/resource.h"
#include "sim/report/pretty_json.h"
#include "sim/report/run_totals.h"
#include "sim/report/tool_info.h"

namespace chasm {

std::span<const Resource> result_schema_resources();

namespace {

constexpr std::uint64_t kBurstBytes = 64;

std::string fingerprint(const Json& value) {
  return fnv1a64(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json tool_json() {
  const ToolInfo tool = tool_info();
  return {{"version", tool.version}, {"git", tool.git}, {"systemc", tool.systemc}};
}

Json inputs_json(const RunResult& run) {
  Json inputs;
  inputs["architecture"] = run.architecture;
  inputs["workload"] = run.workload;
  inputs["mapping"] = run.mapping;
  inputs["options"] = run.options;
  Json hashes;
  for (const char* part : {"architecture", "workload", "mapping", "options"})
    hashes[part] = fingerprint(inputs[part]);
  inputs["hashes"] = hashes;
  return inputs;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// Of the memory clock, all channels; they add up.
Json data_bus_json(const RunResult& run) {
  if (!run.dram) return nullptr;
  Json bus = {{"busy", run.dram->bus_busy}};
  for (std::size_t c = 0; c < kDramLost; ++c) bus[kDramLostNames[c]] = run.dram->lost[c];
  return bus;
}

}  // namespace

Json totals_json(const RunResult& run) {
  const RunTotals totals = totals_of(run);
  return {{"cycles", run.cycles},
          {"clock_hz", run.clock_hz},
          {"latency_s", totals.latency_s},
          {"images", run.images},
          {"images_per_s", totals.images_per_s},
          {"image_latency_s", totals.image_latency_s},
          {"steady_images_per_s", or_null(totals.steady_images_per_s)},
          {"operations",
           {{"multiply", run.operations.multiply},
            {"shift", run.operations.shift},
            {"adder", run.operations.adder}}},
          {"energy_j", totals.energy_j},
          {"edp_js", totals.edp_js},
          {"average_power_w", totals.average_power_w},
          {"pe_utilization", run.pe_utilization},
          {"area_mm2", or_null(run.area_mm2)},
          {"dram",
           {{"read_bytes", run.dram_read_bytes},
            {"write_bytes", run.dram_write_bytes},
            {"bandwidth_bytes_per_s", totals.dram_bytes_per_s},
            {"bandwidth_utilization", run.dram_bandwidth_utilization},
            {"peak_bytes_per_cycle", run.dram_peak_bytes_per_cycle},
            {"row_hit_rate", or_null(run.row_hit_rate)},
            {"data_bus_cycles", data_bus_json(run)}}}};
}

namespace {

Json energy_json(const RunResult& run) {
  Json entries = Json::array();
  for (const EnergyEntry& e : run.energy)
    entries.push_back({{"component", e.component},
                       {"action", e.action},
                       {"count", e.count},
                       {"unit_pj", e.unit_pj},
                       {"total_pj", e.total_pj},
                       {"source", e.source}});
  return entries;
}

Json area_json(const RunResult& run) {
  Json entries = Json::array();
  for (const AreaLine& line : run.area)
    entries.push_back({{"component", line.component}, {"mm2", line.mm2}, {"source", line.source}});
  return entries;
}

Json causes_json(const CyclesByCause& cycles) {
  Json causes;
  for (std::size_t c = 0; c < kCauses; ++c) causes[to_string(static_cast<Cause>(c))] = cycles[c];
  return causes;
}

Json reads_writes(const ReadsWrites& words) {
  return {{"reads", words.reads}, {"writes", words.writes}};
}

// Partial sums live in the space of the outputs and are of their own width: they count as output
// words, and how many of them there are is said beside.
Json level_json(const PerKind<ReadsWrites>& level) {
  const ReadsWrites& psum = level[WordKind::psum];
  const ReadsWrites& output = level[WordKind::output];
  return {{"input", reads_writes(level[WordKind::input])},
          {"weight", reads_writes(level[WordKind::weight])},
          {"output",
           {{"reads", output.reads + psum.reads},
            {"writes", output.writes + psum.writes},
            {"psum_reads", psum.reads},
            {"psum_writes", psum.writes}}}};
}

Json bus_json(const Activity& activity) {
  Json bus;
  for (std::size_t k = 0; k < kWordKinds; ++k) {
    const auto kind = static_cast<WordKind>(k);
    bus[to_string(kind)] = {{"words", activity.bus_words[kind]},
                            {"receivers", activity.bus_receivers[kind]}};
  }
  bus["reduction"] = {{"words", activity.reduction_words}};
  return bus;
}

Json bits_json(const PerKind<std::uint32_t>& bits) {
  Json json;
  for (std::size_t k = 0; k < kWordKinds; ++k)
    json[to_string(static_cast<WordKind>(k))] = bits.values[k];
  return json;
}

Json kept_json(const LayerResult& layer) {
  Json kept = Json::array();
  for (const Operand operand : kAllOperands)
    if (layer.kept[static_cast<std::size_t>(operand)]) kept.push_back(to_string(operand));
  return kept;
}

Json parts_json(const EnergyByPart& energy) {
  Json parts;
  for (std::size_t p = 0; p < kEnergyParts; ++p)
    parts[to_string(static_cast<EnergyPart>(p))] = energy[p];
  return parts;
}

Json layer_json(const LayerResult& layer) {
  const Activity& activity = layer.activity;
  return {
      {"name", layer.name},
      {"type", layer.type},
      {"arithmetic", layer.arithmetic},
      {"chunk", layer.chunk},
      {"image", layer.image},
      {"start_cycle", layer.start_cycle},
      {"end_cycle", layer.end_cycle},
      {"cycles", layer.cycles()},
      {"operations", layer.operations},
      {"gated_operations", layer.activity.gated_operations},
      {"peak_operations_per_cycle", layer.peak_operations_per_cycle},
      {"pe_utilization", layer.pe_utilization()},
      {"energy_pj", layer.energy_pj},
      {"energy_by_part_pj", parts_json(layer.energy_by_part_pj)},
      {"dram_bytes",
       {{"read", activity.dram_read_bursts * kBurstBytes},
        {"write", activity.dram_write_bursts * kBurstBytes}}},
      {"traffic_words",
       {{"dram", level_json(activity.dram)},
        {"buffer", level_json(activity.buffer)},
        {"bus", bus_json(activity)},
        {"rf", level_json(activity.register_file)}}},
      {"bits", {{"stored", bits_json(layer.widths.stored)}, {"pe", bits_json(layer.widths.pe)}}},
      {"kept", kept_json(layer)},
      {"overflows", activity.overflows},
      {"cycles_by_cause", causes_json(layer.cycles_by_cause)},
      {"mapping", layer.mapping}};
}

Json chunk_json(const ChunkResult& chunk) {
  const auto busy = static_cast<std::size_t>(Cause::busy);
  return {{"name", chunk.name},
          {"pes", chunk.pes},
          {"operations", chunk.operations},
          {"peak_operations_per_cycle", chunk.peak_operations_per_cycle},
          {"busy_cycles", chunk.cycles_by_cause[busy]},
          {"pe_utilization", chunk.pe_utilization},
          {"cycles_by_cause", causes_json(chunk.cycles_by_cause)}};
}

Json engine_json(const EngineReport& engine) {
  Json states;
  for (std::size_t s = 0; s < kEngineStates; ++s)
    states[to_string(static_cast<EngineState>(s))] = engine.cycles[s];
  return {{"name", engine.name}, {"cycles_by_state", states}};
}

Json host_json(const RunResult& run) {
  const double speed = run.wall_s > 0 ? static_cast<double>(run.cycles) / run.wall_s : 0.0;
  return {{"wall_s", run.wall_s},
          {"simulated_cycles_per_s", speed},
          {"peak_rss_bytes", run.peak_rss_bytes},
          {"kernel_activations", run.kernel_activations}};
}

}  // namespace

Json result_without_layers(const RunResult& run) {
  Json result;
  result["schema"] = "chasm/result/1";
  result["tool"] = run.tool.is_null() ? tool_json() : run.tool;
  result["inputs"] = inputs_json(run);
  result["totals"] = totals_json(run);
  result["energy"] = energy_json(run);
  result["area"] = area_json(run);
  result["layers"] = Json::array();
  result["chunks"] = Json::array();
  for (const ChunkResult& chunk : run.chunks) result["chunks"].push_back(chunk_json(chunk));
  result["engines"] = Json::array();
  for (const EngineReport& engine : run.engines) result["engines"].push_back(engine_json(engine));
  result["host"] = host_json(run);
  return result;
}

Json to_json(const RunResult& run) {
  Json result = result_without_layers(run);
  for (const LayerResult& layer : run.layers) result["layers"].push_back(layer_json(layer));
  return result;
}

void write_result(const RunResult& run, const std::function<void(std::string_view)>& sink) {
  PrettyObject object(sink);
  const Json others = result_without_layers(run);
  for (const auto& [key, value] : others.items()) {
    if (key != "layers" || run.layers.empty()) {
      object.member(key, value);
      continue;
    }
    object.begin_rows(key);
    for (const LayerResult& layer : run.layers) object.row(layer_json(layer));
    object.end_rows();
  }
  object.end();
}

std::string_view result_schema() {
  const Resource* schema = find_resource(result_schema_resources(), "result.schema");
  CHECK(schema != nullptr, "result.schema.json is not in the program");
  return schema->text;
}

}  // namespace chasm
