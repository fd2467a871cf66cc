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

// Of one simulation: of the network as a whole, and of each operation without what belongs to none.
struct Run {
  Taken network;
  std::map<std::string, Taken> operations;
};

std::string simulated(const ArchSpec& arch, const Network& network, const Mapping& mapping) {
  const RunResult result = simulate(arch, network, mapping, {});
  Json operations = Json::object();
  for (const LayerResult& layer : result.layers)
    operations[layer.name] = {layer.cycles(), layer.energy_pj};
  return Json{{"network", {result.cycles, result.energy_pj()}}, {"operations", operations}}.dump();
}

Taken taken_from(const Json& figures) {
  return {figures.at(0).get<double>(), figures.at(1).get<double>()};
}

Run run_from(const std::string& text) {
  const Json json = Json::parse(text);
  Run run{taken_from(json.at("network")), {}};
  for (const auto& [name, figures] : json.at("operations").items())
    run.operations[name] = taken_from(figures);
  return run;
}

double score_of(const Taken& taken, Objective objective) {
  return objective == Objective::edp       ? taken.cycles * taken.energy_pj
         : objective == Objective::latency ? taken.cycles
                                           : taken.energy_pj;
}

// Of an operation in a network of that EDP: by its shares of all cycles and all energy.
double share_of(const Taken& taken, Objective objective, const Taken& all) {
  return objective == Objective::edp ? taken.cycles / all.cycles + taken.energy_pj / all.energy_pj
                                     : score_of(taken, objective);
}

// The numbers of the finalists, best first.
std::vector<std::size_t> order_of(const MappedJob& job, const std::vector<std::optional<Run>>& runs,
                                  const Taken& all, Objective objective, double cycle_pj) {
  std::vector<std::pair<double, std::size_t>> scored;
  for (std::size_t f = 0; f < job.result.best.size(); ++f) {
    scored.emplace_back(INFINITY, f);
    if (!runs[f]) continue;
    Taken taken = runs[f]->operations.at(job.names.front());
    taken.energy_pj += cycle_pj * taken.cycles;
    scored.back().first = share_of(taken, objective, all);
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::size_t> order;
  for (const auto& [score, f] : scored) order.push_back(f);
  return order;
}

void put_first(MappedJob& job, std::size_t finalist) {
  std::vector<Candidate>& best = job.result.best;
  const auto place =
      best.begin() + static_cast<std::ptrdiff_t>(std::min(finalist, best.size() - 1));
  std::rotate(best.begin(), place, place + 1);
}

class Verifier {
 public:
  Verifier(const ArchSpec& arch, const Network& network, Objective objective, unsigned processes)
      : arch_(arch), network_(network), objective_(objective) {
    options_.jobs = std::max(1U, processes);
  }

  void run(std::vector<MappedJob>& jobs, std::size_t finalists) {
    std::vector<Mapping> mappings;
    for (std::size_t f = 0; f < finalists; ++f)
      mappings.push_back(MappedNetwork{jobs, {}}.mapping(arch_, f));
    const std::vector<std::optional<Run>> runs = simulate_all(mappings);
    std::size_t best = 0;
    for (std::size_t f = 0; f < finalists; ++f)
      if (score(runs[f]) < score(runs[best])) best = f;
    if (!runs[best]) return;
    const std::vector<MappedJob> before = jobs;
    const MappedJob& any = jobs.front();
    const double cycle_pj = energy_weights(any.prototype, arch_.chunks[any.chunk], arch_).cycle;
    for (MappedJob& job : jobs)
      put_first(job, order_of(job, runs, runs[best]->network, objective_, cycle_pj).front());
    // Together they may be worse: rows of the DRAM belong to no operation.
    const auto mixed = simulate_all({MappedNetwork{jobs, {}}.mapping(arch_, 0)});
    if (score(mixed[0]) <= score(runs[best])) return;
    jobs = before;
    for (MappedJob& job : jobs) put_first(job, best);
  }

 private:
  double score(const std::optional<Run>& run) const {
    return run ? score_of(run->network, objective_) : INFINITY;
  }

  std::vector<std::optional<Run>> simulate_all(const std::vector<Mapping>& mappings) const {
    std::vector<std::optional<Run>> runs(mappings.size());
    std::vector<std::size_t> tasks;
    for (std::size_t m = 0; m < mappings.size(); ++m) tasks.push_back(m);
    run_isolated(
        tasks, options_, [&](std::size_t m) { return simulated(arch_, network_, mappings[m]); },
        [&](std::size_t m, const ChildEnd& end) {
          if (end.how == ChildEnd::How::returned) runs[m] = run_from(end.text);
        });
    return runs;
  }

  const ArchSpec& arch_;
  const Network& network_;
  const Objective objective_;
  IsolateOptions options_;
};

}  // namespace

void verify_finalists(const ArchSpec& arch, const Network& network, Objective objective,
                      unsigned processes, std::vector<MappedJob>& jobs) {
  std::size_t finalists = 0;
  for (const MappedJob& job : jobs) finalists = std::max(finalists, job.result.best.size());
  if (finalists > 1) Verifier(arch, network, objective, processes).run(jobs, finalists);
}

}  // namespace chasm
