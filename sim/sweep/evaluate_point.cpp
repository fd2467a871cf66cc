#include "sim/sweep/evaluate_point.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/error.h"
#include "base/printable.h"
#include "workloads/network.h"
#include "models/arch/area.h"
#include "models/arch/document_edit.h"
#include "mapper/choice_names.h"
#include "mapper/lower.h"
#include "mapper/map_network.h"
#include "sim/report/result_json.h"
#include "sim/run/simulate.h"
#include "sim/sweep/figures.h"

namespace chasm {
namespace {

// A document that a point starts from, and what the point changes in it.
struct Choice {
  std::string name;
  std::vector<Override> changes;
};

struct Choices {
  Choice arch, workload;
  Json options;
};

Override override_of(const std::string& key, const Json& value) { return {key, value.dump()}; }

Choices choices_of(const SweepSpec& spec, const SweepPoint& point) {
  Choices all{{spec.arch, {}}, {spec.workload, {}}, spec.options};
  for (const auto& [key, value] : spec.set.items())
    all.arch.changes.push_back(override_of(key, value));
  for (const SweepAxis& axis : spec.axes) {
    if (!point.parameters.contains(axis.name)) continue;
    const Json& value = point.parameters.at(axis.name);
    for (const std::string& text : axis.paths) {
      const SweepPath path = parse_sweep_path(text);
      if (path.kind == PathKind::arch) all.arch.name = value.get<std::string>();
      if (path.kind == PathKind::workload) all.workload.name = value.get<std::string>();
      if (path.kind == PathKind::arch_key) all.arch.changes.push_back(override_of(path.key, value));
      if (path.kind == PathKind::workload_key)
        all.workload.changes.push_back(override_of(path.key, value));
      if (path.kind == PathKind::option) all.options[path.key] = value;
    }
  }
  return all;
}

// Figures that a changed network was to have before the change.
void drop_expectations(Json& root) {
  root.erase("totals");
  if (!root.contains("layers") || !root.at("layers").is_array()) return;
  for (Json& layer : root.at("layers"))
    if (layer.is_object()) layer.erase("expect");
}

std::optional<Network> network_of(const SweepSpec& spec, const Choice& choice,
                                  Diagnostics& problems) {
  std::optional<Document> document = load_changeable_network(spec, choice.name, problems);
  if (!document) return std::nullopt;
  if (!choice.changes.empty()) {
    drop_expectations(document->root);
    for (const Override& change : choice.changes)
      apply_override(document->root, change, problems, "the network");
    if (!problems.ok()) return std::nullopt;
  }
  return read_network(*document, problems);
}

std::optional<ArchSpec> arch_of(const SweepSpec& spec, const Choice& choice,
                                Diagnostics& problems) {
  const std::optional<Document> document =
      load_arch_document(spec.arch_place(choice.name), choice.changes, problems);
  return document ? read_arch(*document, problems) : std::nullopt;
}

[[noreturn]] void refuse(const Diagnostics& problems) {
  throw Error(exit_code(problems), problems);
}

SimOptions sim_options(const SweepSpec& spec, const ArchSpec& arch, const Json& options) {
  SimOptions sim;
  sim.images = options.value("images", std::uint64_t{1});
  const std::string schedule = options.value("schedule", "sequential");
  sim.schedule = schedule == "graph"       ? Schedule::graph
                 : schedule == "pipelined" ? Schedule::pipelined
                                           : Schedule::sequential;
  sim.keep_on_chip_bytes = options.value("keep_on_chip_bytes", std::uint64_t{0});
  if (options.contains("max_cycles")) sim.max_cycles = options.at("max_cycles").get<Cycle>();
  if (sim.keep_on_chip_bytes < arch.global_buffer.capacity_bytes) return sim;
  Diagnostics problems;
  problems.infeasible(spec.document.file, "/base/options/keep_on_chip_bytes",
                      fmt::format("{} bytes leave no room for tiles: the global buffer has {}",
                                  sim.keep_on_chip_bytes, arch.global_buffer.capacity_bytes));
  refuse(problems);
}

// An option of a few names, by what reads them.
template <class Read>
auto named(const Json& options, const char* key, const char* otherwise, Read read) {
  const std::string name = options.value(key, otherwise);
  const auto choice = read(name);
  CHECK(choice, "the schema let the {} \"{}\" pass", key, name);
  return *choice;
}

Mapping mapping_of(const SweepSpec& spec, const ArchSpec& for_tiles, const Network& network,
                   const Json& options, const SimOptions& sim) {
  const bool side_by_side = sim.schedule != Schedule::sequential;
  const std::uint64_t images = sim.images;
  Diagnostics problems;
  std::optional<Mapping> mapping;
  if (options.contains("mapping")) {
    const std::string path = spec.file_place(options.at("mapping").get<std::string>());
    if (const auto document = read_json_file(path, problems))
      mapping = read_mapping(*document, problems);
    if (mapping) lower(for_tiles, network, *mapping, problems, path, images);
  } else {
    MapOptions map;
    map.objective = named(options, "objective", "edp", objective_from);
    map.method = named(options, "search", "quick", search_method_from);
    map.budget.evaluations = options.value("evaluations", kDefaultEvaluations);
    map.dataflow = named(options, "dataflow", "free", loop_dataflow_from);
    map.seed = options.value("seed", std::uint64_t{1});
    map.side_by_side = side_by_side;
    map.images = images;
    mapping = map_network(for_tiles, network, map, problems);
  }
  if (!mapping || !problems.ok()) refuse(problems);
  return std::move(*mapping);
}

// What the row violates, in words; "" where nothing.
std::string violations(const SweepSpec& spec, const Json& row, bool of_the_machine) {
  std::string text;
  for (const SweepConstraint& c : spec.constraints) {
    const std::optional<double> value = figure_of(row, c.figure);
    if (!value) {
      if (of_the_machine == is_machine_figure(c.figure))
        text += fmt::format("{}{} is not known", text.empty() ? "" : "; ", c.figure);
      continue;
    }
    if (is_machine_figure(c.figure) != of_the_machine) continue;
    if (c.max && *value > *c.max)
      text += fmt::format("{}{} is {:.6g}, above the allowed {:.6g}", text.empty() ? "" : "; ",
                          c.figure, *value, *c.max);
    if (c.min && *value < *c.min)
      text += fmt::format("{}{} is {:.6g}, below the allowed {:.6g}", text.empty() ? "" : "; ",
                          c.figure, *value, *c.min);
  }
  return text;
}

void add_machine_figures(const ArchSpec& arch, Json& row) {
  std::uint64_t pes = 0;
  for (const ChunkSpec& chunk : arch.chunks) pes += chunk.pes();
  row["pes"] = pes;
  Diagnostics problems;
  if (const auto table = load_energy_table(arch.energy_table, problems))
    if (const std::optional<double> area = area_mm2(arch, *table)) row["area_mm2"] = *area;
  if (!problems.ok()) refuse(problems);
}

void evaluate(const SweepSpec& spec, const SweepPoint& point, Json& row) {
  const Choices choices = choices_of(spec, point);
  Diagnostics problems;
  const std::optional<ArchSpec> arch = arch_of(spec, choices.arch, problems);
  const std::optional<Network> network = network_of(spec, choices.workload, problems);
  if (!problems.ok() || !arch || !network) refuse(problems);
  add_machine_figures(*arch, row);
  const auto violates = [&](bool of_the_machine) {
    const std::string text = violations(spec, row, of_the_machine);
    if (text.empty()) return false;
    row["status"] = "violates";
    row["diagnostic"] = text;
    return true;
  };
  if (violates(true)) return;
  const SimOptions options = sim_options(spec, *arch, choices.options);
  const Mapping mapping = mapping_of(spec, arch_for_tiles(*arch, options.keep_on_chip_bytes),
                                     *network, choices.options, options);
  row["totals"] = totals_json(simulate(*arch, *network, mapping, options));
  violates(false);
}

const char* status_of(ExitCode code) {
  if (code == ExitCode::infeasible) return "infeasible";
  return code == ExitCode::invalid_input || code == ExitCode::usage ? "invalid" : "failed";
}

// What a dying process says need not be text; what is kept is, so that it reads back as it is.
std::string trimmed(const std::string& said) {
  constexpr std::size_t kLongest = 4000;  // of the 4096 that a string of a file may have
  std::string text = printable(said);
  if (text.size() > kLongest) text = std::string(utf8_prefix(text, kLongest)) + " ...";
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

}  // namespace

Json row_without_result(const char* status, const std::string& diagnostic) {
  return {{"status", status},
          {"pes", nullptr},
          {"area_mm2", nullptr},
          {"totals", nullptr},
          {"diagnostic", diagnostic.empty() ? Json() : Json(trimmed(diagnostic))}};
}

Json evaluate_point(const SweepSpec& spec, const SweepPoint& point) {
  Json row = row_without_result("ok", "");
  try {
    evaluate(spec, point, row);
  } catch (const Error& error) {
    row["status"] = status_of(error.code());
    row["diagnostic"] = trimmed(error.what());
  }
  return row;
}

Json complete_row(const SweepPoint& point, const Json& evaluated, double wall_s,
                  std::uint64_t peak_rss_bytes) {
  return {{"index", point.index},
          {"status", evaluated.at("status")},
          {"parameters", point.parameters},
          {"pes", evaluated.at("pes")},
          {"area_mm2", evaluated.at("area_mm2")},
          {"totals", evaluated.at("totals")},
          {"diagnostic", evaluated.at("diagnostic")},
          {"host", {{"wall_s", wall_s}, {"peak_rss_bytes", peak_rss_bytes}}}};
}

}  // namespace chasm
