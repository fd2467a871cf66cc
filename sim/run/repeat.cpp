#include "sim/run/repeat.h"

#include <numeric>

#include "base/error.h"
#include "models/arch/document_edit.h"
#include "sim/run/isolate.h"

namespace chasm {
namespace {

// Options as `chasm run` writes them; what is missing has its default.
void read_options(const Json& json, SimOptions& options, Diagnostics& problems) {
  const auto count = [&](const char* key, std::uint64_t fallback) {
    const auto found = json.find(key);
    if (found == json.end()) return fallback;
    if (found->is_number_unsigned()) return found->get<std::uint64_t>();
    problems.error("result", std::string("/inputs/options/") + key, "it must be a whole number");
    return fallback;
  };
  options.images = count("images", 1);
  options.keep_on_chip_bytes = count("keep_on_chip_bytes", 0);
  options.seed = count("seed", 1);
  const Json schedule = json.value("schedule", Json("sequential"));
  if (schedule == "graph")
    options.schedule = Schedule::graph;
  else if (schedule == "pipelined")
    options.schedule = Schedule::pipelined;
  else if (schedule != "sequential")
    problems.error("result", "/inputs/options/schedule",
                   "it must be \"sequential\", \"graph\" or \"pipelined\"");
}

// "layer cycles run cycles", as a child says it.
std::string repeat(const RunResult& result, const std::string& layer,
                   const std::vector<Override>& changes) {
  Diagnostics problems;
  const std::optional<RunInputs> inputs = inputs_of(result, changes, problems);
  if (!inputs) throw Error(exit_code(problems), problems);
  const RunResult run = simulate(inputs->arch, inputs->network, inputs->mapping, inputs->options);
  std::uint64_t cycles = 0;
  for (const LayerResult& part : run.layers)
    if (part.name == layer) cycles += part.cycles();
  return Json::array({cycles, run.cycles}).dump();
}

}  // namespace

std::optional<RunInputs> inputs_of(const RunResult& result, const std::vector<Override>& changes,
                                   Diagnostics& problems) {
  Document arch{"architecture of the result", result.architecture};
  for (const Override& change : changes) apply_override(arch.root, change, problems);
  std::optional<ArchSpec> spec = read_arch(arch, problems);
  std::optional<Network> network =
      read_network({"network of the result", result.workload}, problems);
  std::optional<Mapping> mapping =
      read_mapping({"mapping of the result", result.mapping}, problems);
  SimOptions options;
  read_options(result.options, options, problems);
  if (!problems.ok() || !spec || !network || !mapping) return std::nullopt;
  if (options.keep_on_chip_bytes >= spec->global_buffer.capacity_bytes) {
    problems.error("result", "/inputs/options/keep_on_chip_bytes", "it leaves no room for tiles");
    return std::nullopt;
  }
  return RunInputs{std::move(*spec), std::move(*network), std::move(*mapping), options};
}

std::vector<std::optional<RepeatedCycles>> repeat_runs(
    const RunResult& result, const std::string& layer,
    const std::vector<std::vector<Override>>& changes, unsigned jobs) {
  std::vector<std::optional<RepeatedCycles>> answers(changes.size());
  std::vector<std::size_t> tasks(changes.size());
  std::iota(tasks.begin(), tasks.end(), std::size_t{0});
  IsolateOptions options;
  options.jobs = jobs;
  run_isolated(
      tasks, options, [&](std::size_t task) { return repeat(result, layer, changes[task]); },
      [&](std::size_t task, const ChildEnd& end) {
        if (end.how != ChildEnd::How::returned) return;
        const Json json = Json::parse(end.text);
        answers[task] = RepeatedCycles{json[0].get<std::uint64_t>(), json[1].get<std::uint64_t>()};
      });
  return answers;
}

}  // namespace chasm
