#include "sim/cli/inputs.h"

#include <fmt/format.h>

#include "base/check.h"
#include "models/arch/energy_bill.h"
#include "mapper/choice_names.h"
#include "mapper/lower.h"
#include "sim/cli/terminal.h"

namespace chasm {
namespace {

std::vector<Override> overrides_of(const Arguments& arguments) {
  std::vector<Override> overrides;
  for (const std::string& text : arguments.values("set")) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw arguments.usage_error(fmt::format(
          "--set takes PATH=VALUE, for example --set chunks.CLP.pe_array.rows=16, not \"{}\"",
          text));
    overrides.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return overrides;
}

std::string required(const Arguments& arguments, const char* option, const char* what,
                     const char* shipped) {
  if (!arguments.has(option))
    throw arguments.usage_error(
        fmt::format("no {} is given: use --{} with a file, or with one of the names that \"chasm "
                    "list {}\" prints",
                    what, option, shipped));
  return arguments.value(option);
}

}  // namespace

std::vector<OptionSpec> input_options() {
  return {{"arch", 'a', "ARCH", "architecture: a file, or a name of \"chasm list archs\"", false},
          {"workload", 'w', "NET", "network: a file, or a name of \"chasm list nets\"", false},
          {"set", 0, "PATH=VALUE",
           "change a key of the architecture, e.g. chunks.CLP.pe_array.rows=16; repeatable", true}};
}

Inputs load_inputs(const Arguments& arguments) {
  const std::string arch_name = required(arguments, "arch", "architecture", "archs");
  const std::string net_name = required(arguments, "workload", "network", "nets");
  const std::vector<Override> overrides = overrides_of(arguments);
  Diagnostics problems;
  std::optional<ArchSpec> arch;
  if (const auto document = load_arch_document(arch_name, overrides, problems))
    arch = read_arch(*document, problems);
  if (arch) table_for(*arch, problems);
  std::optional<Document> workload = load_network_document(net_name, problems);
  std::optional<Network> network;
  if (workload) network = read_network(*workload, problems);
  if (!problems.ok()) throw Error(exit_code(problems), problems);
  CHECK(arch && network, "inputs were refused without a diagnostic");
  say_warnings(problems);
  return {std::move(*arch), std::move(*network), std::move(workload->root)};
}

Objective objective_of(const Arguments& arguments) {
  const auto objective = objective_from(arguments.choice("objective", "edp", objective_names()));
  CHECK(objective, "an objective without a name");
  return *objective;
}

Mapping load_mapping(const std::string& path, const Inputs& inputs, std::uint64_t images) {
  Diagnostics problems;
  std::optional<Mapping> mapping;
  if (const auto document = read_json_file(path, problems))
    mapping = read_mapping(*document, problems);
  if (mapping) lower(inputs.arch, inputs.network, *mapping, problems, path, images);
  if (!problems.ok()) throw Error(exit_code(problems), problems);
  CHECK(mapping, "a mapping was refused without a diagnostic");
  say_warnings(problems);
  return std::move(*mapping);
}

}  // namespace chasm
