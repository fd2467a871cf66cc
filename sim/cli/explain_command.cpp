// chasm explain: where the figures of a result come from.
#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/doing.h"
#include "base/suggest.h"
#include "sim/cli/command.h"
#include "sim/cli/explain_mapping.h"
#include "sim/cli/limit_options.h"
#include "sim/cli/results.h"
#include "sim/cli/terminal.h"
#include "sim/report/explain.h"

namespace chasm {
namespace {

constexpr std::uint64_t kMostWorkers = 1024;

void throw_if_bad(const Diagnostics& problems) {
  if (!problems.ok()) throw Error(ExitCode::invalid_input, problems);
}

void energy(const Arguments& arguments, const std::string& component, const RunResult& run) {
  if (arguments.has("no-repeat"))
    throw arguments.usage_error("--no-repeat belongs to \"explain layer\"");
  Diagnostics problems;
  const std::string text = explain_energy(run, component, stdout_style(), problems);
  throw_if_bad(problems);
  put(text);
}

void area(const Arguments& arguments, const std::string& name, const RunResult& run) {
  if (!name.empty()) throw arguments.usage_error("\"explain area\" takes no name");
  if (arguments.has("no-repeat"))
    throw arguments.usage_error("--no-repeat belongs to \"explain layer\"");
  put(explain_area(run, stdout_style()));
}

// The run as it was and with each change, unless that is not wanted.
std::vector<std::optional<RepeatedCycles>> repeated(const Arguments& arguments,
                                                    const RunResult& run, const LayerResult& layer,
                                                    const ArchSpec& arch) {
  if (arguments.has("no-repeat")) return {};
  std::vector<std::vector<Override>> changes = {{}};
  for (const WhatIf& what : what_ifs(layer, arch)) changes.push_back(what.changes);
  return repeat_runs(run, layer.name, changes,
                     static_cast<unsigned>(arguments.number("jobs", 1, 1, kMostWorkers)));
}

void layer(const Arguments& arguments, const std::string& name, const RunResult& run) {
  if (name.empty()) throw arguments.usage_error("\"explain layer\" needs the name of a layer");
  Diagnostics problems;
  const std::optional<LayerResult> found = layer_named(run, name, problems);
  throw_if_bad(problems);
  const auto arch = read_arch({arguments.positional().back(), run.architecture}, problems);
  throw_if_bad(problems);
  CHECK(found && arch, "refused without a diagnostic");
  const Doing doing("simulating the run again with one thing changed");
  const auto again = repeated(arguments, run, *found, *arch);
  put(explain_layer(run, *found, *arch, again, stdout_style()));
}

void mapping(const Arguments& arguments, const std::string& name, const RunResult& run) {
  if (name.empty()) throw arguments.usage_error("\"explain mapping\" needs the name of a layer");
  put(explain_mapping_text(run, arguments.positional().back(), name, stdout_style()));
}

void run(const Arguments& arguments) {
  const std::vector<std::string>& words = arguments.positional();
  const std::vector<std::string> topics = {"area", "energy", "layer", "mapping"};
  const std::string& topic = words.front();
  if (std::find(topics.begin(), topics.end(), topic) == topics.end())
    throw arguments.usage_error(
        fmt::format("\"{}\" cannot be explained; {}", topic, suggest(topic, topics)));
  const std::string name = words.size() == 3 ? words[1] : "";
  arguments.number("jobs", 1, 1, kMostWorkers);
  const RunResult result = required_result(words.back());
  if (topic == "area") return area(arguments, name, result);
  if (topic == "mapping") return mapping(arguments, name, result);
  topic == "energy" ? energy(arguments, name, result) : layer(arguments, name, result);
}

}  // namespace

Command explain_command() {
  Grammar grammar{
      "explain",
      "area|energy|layer|mapping [NAME] RESULT",
      2,
      3,
      {{"no-repeat", 0, "", "layer: do not simulate the run again with one thing changed", false},
       {"jobs", 'j', "N", "layer: simulations at a time (default 1)", false}},
      {}};
  const std::vector<OptionSpec> limits = limit_option_specs();
  grammar.options.insert(grammar.options.end(), limits.begin(), limits.end());
  return {"explain", "show where energy, area and cycles of a result come from", grammar,
          "  chasm explain energy results                  every count x unit energy, with its "
          "source\n"
          "  chasm explain energy CLP.register_file results\n"
          "  chasm explain layer conv1 results             causes, bounds, what more would buy, "
          "and its energy\n"
          "  chasm explain area results                    PEs, register files, buffer\n"
          "  chasm explain mapping conv1 results           loops, tiles, words, reuse, and what "
          "else was found\n",
          run};
}

}  // namespace chasm
