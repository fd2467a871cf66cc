#include "sim/run/verify_finalists.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/check.h"
#include "base/json.h"
#include "mapper/energy_weights.h"
#include "sim/run/isolate.h"
#include "sim/run/simulate.h"

namespace chasm {
namespace {

struct Taken {
  double cycles = 0, energy_pj = 0;
};
using TakenBy = std::map<std::string, Taken>;  // by operation

std::string simulated(const ArchSpec& arch, const Network& network, const Mapping& mapping) {
  Json taken = Json::object();
  for (const LayerResult& layer : simulate(arch, network, mapping, {}).layers)
    taken[layer.name] = {layer.cycles(), layer.energy_pj};
  return taken.dump();
}

TakenBy taken_from(const std::string& text) {
  TakenBy taken;
  const Json operations = Json::parse(text);
  for (const auto& [name, figures] : operations.items())
    taken[name] = {figures.at(0).get<double>(), figures.at(1).get<double>()};
  return taken;
}

// With what standing by costs beside the layer's own energy.
double score_of(const Taken& taken, Objective objective, double cycle_pj) {
  const double energy = taken.energy_pj + cycle_pj * taken.cycles;
  return objective == Objective::edp       ? taken.cycles * energy
         : objective == Objective::latency ? taken.cycles
                                           : energy;
}

void reorder(MappedJob& job, const std::vector<TakenBy>& runs, const ArchSpec& arch,
             Objective objective) {
  const ChunkSpec& chunk = arch.chunks[job.chunk];
  const double cycle_pj = energy_weights(job.prototype, chunk, arch).cycle;
  std::vector<std::pair<double, Candidate>> scored;
  for (std::size_t f = 0; f < job.result.best.size(); ++f) {
    const auto found = runs[f].find(job.names.front());
    scored.emplace_back(
        found == runs[f].end() ? INFINITY : score_of(found->second, objective, cycle_pj),
        job.result.best[f]);
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t f = 0; f < scored.size(); ++f) job.result.best[f] = scored[f].second;
}

}  // namespace

void verify_finalists(const ArchSpec& arch, const Network& network, Objective objective,
                      unsigned processes, std::vector<MappedJob>& jobs) {
  std::size_t finalists = 0;
  for (const MappedJob& job : jobs) finalists = std::max(finalists, job.result.best.size());
  if (finalists < 2) return;
  const MappedNetwork all{jobs, {}};
  std::vector<TakenBy> runs(finalists);
  std::vector<std::size_t> tasks(finalists);
  for (std::size_t f = 0; f < finalists; ++f) tasks[f] = f;
  IsolateOptions options;
  options.jobs = std::max(1U, processes);
  run_isolated(
      tasks, options, [&](std::size_t f) { return simulated(arch, network, all.mapping(arch, f)); },
      [&](std::size_t f, const ChildEnd& end) {
        if (end.how == ChildEnd::How::returned) runs[f] = taken_from(end.text);
      });
  for (MappedJob& job : jobs) reorder(job, runs, arch, objective);
}

}  // namespace chasm
