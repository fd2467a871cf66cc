#include "sim/report/result_reader.h"

#include <filesystem>

#include <fmt/format.h>

#include "base/check.h"
#include "sim/report/result_json.h"

namespace chasm {
namespace {

constexpr std::uint64_t kBurstBytes = 64;

std::uint64_t count(const Json& json, const char* key) { return json.at(key).get<std::uint64_t>(); }
double number(const Json& json, const char* key) { return json.at(key).get<double>(); }
std::string text(const Json& json, const char* key) { return json.at(key).get<std::string>(); }

std::optional<double> number_or_none(const Json& json, const char* key) {
  return json.at(key).is_null() ? std::nullopt : std::optional(number(json, key));
}

CyclesByCause causes_of(const Json& json) {
  CyclesByCause cycles{};
  for (std::size_t c = 0; c < kCauses; ++c)
    cycles[c] = count(json, to_string(static_cast<Cause>(c)));
  return cycles;
}

ReadsWrites reads_writes(const Json& json) { return {count(json, "reads"), count(json, "writes")}; }

// Partial sums stand among the outputs of the file.
PerKind<ReadsWrites> level_of(const Json& json) {
  PerKind<ReadsWrites> level;
  level[WordKind::input] = reads_writes(json.at("input"));
  level[WordKind::weight] = reads_writes(json.at("weight"));
  const Json& output = json.at("output");
  const ReadsWrites all = reads_writes(output);
  const ReadsWrites psum = {count(output, "psum_reads"), count(output, "psum_writes")};
  level[WordKind::psum] = psum;
  level[WordKind::output] = {all.reads - psum.reads, all.writes - psum.writes};
  return level;
}

PerKind<std::uint32_t> bits_of(const Json& json) {
  PerKind<std::uint32_t> bits;
  for (std::size_t k = 0; k < kWordKinds; ++k)
    bits.values[k] = json.at(to_string(static_cast<WordKind>(k))).get<std::uint32_t>();
  return bits;
}

Activity activity_of(const Json& json) {
  Activity activity;
  activity.pe_operations = count(json, "operations");
  if (json.contains("gated_operations"))
    activity.gated_operations = count(json, "gated_operations");
  const Json& words = json.at("traffic_words");
  activity.dram = level_of(words.at("dram"));
  activity.buffer = level_of(words.at("buffer"));
  activity.register_file = level_of(words.at("rf"));
  const Json& bus = words.at("bus");
  for (std::size_t k = 0; k < kWordKinds; ++k) {
    const Json& kind = bus.at(to_string(static_cast<WordKind>(k)));
    activity.bus_words.values[k] = count(kind, "words");
    activity.bus_receivers.values[k] = count(kind, "receivers");
  }
  activity.reduction_words = count(bus.at("reduction"), "words");
  activity.dram_read_bursts = count(json.at("dram_bytes"), "read") / kBurstBytes;
  activity.dram_write_bursts = count(json.at("dram_bytes"), "write") / kBurstBytes;
  activity.overflows = count(json, "overflows");
  return activity;
}

LayerResult layer_of(const Json& json) {
  LayerResult layer;
  layer.name = text(json, "name");
  layer.type = text(json, "type");
  layer.arithmetic = text(json, "arithmetic");
  layer.chunk = text(json, "chunk");
  layer.image = count(json, "image");
  layer.start_cycle = count(json, "start_cycle");
  layer.end_cycle = count(json, "end_cycle");
  layer.operations = count(json, "operations");
  layer.peak_operations_per_cycle = count(json, "peak_operations_per_cycle");
  layer.cycles_by_cause = causes_of(json.at("cycles_by_cause"));
  layer.activity = activity_of(json);
  layer.widths = {bits_of(json.at("bits").at("stored")), bits_of(json.at("bits").at("pe"))};
  for (const Operand operand : kAllOperands)
    for (const Json& kept : json.at("kept"))
      layer.kept[static_cast<std::size_t>(operand)] |= kept == to_string(operand);
  layer.energy_pj = number(json, "energy_pj");
  if (const auto parts = json.find("energy_by_part_pj"); parts != json.end())
    for (std::size_t p = 0; p < kEnergyParts; ++p)
      layer.energy_by_part_pj[p] = number(*parts, to_string(static_cast<EnergyPart>(p)));
  layer.mapping = text(json, "mapping");
  return layer;
}

ChunkResult chunk_of(const Json& json) {
  return {text(json, "name"),
          count(json, "pes"),
          count(json, "operations"),
          count(json, "peak_operations_per_cycle"),
          number(json, "pe_utilization"),
          causes_of(json.at("cycles_by_cause"))};
}

EngineReport engine_of(const Json& json) {
  EngineReport engine{text(json, "name"), {}};
  for (std::size_t s = 0; s < kEngineStates; ++s)
    engine.cycles[s] = count(json.at("cycles_by_state"), to_string(static_cast<EngineState>(s)));
  return engine;
}

void read_dram(const Json& json, RunResult& run) {
  run.dram_read_bytes = count(json, "read_bytes");
  run.dram_write_bytes = count(json, "write_bytes");
  run.dram_bandwidth_utilization = number(json, "bandwidth_utilization");
  run.dram_peak_bytes_per_cycle = json.value("peak_bytes_per_cycle", 0.0);
  run.row_hit_rate = number_or_none(json, "row_hit_rate");
  const Json& bus = json.at("data_bus_cycles");
  if (bus.is_null()) return;
  run.dram.emplace();
  run.dram->bus_busy = count(bus, "busy");
  for (std::size_t c = 0; c < kDramLost; ++c) run.dram->lost[c] = count(bus, kDramLostNames[c]);
}

void read_totals(const Json& json, RunResult& run) {
  run.cycles = count(json, "cycles");
  run.clock_hz = number(json, "clock_hz");
  run.images = count(json, "images");
  const Json& operations = json.at("operations");
  run.operations = {count(operations, "multiply"), count(operations, "shift"),
                    count(operations, "adder")};
  run.pe_utilization = number(json, "pe_utilization");
  run.area_mm2 = number_or_none(json, "area_mm2");
  read_dram(json.at("dram"), run);
}

RunResult result_of(const Json& json) {
  RunResult run;
  run.tool = json.at("tool");
  const Json& inputs = json.at("inputs");
  run.architecture = inputs.at("architecture");
  run.workload = inputs.at("workload");
  run.mapping = inputs.at("mapping");
  run.options = inputs.at("options");
  read_totals(json.at("totals"), run);
  for (const Json& e : json.at("energy"))
    run.energy.push_back({text(e, "component"), text(e, "action"), count(e, "count"),
                          number(e, "unit_pj"), number(e, "total_pj"), text(e, "source")});
  for (const Json& line : json.value("area", Json::array()))
    run.area.push_back({text(line, "component"), number(line, "mm2"), text(line, "source")});
  for (const Json& layer : json.at("layers")) run.layers.push_back(layer_of(layer));
  for (const Json& chunk : json.at("chunks")) run.chunks.push_back(chunk_of(chunk));
  for (const Json& engine : json.at("engines")) run.engines.push_back(engine_of(engine));
  const Json& host = json.at("host");
  run.wall_s = number(host, "wall_s");
  run.peak_rss_bytes = count(host, "peak_rss_bytes");
  run.kernel_activations = count(host, "kernel_activations");
  return run;
}

// What a view would compute with must make sense: layers end after they start, and partial sums
// are among the outputs.
void check_layers(const Document& document, Diagnostics& problems) {
  const Json& layers = document.root.at("layers");
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string pointer = fmt::format("/layers/{}", i);
    if (count(layers[i], "end_cycle") < count(layers[i], "start_cycle"))
      problems.error(document.file, pointer + "/end_cycle", "the layer ends before it starts");
    if (layers[i].contains("gated_operations") &&
        count(layers[i], "gated_operations") > count(layers[i], "operations"))
      problems.error(document.file, pointer + "/gated_operations",
                     "more operations were gated than there are");
    for (const char* level : {"dram", "buffer", "rf"}) {
      const Json& words = layers[i].at("traffic_words").at(level).at("output");
      if (count(words, "psum_reads") > count(words, "reads") ||
          count(words, "psum_writes") > count(words, "writes"))
        problems.error(document.file, pointer + "/traffic_words/" + level + "/output",
                       "there are more partial sums than words");
    }
  }
}

// Totals follow from the entries; a file where they do not was edited.
void check_totals(const Document& document, const RunResult& run, Diagnostics& problems) {
  const Json& stated = document.root.at("totals");
  const Json computed = totals_json(run);
  for (const char* key : {"latency_s", "images_per_s", "image_latency_s", "steady_images_per_s",
                          "energy_j", "edp_js", "average_power_w"})
    if (stated.at(key) != computed.at(key))
      problems.error(document.file, fmt::format("/totals/{}", key),
                     fmt::format("it is {}, but the rest of the file makes it {}",
                                 stated.at(key).dump(), computed.at(key).dump()),
                     "was the file edited?");
}

}  // namespace

std::optional<RunResult> read_result(const Document& document, Diagnostics& problems) {
  const std::size_t before = problems.error_count();
  const Json& root = document.root;
  const std::string kind = root.is_object() && root.contains("schema") && root["schema"].is_string()
                               ? root["schema"].get<std::string>()
                               : "";
  if (!kind.starts_with("chasm/result/")) {
    problems.error(document.file, "", "this is no result of \"chasm run\"",
                   "\"chasm run -o DIR\" writes DIR/result.json");
    return std::nullopt;
  }
  static const Schema schema(Json::parse(result_schema()));
  if (!schema.validate(root, document.file, problems)) return std::nullopt;
  check_layers(document, problems);
  if (problems.error_count() != before) return std::nullopt;
  RunResult run = result_of(root);
  check_totals(document, run, problems);
  if (problems.error_count() != before) return std::nullopt;
  return run;
}

std::optional<RunResult> load_result(const std::string& path, Diagnostics& problems) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const std::string file =
      fs::is_directory(path, ignored) ? (fs::path(path) / "result.json").string() : path;
  const std::optional<Document> document = read_json_file(file, problems);
  return document ? read_result(*document, problems) : std::nullopt;
}

}  // namespace chasm
