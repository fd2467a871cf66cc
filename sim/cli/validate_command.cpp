// chasm validate: check files of any kind, and say everything that is wrong with them.
#include <fmt/format.h>

#include "models/energy/energy_table.h"
#include "mapper/constraints_file.h"
#include "mapper/lower.h"
#include "models/memory/dram/dram_config.h"
#include "sim/cli/command.h"
#include "sim/cli/inputs.h"
#include "sim/cli/terminal.h"
#include "sim/report/result_reader.h"
#include "sim/sweep/sweep_points.h"

namespace chasm {
namespace {

// The kind of file, by keys that only it has; empty where it is none.
std::string kind_of(const Json& root) {
  if (!root.is_object()) return "";
  const auto layers = root.find("layers");
  const bool has_layers = layers != root.end();
  if (root.contains("schema") && root["schema"].is_string())
    for (const char* kind : {"result", "constraints"})
      if (root["schema"].get<std::string>().starts_with(fmt::format("chasm/{}/", kind)))
        return kind;
  for (const char* key : {"organisation", "timing", "controller"})
    if (root.contains(key)) return "DRAM";
  if (root.contains("chunks") || root.contains("extends") || root.contains("global_buffer"))
    return "architecture";
  if (root.contains("operations") && root.contains("energy")) return "energy table";
  if (root.contains("base") || root.contains("axes")) return "sweep";
  if (root.contains("inputs") || (has_layers && layers->is_array())) return "workload";
  return has_layers && layers->is_object() ? "mapping" : "";
}

std::string counted(std::size_t n, const char* what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

// What a correct file holds; empty where it is not correct.
std::string check_architecture(const std::string& path, Diagnostics& problems) {
  const auto document = load_arch_document(path, {}, problems);
  const auto arch = document ? read_arch(*document, problems) : std::nullopt;
  return arch ? counted(arch->chunks.size(), "chunk") : "";
}

std::string check_workload(const Document& document, Diagnostics& problems) {
  const auto network = read_network(document, problems);
  return network ? counted(network->layers.size(), "layer") : "";
}

std::string check_mapping(const Document& document, const Inputs* inputs, Diagnostics& problems) {
  const auto mapping = read_mapping(document, problems);
  if (!mapping) return "";
  if (inputs != nullptr) lower(inputs->arch, inputs->network, *mapping, problems, document.file);
  return counted(mapping->layers.size(), "layer");
}

std::string check_constraints(const Document& document, const Inputs* inputs,
                              Diagnostics& problems) {
  const auto constraints = ConstraintsFile::read(document, problems);
  if (!constraints) return "";
  if (inputs != nullptr) constraints->check_names(inputs->network, inputs->arch, problems);
  return counted(document.root.value("layers", Json::object()).size(), "layer");
}

std::string check_energy_table(const std::string& path, Diagnostics& problems) {
  const auto table = load_energy_table(path, problems);
  return table ? table->name() : "";
}

std::string check_dram_file(const std::string& path, Diagnostics& problems) {
  const auto config = load_dram(path, {}, "", problems);
  return config ? counted(config->organisation.channels, "channel") : "";
}

std::string check_sweep_file(const Document& document, Diagnostics& problems) {
  const auto spec = read_sweep(document, problems);
  return spec ? counted(sweep_points(*spec).size(), "point") : "";
}

std::string check_result(const Document& document, Diagnostics& problems) {
  const auto run = read_result(document, problems);
  return run ? counted(run->layers.size(), "layer") : "";
}

std::string check(const Document& document, const std::string& kind, const Inputs* inputs,
                  Diagnostics& problems) {
  if (kind == "architecture") return check_architecture(document.file, problems);
  if (kind == "workload") return check_workload(document, problems);
  if (kind == "mapping") return check_mapping(document, inputs, problems);
  if (kind == "constraints") return check_constraints(document, inputs, problems);
  if (kind == "energy table") return check_energy_table(document.file, problems);
  if (kind == "DRAM") return check_dram_file(document.file, problems);
  if (kind == "result") return check_result(document, problems);
  if (kind == "sweep") return check_sweep_file(document, problems);
  problems.error(
      document.file, "",
      "this is no workload, architecture, mapping, constraints, sweep, energy table, DRAM or "
      "result",
      "a workload has \"layers\": [...], an architecture \"chunks\", a mapping \"layers\": {...}");
  return "";
}

void run(const Arguments& arguments) {
  std::optional<Inputs> inputs;
  if (arguments.has("arch") || arguments.has("workload")) inputs = load_inputs(arguments);
  Diagnostics all;
  for (const std::string& path : arguments.positional()) {
    Diagnostics problems;
    if (const auto document = read_json_file(path, problems)) {
      const std::string kind = kind_of(document->root);
      const std::string what = check(*document, kind, inputs ? &*inputs : nullptr, problems);
      if (problems.ok()) put(fmt::format("{}: ok ({}, {})\n", path, kind, what));
    }
    say(problems.to_string());
    all.add(problems);
  }
  if (all.ok()) return;
  throw Error(exit_code(all), fmt::format("chasm validate: error: {} found\n",
                                          counted(all.error_count(), "problem")));
}

}  // namespace

Command validate_command() {
  Grammar grammar{"validate", "FILE...", 1, SIZE_MAX, input_options(), {}};
  return {"validate",
          "check files of any kind: workloads, architectures, mappings, constraints, sweeps, "
          "results, ...",
          grammar,
          "  chasm validate my-arch.json my-net.json\n"
          "  chasm validate mapping.json -a my-arch.json -w my-net.json\n",
          run};
}

}  // namespace chasm
