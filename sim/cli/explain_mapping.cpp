#include "sim/cli/explain_mapping.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.h"
#include "base/doing.h"
#include "base/error.h"
#include "base/suggest.h"
#include "models/arch/energy_bill.h"
#include "models/program/loops_line.h"
#include "mapper/choice_names.h"
#include "mapper/explain.h"
#include "mapper/lower.h"
#include "mapper/search.h"
#include "sim/report/explain.h"
#include "sim/report/mapping_report.h"
#include "sim/report/roofline.h"

namespace chasm {
namespace {

constexpr std::size_t kRunnersUp = 5;
constexpr std::uint64_t kEvaluations = 20'000;

struct Chosen {
  ArchSpec arch;
  Network network;
  LoweredOperation operation;
};

// The inputs of the run, read and lowered again.
Chosen chosen_of(const RunResult& run, const std::string& file, const std::string& name) {
  Diagnostics problems;
  const auto arch = read_arch({file, run.architecture}, problems);
  if (arch) table_for(*arch, problems);
  const auto network = read_network({file, run.workload}, problems);
  const auto mapping = read_mapping({file, run.mapping}, problems);
  std::optional<Lowered> lowered;
  if (arch && network && mapping) lowered = lower(*arch, *network, *mapping, problems, file);
  if (!problems.ok()) throw Error(ExitCode::invalid_input, problems);
  CHECK(lowered, "a result was refused without a diagnostic");
  std::vector<std::string> names;
  for (const LoweredOperation& operation : lowered->operations) {
    names.push_back(operation.program.operation.name);
    if (names.back() == name) return {*arch, *network, operation};
  }
  problems.error(file, "/layers", fmt::format("no layer \"{}\" in this result", name),
                 suggest(name, names));
  throw Error(ExitCode::invalid_input, problems);
}

// The search, and what explains its answers, know loops as a nest of fixed size.
void require_nest_size(const Program& program, const std::string& file, const std::string& name) {
  const std::size_t loops = program.dram.size() + program.buffer.size();
  const std::size_t most = LoopNest{}.loops.size();
  if (loops <= most) return;
  Diagnostics problems;
  problems.error(
      file, "/inputs/mapping" + layer_pointer(name),
      fmt::format("has {} loops over dram and buffer; at most {} can be explained", loops, most));
  throw Error(ExitCode::invalid_input, problems);
}

// What another search finds, by the objective of the run.
std::vector<RunnerUp> runners_up(const Chosen& chosen, const RunResult& run) {
  const Doing doing("searching other mappings");
  SearchOptions options;
  options.objective =
      objective_from(run.options.value("objective", "edp")).value_or(Objective::edp);
  options.budget.evaluations = kEvaluations;
  options.finalists = kRunnersUp + 1;
  const Program& program = chosen.operation.program;
  const auto found =
      search(program, chosen.arch.chunks[chosen.operation.chunk], chosen.arch, options);
  std::vector<RunnerUp> others;
  for (std::size_t f = 0; found && f < found->best.size() && others.size() < kRunnersUp; ++f)
    others.push_back({loops_line(to_program(program, found->best[f].nest)), found->best[f].cost});
  return others;
}

}  // namespace

std::string explain_mapping_text(const RunResult& run, const std::string& file,
                                 const std::string& operation, const TextStyle& style) {
  const Chosen chosen = chosen_of(run, file, operation);
  const Program& program = chosen.operation.program;
  require_nest_size(program, file, operation);
  const ChunkSpec& chunk = chosen.arch.chunks[chosen.operation.chunk];
  const std::string where = fmt::format("{} ({} x {} PEs)", chunk.name, chunk.rows, chunk.cols);
  std::string text = render_mapping(program, where, chunk.pes(),
                                    explain_mapping(program, chosen.arch.global_buffer), style);
  const auto layer = std::find_if(run.layers.begin(), run.layers.end(),
                                  [&](const LayerResult& l) { return l.name == operation; });
  if (layer != run.layers.end())  // that of the first image
    text +=
        "\n" + bounds_text(*layer, bounds_of(*layer, chosen.arch, roofline_of(run).bytes_per_cycle),
                           style);
  const Cost cost = CostModel(program, chunk, chosen.arch).evaluate(to_nest(program));
  const std::string others = render_runners_up(cost, runners_up(chosen, run), style);
  return text + (others.empty() ? "" : "\n" + others);
}

}  // namespace chasm
