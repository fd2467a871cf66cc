#include "sim/sweep/sweep_spec.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <span>

#include "base/check.h"
#include "base/named_document.h"
#include "base/resource.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "models/arch/document_edit.h"
#include "sim/sweep/figures.h"
#include "sim/sweep/sweep_check.h"

namespace chasm {

std::span<const Resource> sweep_schema_resources();
std::span<const Resource> shipped_sweep_resources();

namespace {

namespace fs = std::filesystem;

const Json& parsed_schema() {
  static const Json schema = [] {
    Diagnostics problems;
    auto document = parse_json(sweep_schema(), "sweep.schema.json", problems);
    CHECK(document, "{}", problems.to_string());
    return std::move(document->root);
  }();
  return schema;
}

std::string anchored(const std::string& written, const std::string& folder) {
  return folder.empty() || fs::path(written).is_absolute() ? written
                                                           : (fs::path(folder) / written).string();
}

std::string default_name(const std::string& path) {
  return path.starts_with("arch.") ? path.substr(5) : path;
}

bool is_whole(const Json& number) {
  return number.is_number_integer() ||
         (number.is_number() && std::floor(number.get<double>()) == number.get<double>());
}

SweepRange read_range(const Json& json) {
  SweepRange range;
  range.from = json.at("from").get<double>();
  range.to = json.at("to").get<double>();
  range.log = json.value("scale", "linear") == "log";
  range.integer = json.value("integer", is_whole(json.at("from")) && is_whole(json.at("to")));
  range.steps = json.value("steps", std::size_t{0});
  return range;
}

SweepAxis read_axis(const Json& json) {
  SweepAxis axis;
  const Json& path = json.at("path");
  if (path.is_string()) axis.paths.push_back(path.get<std::string>());
  if (path.is_array()) axis.paths = path.get<std::vector<std::string>>();
  axis.name = json.value("name", default_name(axis.paths.front()));
  if (json.contains("values"))
    axis.values.assign(json.at("values").begin(), json.at("values").end());
  if (json.contains("range")) axis.range = read_range(json.at("range"));
  return axis;
}

// Every path that a listed point sets, in the order in which they come up.
std::vector<SweepAxis> axes_of_list(const std::vector<Json>& list) {
  std::vector<SweepAxis> axes;
  std::set<std::string> seen;
  for (const Json& point : list)
    for (const auto& [path, value] : point.items())
      if (seen.insert(path).second) axes.push_back({default_name(path), {path}, {}, std::nullopt});
  return axes;
}

void read_goals(const Json& root, SweepSpec& spec) {
  const Json constraints = root.value("constraints", Json::object());
  for (const auto& [figure, bounds] : constraints.items()) {
    SweepConstraint constraint{canonical_figure(figure), std::nullopt, std::nullopt};
    if (bounds.contains("min")) constraint.min = bounds.at("min").get<double>();
    if (bounds.contains("max")) constraint.max = bounds.at("max").get<double>();
    spec.constraints.push_back(constraint);
  }
  const Json objectives = root.value("objectives", Json::array({"latency_s", "energy_j"}));
  for (const Json& objective : objectives) {
    const std::string figure = canonical_figure(
        (objective.is_string() ? objective : objective.at("figure")).get<std::string>());
    const bool gain = is_gain(figure);
    spec.objectives.push_back({figure, objective.is_object()
                                           ? objective.value("goal", gain ? "max" : "min") == "max"
                                           : gain});
  }
}

SweepSpec read(const Document& document) {
  const Json& root = document.root;
  SweepSpec spec;
  spec.document = document;
  if (sweep_text(document.file).empty())
    spec.folder = fs::path(document.file).parent_path().string();
  spec.name = root.at("name").get<std::string>();
  const Json& base = root.at("base");
  spec.arch = base.at("arch").get<std::string>();
  spec.workload = base.at("workload").get<std::string>();
  spec.set = base.value("set", Json::object());
  spec.options = base.value("options", Json::object());
  for (const Json& axis : root.value("axes", Json::array())) spec.axes.push_back(read_axis(axis));
  const std::string kind = root.value("sampling", Json::object()).value("kind", "grid");
  spec.sampling = kind == "random"            ? Sampling::random
                  : kind == "latin-hypercube" ? Sampling::latin_hypercube
                                              : Sampling::grid;
  if (root.contains("sampling")) {
    spec.draws = root.at("sampling").value("points", std::size_t{0});
    spec.seed = root.at("sampling").value("seed", std::uint64_t{1});
  }
  if (root.contains("points")) {
    spec.sampling = Sampling::list;
    spec.list.assign(root.at("points").begin(), root.at("points").end());
    const std::vector<SweepAxis> axes = axes_of_list(spec.list);
    spec.axes.insert(spec.axes.end(), axes.begin(), axes.end());
  }
  read_goals(root, spec);
  const Json limits = root.value("limits", Json::object());
  if (limits.contains("seconds")) spec.seconds = limits.at("seconds").get<double>();
  if (limits.contains("memory_mb"))
    spec.memory_bytes = limits.at("memory_mb").get<std::uint64_t>() * 1'000'000;
  return spec;
}

}  // namespace

std::string SweepSpec::arch_place(const std::string& written) const {
  return preset_text(written).empty() ? anchored(written, folder) : written;
}

std::string SweepSpec::workload_place(const std::string& written) const {
  return zoo_text(written).empty() ? anchored(written, folder) : written;
}

std::string SweepSpec::file_place(const std::string& written) const {
  return anchored(written, folder);
}

SweepPath parse_sweep_path(const std::string& path) {
  const std::size_t dot = path.find('.');
  const std::string head = path.substr(0, dot);
  const std::string key = dot == std::string::npos ? "" : path.substr(dot + 1);
  const bool whole = dot == std::string::npos;
  if (head == "arch") return {whole ? PathKind::arch : PathKind::arch_key, key};
  if (head == "workload") return {whole ? PathKind::workload : PathKind::workload_key, key};
  if (head == "options" && !whole) return {PathKind::option, key};
  return {PathKind::unknown, key};
}

std::optional<Document> load_sweep_document(const std::string& name_or_path,
                                            Diagnostics& diagnostics) {
  static constexpr ShippedDocuments kSweeps{"sweep", "sweeps", sweep_names, sweep_text};
  return load_named_document(name_or_path, kSweeps, diagnostics);
}

std::optional<SweepSpec> read_sweep(const Document& document, Diagnostics& diagnostics) {
  if (!validate_schema(document.root, document.file, parsed_schema(), diagnostics))
    return std::nullopt;
  SweepSpec spec = read(document);
  Diagnostics problems;
  check_sweep(spec, parsed_schema(), problems);
  diagnostics.add(problems);
  if (!problems.ok()) return std::nullopt;
  return spec;
}

SweepSpec reread_sweep(const Document& document, Diagnostics& diagnostics) {
  if (!validate_schema(document.root, document.file, parsed_schema(), diagnostics)) return {};
  SweepSpec spec = read(document);
  check_sweep_alone(spec, parsed_schema(), diagnostics);
  return spec;
}

std::optional<Document> load_changeable_network(const SweepSpec& spec, const std::string& written,
                                                Diagnostics& diagnostics) {
  std::optional<Document> document =
      load_network_document(spec.workload_place(written), diagnostics);
  if (document && document->root.is_object() && !document->root.contains("batch"))
    document->root["batch"] = 1;
  return document;
}

std::string_view sweep_schema() {
  const Resource* schema = find_resource(sweep_schema_resources(), "sweep.schema");
  CHECK(schema != nullptr, "sweep.schema.json is not in the program");
  return schema->text;
}

std::vector<std::string> sweep_names() {
  std::vector<std::string> names;
  for (const Resource& sweep : shipped_sweep_resources()) names.emplace_back(sweep.name);
  return names;
}

std::string_view sweep_text(std::string_view shipped) {
  const Resource* sweep = find_resource(shipped_sweep_resources(), shipped);
  return sweep == nullptr ? std::string_view() : sweep->text;
}

}  // namespace chasm
