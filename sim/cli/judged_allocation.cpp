#include "sim/cli/judged_allocation.h"

#include <cmath>
#include <optional>

#include "base/check.h"
#include "sim/run/isolate.h"
#include "sim/run/simulate.h"

namespace chasm {
namespace {

constexpr std::uint64_t kStream = 8;  // images

double simulated(const Inputs& inputs, const Mapping& mapping, Objective objective,
                 bool side_by_side) {
  SimOptions options;
  if (side_by_side) options.images = kStream, options.schedule = Schedule::pipelined;
  double score = INFINITY;
  run_isolated(
      {0}, {},
      [&](std::size_t) {
        const RunResult result = simulate(inputs.arch, inputs.network, mapping, options);
        return Json{result.cycles, result.energy_pj()}.dump();
      },
      [&](std::size_t, const ChildEnd& end) {
        if (end.how != ChildEnd::How::returned) return;
        const Json figures = Json::parse(end.text);
        const double cycles = figures.at(0), energy = figures.at(1);
        score = objective == Objective::edp       ? cycles * energy
                : objective == Objective::latency ? cycles
                                                  : energy;
      });
  return score;
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
      const double score = simulated(tried, mapping, request.options.objective, side_by_side);
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
