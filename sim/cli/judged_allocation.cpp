#include "sim/cli/judged_allocation.h"

#include <cmath>
#include <optional>

#include "base/check.h"
#include "sim/run/isolate.h"
#include "sim/run/simulate.h"

namespace chasm {
namespace {

constexpr std::uint64_t kFilled = 8, kStream = 16;  // images

struct Figures {
  double cycles = INFINITY, energy_pj = INFINITY;
};

Figures simulated(const Inputs& inputs, const Mapping& mapping, std::uint64_t images,
                  Schedule schedule) {
  SimOptions options;
  options.images = images;
  options.schedule = schedule;
  Figures figures;
  run_isolated(
      {0}, {},
      [&](std::size_t) {
        const RunResult result = simulate(inputs.arch, inputs.network, mapping, options);
        return Json{result.cycles, result.energy_pj()}.dump();
      },
      [&](std::size_t, const ChildEnd& end) {
        if (end.how != ChildEnd::How::returned) return;
        const Json json = Json::parse(end.text);
        figures = {json.at(0), json.at(1)};
      });
  return figures;
}

double score_of(const Inputs& inputs, const Mapping& mapping, Objective objective,
                bool side_by_side) {
  Figures figures = side_by_side ? simulated(inputs, mapping, kStream, Schedule::pipelined)
                                 : simulated(inputs, mapping, 1, Schedule::sequential);
  if (side_by_side && std::isfinite(figures.cycles)) {
    const Figures filled = simulated(inputs, mapping, kFilled, Schedule::pipelined);
    figures.cycles -= filled.cycles;
    figures.energy_pj -= filled.energy_pj;
  }
  return objective == Objective::edp       ? figures.cycles * figures.energy_pj
         : objective == Objective::latency ? figures.cycles
                                           : figures.energy_pj;
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
      const double score = score_of(tried, mapping, request.options.objective, side_by_side);
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
