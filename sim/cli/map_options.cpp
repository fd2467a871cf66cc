#include "sim/cli/map_options.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "base/check.h"
#include "base/doing.h"
#include "base/parse.h"
#include "mapper/choice_names.h"
#include "sim/cli/judged_finalists.h"
#include "sim/cli/limit_options.h"
#include "sim/cli/terminal.h"

namespace chasm {
namespace {

constexpr double kMostSeconds = 1e7, kMostEvaluations = 1e12;
constexpr std::uint64_t kMostFinalists = 100, kMostThreads = 1024;
constexpr std::uint64_t kMostCycles = 1'000'000'000'000'000;  // what 63 bits of ticks can hold

// "30s", "2m", "500ms", "1e6".
Budget budget_of(const Arguments& arguments) {
  if (!arguments.has("budget")) return {};
  const std::string text = arguments.value("budget");
  std::string number = text;
  double unit = 0;  // seconds; 0: evaluations
  for (const auto& [suffix, seconds] :
       std::vector<std::pair<std::string, double>>{{"ms", 1e-3}, {"s", 1}, {"m", 60}}) {
    if (unit > 0 || !number.ends_with(suffix)) continue;
    number.resize(number.size() - suffix.size());
    unit = seconds;
  }
  const std::optional<double> amount = parse_double(number);
  const double most = unit > 0 ? kMostSeconds / unit : kMostEvaluations;
  if (!amount || *amount <= 0 || *amount > most || (unit == 0 && *amount < 1))
    throw arguments.usage_error(fmt::format(
        "--budget takes a time (30s, 2m, 500ms) for the network, or a number of evaluations (1e6) "
        "for each different operation, not \"{}\"",
        text));
  if (unit > 0) return {std::nullopt, *amount * unit};
  return {static_cast<std::uint64_t>(*amount), std::nullopt};
}

// "ws", or "CLP=ws".
void read_dataflows(const Arguments& arguments, MapOptions& options) {
  for (const std::string& text : arguments.values("dataflow")) {
    const auto equals = text.find('=');
    const std::string kind = equals == std::string::npos ? text : text.substr(equals + 1);
    const std::optional<LoopDataflow> dataflow = loop_dataflow_from(kind);
    if (!dataflow)
      throw arguments.usage_error(
          fmt::format("--dataflow takes one of {}, or CHUNK=KIND, not \"{}\"",
                      fmt::join(loop_dataflow_names(), ", "), text));
    if (equals == std::string::npos)
      options.dataflow = *dataflow;
    else
      options.chunk_dataflows[text.substr(0, equals)] = *dataflow;
  }
}

unsigned processors() { return std::max(1U, std::thread::hardware_concurrency()); }

void check_chunk_names(const MapOptions& options, const ArchSpec& arch, Diagnostics& problems) {
  for (const auto& [name, unused] : options.chunk_dataflows) {
    bool known = false;
    for (const ChunkSpec& chunk : arch.chunks) known = known || chunk.name == name;
    if (!known)
      problems.error("--dataflow", "", fmt::format("{} has no chunk \"{}\"", arch.name, name));
  }
}

}  // namespace

std::vector<OptionSpec> map_option_specs() {
  std::vector<OptionSpec> specs = {
      {"objective", 0, "edp|latency|energy", "what the mapper minimises (default edp)", false},
      {"search", 0, "METHOD",
       "how mappings are searched: anneal (default), genetic, random, quick (a limited set), bnb "
       "or "
       "exhaustive (the whole space: small layers only)",
       false},
      {"budget", 0, "AMOUNT",
       "of the search: evaluations for each different operation (default 1e5), or a time for the "
       "network (30s); with a time, results may differ from run to run",
       false},
      {"dataflow", 0, "[CHUNK=]KIND",
       "only mappings of that dataflow: rs, ws, os, is (default free); for one chunk, or all; "
       "repeatable",
       true},
      {"constraints", 0, "FILE", "demands on the mappings: parts of them, limits", false},
      {"verify", 0, "N",
       "simulate the N best mappings of each operation, and take what is best there (default 3)",
       false},
      {"seed", 0, "S", "seed of all that is random (default 1)", false},
      {"jobs", 'j', "N",
       "threads and processes (default: one a processor); results never depend on it", false},
      {"cache", 0, "FILE|off",
       "where searched mappings are kept (default $CHASM_CACHE, or ~/.cache/chasm/mappings.sqlite)",
       false},
      {"max-cycles", 0, "N",
       "stop a simulation that takes more than N cycles, with a report of who was doing what; "
       "finalists that take more are not chosen",
       false}};
  const std::vector<OptionSpec> limits = limit_option_specs();
  specs.insert(specs.end(), limits.begin(), limits.end());
  return specs;
}

std::optional<std::uint64_t> max_cycles_of(const Arguments& arguments) {
  if (!arguments.has("max-cycles")) return std::nullopt;
  return arguments.number("max-cycles", 1, 1, kMostCycles);
}

MapRequest::MapRequest(const Arguments& arguments) {
  options.objective = objective_of(arguments);
  const auto method =
      search_method_from(arguments.choice("search", "anneal", search_method_names()));
  CHECK(method, "a method without a name");
  options.method = *method;
  options.budget = budget_of(arguments);
  read_dataflows(arguments, options);
  constraints_file = arguments.value("constraints");
  verify = arguments.number("verify", 3, 1, kMostFinalists);
  options.seed = arguments.number("seed", 1, 0, UINT64_MAX);
  jobs = static_cast<unsigned>(arguments.number("jobs", processors(), 1, kMostThreads));
  cache_file = arguments.value("cache", default_cache_path());
  if (cache_file == "off") cache_file.clear();
  max_cycles = max_cycles_of(arguments);
}

MappedNetwork find_mapping(const Inputs& inputs, const ArchSpec& simulated_arch, MapRequest request,
                           bool side_by_side) {
  Diagnostics problems;
  std::optional<ConstraintsFile> constraints;
  if (!request.constraints_file.empty()) {
    if (const auto document = read_json_file(request.constraints_file, problems))
      constraints = ConstraintsFile::read(*document, problems);
    if (constraints) constraints->check_names(inputs.network, inputs.arch, problems);
  }
  check_chunk_names(request.options, inputs.arch, problems);
  if (!problems.ok()) throw Error(exit_code(problems), problems);

  ResultCache cache(request.cache_file, problems);
  const Doing doing("mapping");
  Progress progress("mapping");
  MapOptions& options = request.options;
  options.threads = request.jobs;
  options.side_by_side = side_by_side;
  options.constraints = constraints ? &*constraints : nullptr;
  options.cache = &cache;
  options.finalists = request.verify;
  if (request.verify > 1)
    options.verify = [&](const std::vector<MappedJob>& jobs) {
      Progress simulated("simulating finalists", "runs");
      const VerifyOptions verify{
          options.objective, request.jobs, request.max_cycles,
          [&](std::size_t done, std::size_t total) { simulated.update(done, total); }};
      return judged_finalists(inputs, simulated_arch, verify, jobs, cache, problems);
    };
  options.progress = [&](std::size_t done, std::size_t total) {
    progress.update(done, total);
    return true;
  };
  auto mapped = search_network(inputs.arch, inputs.network, options, problems);
  if (!mapped || !problems.ok()) throw Error(exit_code(problems), problems);
  say_warnings(problems);
  return std::move(*mapped);
}

}  // namespace chasm
