#include "sim/cli/explain_mapping.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/error.h"
#include "base/suggest.h"
#include "models/arch/energy_bill.h"
#include "models/program/loops_line.h"
#include "mapper/explain.h"
#include "mapper/lower.h"
#include "mapper/search.h"
#include "sim/report/mapping_report.h"

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

// What another search finds, by the objective of the run.
std::vector<RunnerUp> runners_up(const Chosen& chosen, const RunResult& run) {
  const std::string objective = run.options.value("objective", "edp");
  SearchOptions options;
  options.objective = objective == "latency"  ? Objective::latency
                      : objective == "energy" ? Objective::energy
                                              : Objective::edp;
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
  const ChunkSpec& chunk = chosen.arch.chunks[chosen.operation.chunk];
  const std::string where = fmt::format("{} ({} x {} PEs)", chunk.name, chunk.rows, chunk.cols);
  const Cost cost = CostModel(program, chunk, chosen.arch).evaluate(to_nest(program));
  const std::string others = render_runners_up(cost, runners_up(chosen, run), style);
  return render_mapping(program, where, chunk.pes(), explain_mapping(program, chunk, chosen.arch),
                        style) +
         (others.empty() ? "" : "\n" + others);
}

}  // namespace chasm
