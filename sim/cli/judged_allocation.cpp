#include "sim/cli/judged_allocation.h"

#include <array>
#include <cmath>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "base/check.h"
#include "mapper/objective.h"
#include "sim/run/isolate.h"
#include "sim/run/simulate.h"

namespace chasm {
namespace {

constexpr std::uint64_t kFilled = 8, kStream = 16;  // images

// Cycles and pJ of streams of so many images, or of one image alone.
std::vector<std::array<double, 2>> simulated(const Inputs& inputs, const Mapping& mapping,
                                             const std::vector<std::uint64_t>& images,
                                             Schedule schedule, unsigned processes) {
  std::vector<std::array<double, 2>> figures(images.size());
  std::vector<std::size_t> tasks(images.size());
  std::iota(tasks.begin(), tasks.end(), 0);
  IsolateOptions options;
  options.jobs = processes;
  run_isolated(
      tasks, options,
      [&](std::size_t task) {
        SimOptions how;
        how.images = images[task];
        how.schedule = schedule;
        const RunResult result = simulate(inputs.arch, inputs.network, mapping, how);
        return Json{result.cycles, result.energy_pj()}.dump();
      },
      [&](std::size_t task, const ChildEnd& end) {
        if (end.how != ChildEnd::How::returned)
          throw Error(ExitCode::internal,
                      fmt::format("chasm map: error: {} could not be simulated with its new PEs: "
                                  "{}{}\n",
                                  inputs.arch.name, end.text, end.complaint));
        figures[task] = Json::parse(end.text).get<std::array<double, 2>>();
      });
  return figures;
}

double score_of(const Inputs& inputs, const Mapping& mapping, const MapRequest& request,
                bool side_by_side) {
  const Objective objective = request.options.objective;
  if (!side_by_side) {
    const auto one = simulated(inputs, mapping, {1}, Schedule::sequential, 1)[0];
    return objective_value(objective, one[0], one[1]);
  }
  const auto streams =
      simulated(inputs, mapping, {kFilled, kStream}, Schedule::pipelined, request.jobs);
  return objective_value(objective, streams[1][0] - streams[0][0], streams[1][1] - streams[0][1]);
}

}  // namespace

std::size_t best_machine(const Inputs& inputs, const std::vector<ArchSpec>& machines,
                         const MapRequest& request, bool side_by_side) {
  CHECK(!machines.empty(), "no machine to choose");
  std::optional<Error> problem;
  std::size_t best = 0;
  double least = INFINITY;
  for (std::size_t m = 0; m < machines.size(); ++m) {
    const Inputs tried{machines[m], inputs.network, inputs.workload};
    try {
      const Mapping mapping =
          find_mapping(tried, tried.arch, request, side_by_side).mapping(tried.arch);
      const double score = score_of(tried, mapping, request, side_by_side);
      if (score < least) least = score, best = m;
    } catch (const Error& error) {
      if (error.code() != ExitCode::infeasible) throw;
      problem = error;
    }
  }
  if (problem && std::isinf(least)) throw Error(*problem);
  return best;
}

}  // namespace chasm
