#include "sim/run/verify_finalists.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/check.h"
#include "base/doing.h"
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

std::string simulated(const ArchSpec& arch, const Network& network, const Mapping& mapping,
                      std::optional<std::uint64_t> max_cycles) {
  SimOptions options;
  options.max_cycles = max_cycles;
  const RunResult result = simulate(arch, network, mapping, options);
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
  return objective_value(objective, taken.cycles, taken.energy_pj);
}

// Of an operation in a network of that EDP: by its shares of all cycles and all energy.
double share_of(const Taken& taken, Objective objective, const Taken& all) {
  return objective == Objective::edp ? taken.cycles / all.cycles + taken.energy_pj / all.energy_pj
                                     : score_of(taken, objective);
}

// The number of the finalist that took least.
std::size_t best_of(const MappedJob& job, const std::vector<std::optional<Run>>& runs,
                    const Taken& all, Objective objective, double cycle_pj) {
  std::size_t best = 0;
  double least = INFINITY;
  for (std::size_t f = 0; f < job.result.best.size(); ++f) {
    if (!runs[f]) continue;
    Taken taken = runs[f]->operations.at(job.names.front());
    taken.energy_pj += cycle_pj * taken.cycles;
    const double share = share_of(taken, objective, all);
    if (share < least) least = share, best = f;
  }
  return best;
}

class Verifier {
 public:
  Verifier(const ArchSpec& arch, const Network& network, const VerifyOptions& options,
           Diagnostics& warnings)
      : arch_(arch), network_(network), options_(options), warnings_(warnings) {}

  std::vector<std::size_t> run(const MappedNetwork& mapped, std::size_t finalists) {
    std::vector<Mapping> mappings;
    for (std::size_t f = 0; f < finalists; ++f) mappings.push_back(mapped.mapping(arch_, f));
    const std::vector<std::optional<Run>> runs = simulate_all(mappings);
    std::size_t best = 0;
    for (std::size_t f = 0; f < finalists; ++f)
      if (score(runs[f]) < score(runs[best])) best = f;
    std::vector<std::size_t> same, each;
    for (const MappedJob& job : mapped.jobs)
      same.push_back(std::min(best, job.result.best.size() - 1));
    if (!runs[best]) return same;
    const MappedJob& any = mapped.jobs.front();
    const double cycle_pj = energy_weights(any.prototype, arch_.chunks[any.chunk], arch_).cycle;
    Mapping mixed;
    for (const MappedJob& job : mapped.jobs) {
      each.push_back(best_of(job, runs, runs[best]->network, options_.objective, cycle_pj));
      for (const std::string& name : job.names)
        mixed.layers[name] = mappings[each.back()].layers.at(name);
    }
    // Together they may be worse: rows of the DRAM belong to no operation.
    return score(simulate_all({mixed})[0]) <= score(runs[best]) ? each : same;
  }

 private:
  double score(const std::optional<Run>& run) const {
    return run ? score_of(run->network, options_.objective) : INFINITY;
  }

  std::vector<std::optional<Run>> simulate_all(const std::vector<Mapping>& mappings) {
    std::vector<std::optional<Run>> runs(mappings.size());
    std::vector<std::size_t> tasks;
    for (std::size_t m = 0; m < mappings.size(); ++m) tasks.push_back(m);
    std::size_t done = 0;
    IsolateOptions isolate;
    isolate.jobs = std::max(1U, options_.processes);
    isolate.stop = [&] {
      if (options_.progress) options_.progress(done, mappings.size());
      return false;
    };
    run_isolated(
        tasks, isolate,
        [&](std::size_t m) { return simulated(arch_, network_, mappings[m], options_.max_cycles); },
        [&](std::size_t m, const ChildEnd& end) {
          ++done;
          if (end.how == ChildEnd::How::returned) runs[m] = run_from(end.text);
          if (end.how == ChildEnd::How::out_of_memory)
            warnings_.warning("", "", "a finalist could not be simulated: out of memory",
                              "give more with --max-memory, or take fewer at a time with -j");
        });
    return runs;
  }

  const ArchSpec& arch_;
  const Network& network_;
  const VerifyOptions& options_;
  Diagnostics& warnings_;
};

}  // namespace

std::vector<std::size_t> best_finalists(const ArchSpec& arch, const Network& network,
                                        const VerifyOptions& options,
                                        const std::vector<MappedJob>& jobs, Diagnostics& warnings) {
  std::size_t finalists = 0;
  for (const MappedJob& job : jobs) finalists = std::max(finalists, job.result.best.size());
  if (finalists < 2) return std::vector<std::size_t>(jobs.size(), 0);
  const Doing doing("simulating finalists");
  return Verifier(arch, network, options, warnings).run({jobs, {}}, finalists);
}

}  // namespace chasm
