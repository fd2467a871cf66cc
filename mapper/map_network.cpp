#include "mapper/map_network.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include <fmt/format.h>

#include "base/check.h"
#include "base/parallel.h"
#include "base/suggest.h"
#include "models/arch/energy_bill.h"
#include "mapper/assign.h"
#include "mapper/build_program.h"
#include "mapper/chunk_cost.h"
#include "mapper/cost_model.h"
#include "mapper/dram_fit.h"
#include "mapper/finalists.h"
#include "mapper/lower.h"
#include "mapper/map_jobs.h"
#include "mapper/mapspace.h"
#include "mapper/timing_walk.h"

namespace chasm {
namespace {

// Of so many mappings for each finalist the cycles are walked.
constexpr std::size_t kWalkedPerFinalist = 4;
// Of the best score: no simulation makes up for more, but it may take minutes. (The quick search
// may have little to choose from under a dataflow.)
constexpr double kHopeless = 4;

// The job with what is demanded of it; equal operations under different constraints are different.
struct SearchJob {
  MapJob job;
  MapConstraints constraints;
  std::string key;  // of the cache; empty: it is not kept
};

OperationMapping mapping_of(const Candidate& candidate, const ChunkSpec& chunk) {
  OperationMapping mapping = to_mapping(candidate.nest, chunk.name);
  if (candidate.bypass != bypass_of(chunk)) mapping.bypass = candidate.bypass;
  return mapping;
}

// Whether it has the form of what NetworkMapper::keep() writes.
bool is_kept(const Json& root) {
  const auto has = [&](const char* key, auto is) {
    const auto found = root.find(key);
    return found != root.end() && is(*found);
  };
  return root.is_object() &&
         has("best", [](const Json& j) { return j.is_array() && !j.empty(); }) &&
         has("evaluations", [](const Json& j) { return j.is_number_unsigned(); }) &&
         has("complete", [](const Json& j) { return j.is_boolean(); });
}

// The finalist of that number of every job.
void put_first(const std::vector<std::size_t>& finalists, std::vector<MappedJob>& jobs) {
  CHECK(finalists.size() == jobs.size());
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    std::vector<Candidate>& best = jobs[j].result.best;
    CHECK(finalists[j] < best.size());
    const auto place = best.begin() + static_cast<std::ptrdiff_t>(finalists[j]);
    std::rotate(best.begin(), place, place + 1);
  }
}

class NetworkMapper {
 public:
  NetworkMapper(const ArchSpec& arch, const Network& network, const MapOptions& options,
                Diagnostics& diagnostics)
      : arch_(arch), network_(network), options_(options), diagnostics_(diagnostics) {}

  std::optional<MappedNetwork> run() {
    if (!table_for(arch_, diagnostics_)) return std::nullopt;
    std::optional<std::vector<std::uint32_t>> chunks = assign_chunks(arch_, network_, diagnostics_);
    if (!chunks || !demanded_chunks(*chunks)) return std::nullopt;
    const std::vector<MapJob> jobs = map_jobs(arch_, network_, *chunks);
    if (!check_dram_capacity(arch_, least_dram_bytes(arch_, network_, *chunks, jobs),
                             options_.images, diagnostics_))
      return std::nullopt;
    share(jobs);
    if (!add_constraints(jobs)) return std::nullopt;
    results_.resize(jobs_.size());
    if (!search_all()) return std::nullopt;
    std::optional<MappedNetwork> mapped = finish();
    if (!mapped) return mapped;
    keep(mapped->jobs);
    if (options_.verify) put_first(options_.verify(mapped->jobs), mapped->jobs);
    return mapped;
  }

 private:
  bool demanded_chunks(std::vector<std::uint32_t>&);
  void share(const std::vector<MapJob>&);
  std::optional<std::vector<std::uint64_t>> known_shares(const std::string& key) const;
  bool add_constraints(const std::vector<MapJob>&);
  std::string key_of(const SearchJob&) const;
  SearchOptions search_options(const SearchJob&, std::size_t missing) const;
  const ArchSpec& machine(const SearchJob& job) const { return machines_[job.job.chunk]; }
  bool search_all();
  std::optional<SearchResult> search_choices(const SearchJob&, const ArchSpec&,
                                             SearchOptions) const;
  std::optional<SearchResult> search_choice(const SearchJob&,
                                            const std::array<bool, kOperands>& bypass,
                                            const ArchSpec&, const SearchOptions&) const;
  void keep_finalists(std::vector<Candidate>&) const;
  void walk(const Program& prototype, const ChunkSpec&, const ArchSpec&,
            std::vector<Candidate>&) const;
  std::optional<Candidate> recalled(const SearchJob&, const Json& entry) const;
  bool recall(std::size_t);
  void keep(const std::vector<MappedJob>&);
  std::optional<MappedNetwork> finish();
  void report(const SearchJob&);

  const ArchSpec& arch_;
  const Network& network_;
  const MapOptions& options_;
  Diagnostics& diagnostics_;
  std::vector<ArchSpec> machines_;  // by chunk: with its share of the buffer
  std::vector<SearchJob> jobs_;
  struct Found {
    std::optional<SearchResult> result;
    bool from_cache = false;
  };
  std::vector<Found> results_;  // by job
};

// The chunks that the constraints name.
bool NetworkMapper::demanded_chunks(std::vector<std::uint32_t>& chunks) {
  if (options_.constraints == nullptr) return true;
  const std::size_t before = diagnostics_.error_count();
  for (std::size_t l = 0; l < network_.layers.size(); ++l) {
    const Layer& layer = network_.layers[l];
    const std::optional<std::string> name = options_.constraints->chunk_of(layer.name);
    if (!name) continue;
    for (std::uint32_t c = 0; c < arch_.chunks.size(); ++c)
      if (arch_.chunks[c].name == *name) chunks[l] = c;
    if (!arch_.chunks[chunks[l]].runs(layer.arithmetic))
      diagnostics_.infeasible(
          arch_.name, "",
          fmt::format("layer {} (arithmetic {}) cannot run on chunk {} ({}) as the constraints "
                      "demand",
                      layer.name, to_string(layer.arithmetic), *name,
                      arch_.chunks[chunks[l]].arithmetics()));
  }
  return diagnostics_.error_count() == before;
}

// Shares are looked for once, however often the network is mapped.
void NetworkMapper::share(const std::vector<MapJob>& jobs) {
  machines_.assign(arch_.chunks.size(), arch_);
  if (!options_.side_by_side) return;
  std::string key =
      fmt::format("{}\nshares {}\n", search_version(), static_cast<int>(options_.objective));
  for (const MapJob& job : jobs)
    key += fmt::format("{} {} {}\n", job.chunk, job.names.size(), job_key(job, arch_));
  std::optional<std::vector<std::uint64_t>> bytes = known_shares(key);
  if (!bytes) {
    bytes =
        share_buffer(arch_, jobs, {options_.objective, options_.side_by_side, options_.threads});
    if (bytes && options_.cache != nullptr)
      options_.cache->store({{key, Json(*bytes).dump()}}, diagnostics_);
  }
  for (std::size_t c = 0; bytes && c < machines_.size(); ++c)
    if ((*bytes)[c] > 0) machines_[c].global_buffer.capacity_bytes = (*bytes)[c];
}

std::optional<std::vector<std::uint64_t>> NetworkMapper::known_shares(
    const std::string& key) const {
  if (options_.cache == nullptr) return std::nullopt;
  const std::optional<std::string> text = options_.cache->find(key);
  if (!text) return std::nullopt;
  Diagnostics problems;
  const auto document = parse_json(*text, "cache", problems);
  if (!document || !document->root.is_array() || document->root.size() != arch_.chunks.size())
    return std::nullopt;
  std::vector<std::uint64_t> bytes;
  for (const Json& share : document->root) {
    if (!share.is_number_unsigned()) return std::nullopt;
    bytes.push_back(share.get<std::uint64_t>());
    if (bytes.back() > arch_.global_buffer.capacity_bytes) return std::nullopt;
  }
  return bytes;
}

bool NetworkMapper::add_constraints(const std::vector<MapJob>& jobs) {
  const std::size_t before = diagnostics_.error_count();
  for (const MapJob& job : jobs) {
    std::vector<SearchJob> parts;
    for (const std::string& name : job.names) {
      MapConstraints constraints;
      if (options_.constraints != nullptr) {
        Operation operation = job.prototype.operation;
        operation.name = name;
        constraints =
            options_.constraints->constraints_of(operation, arch_.chunks[job.chunk], diagnostics_)
                .value_or(MapConstraints{});
      }
      if (constraints.dataflow == LoopDataflow::free) {
        const auto own = options_.chunk_dataflows.find(arch_.chunks[job.chunk].name);
        constraints.dataflow =
            own == options_.chunk_dataflows.end() ? options_.dataflow : own->second;
      }
      const auto same = std::find_if(parts.begin(), parts.end(), [&](const SearchJob& part) {
        return part.constraints == constraints;
      });
      if (same == parts.end()) {
        parts.push_back({job, constraints, ""});
        parts.back().job.names = {name};
      } else {
        same->job.names.push_back(name);
      }
    }
    for (SearchJob& part : parts) {
      part.key = key_of(part);
      jobs_.push_back(std::move(part));
    }
  }
  return diagnostics_.error_count() == before;
}

// All that a search depends on. A result under the constraints of a file or within a time is not
// kept.
std::string NetworkMapper::key_of(const SearchJob& job) const {
  MapConstraints of_dataflow;
  of_dataflow.dataflow = job.constraints.dataflow;
  if (options_.budget.seconds || options_.pareto || !(job.constraints == of_dataflow)) return "";
  return fmt::format("{}\n{} {} {} {} {} {}\n{}", search_version(),
                     static_cast<int>(options_.objective), static_cast<int>(options_.method),
                     options_.budget.evaluations.value_or(0), options_.seed, options_.finalists,
                     to_string(job.constraints.dataflow), job_key(job.job, machine(job)));
}

SearchOptions NetworkMapper::search_options(const SearchJob& job, std::size_t missing) const {
  SearchOptions options;
  options.objective = options_.objective;
  options.method = options_.method;
  options.budget = options_.budget;
  const std::size_t at_once = std::max<std::size_t>(1, std::min(options_.threads, missing));
  if (options_.budget.seconds)
    options.budget.seconds = *options_.budget.seconds * static_cast<double>(at_once) /
                             static_cast<double>(std::max<std::size_t>(1, missing));
  options.seed = options_.seed;
  options.threads = static_cast<unsigned>(std::max<std::size_t>(1, options_.threads / at_once));
  options.finalists = options_.finalists > 1 ? kWalkedPerFinalist * options_.finalists : 1;
  options.pareto = options_.pareto;
  options.constraints = job.constraints;
  return options;
}

bool NetworkMapper::search_all() {
  std::vector<std::size_t> missing;
  for (std::size_t j = 0; j < jobs_.size(); ++j)
    if (!recall(j)) missing.push_back(j);
  std::mutex mutex;
  std::atomic<bool> stopped = false;
  std::size_t done = 0;
  parallel_for(missing.size(), options_.threads, [&](std::size_t m) {
    if (stopped) return;
    const SearchJob& job = jobs_[missing[m]];
    SearchOptions options = search_options(job, missing.size());
    options.progress = [&](std::uint64_t) { return !stopped; };
    auto& found = results_[missing[m]].result;
    found = search_choices(job, machine(job), options);
    if (!found && options_.side_by_side) found = search_choices(job, arch_, options);
    const std::lock_guard lock(mutex);
    if (options_.progress && !options_.progress(++done, missing.size())) stopped = true;
  });
  return !stopped;
}

// Their cycles by the timing walk, which knows them better than the cost model.
void NetworkMapper::walk(const Program& prototype, const ChunkSpec& chunk, const ArchSpec& arch,
                         std::vector<Candidate>& candidates) const {
  const CostModel model(prototype, chunk, arch);
  const Score score(options_.objective, model);
  for (Candidate& candidate : candidates) {
    Cost& cost = candidate.cost;
    const auto cycles =
        static_cast<double>(walk_cycles(to_program(prototype, candidate.nest), chunk, arch));
    cost.energy += model.weights().cycle * (cycles - cost.cycles);
    cost.cycles = cycles;
    candidate.score = score(cost);
  }
}

// The best of every choice of what goes past the buffer; each has its part of the budget. The quick
// search's best stays among several finalists: what looks better to the cost model may not be.
std::optional<SearchResult> NetworkMapper::search_choices(const SearchJob& job,
                                                          const ArchSpec& arch,
                                                          SearchOptions options) const {
  const ChunkSpec& chunk = arch_.chunks[job.job.chunk];
  const auto choices = bypass_choices(job.job.prototype.operation, chunk, job.constraints.bypass);
  if (options.budget.seconds) *options.budget.seconds /= static_cast<double>(choices.size());
  std::optional<SearchResult> best;
  for (const std::array<bool, kOperands>& choice : choices) {
    std::optional<SearchResult> found = search_choice(job, choice, arch, options);
    if (found && best) {
      best->best.insert(best->best.end(), found->best.begin(), found->best.end());
      best->pareto.insert(best->pareto.end(), found->pareto.begin(), found->pareto.end());
      best->evaluations += found->evaluations;
      best->complete = best->complete && found->complete;
    } else if (found) {
      best = std::move(found);
    }
  }
  if (!best) return best;
  best->pareto = Finalists::front_of(best->pareto);
  keep_finalists(best->best);
  if (options_.finalists == 1 || options.method == SearchMethod::quick) return best;
  options.method = SearchMethod::quick;
  options.finalists = 1;
  const auto quick = search_choices(job, arch, options);
  if (!quick || quick->best.front().score > kHopeless * best->best.front().score) return best;
  if (best->best.size() == options_.finalists) best->best.pop_back();
  best->best.push_back(quick->best.front());
  return best;
}

std::optional<SearchResult> NetworkMapper::search_choice(const SearchJob& job,
                                                         const std::array<bool, kOperands>& choice,
                                                         const ArchSpec& arch,
                                                         const SearchOptions& options) const {
  const ChunkSpec& chunk = arch_.chunks[job.job.chunk];
  Program prototype = job.job.prototype;
  prototype.bypass_buffer = choice;
  std::optional<SearchResult> found = search(prototype, chunk, arch, options);
  if (!found) return found;
  for (auto* candidates : {&found->best, &found->pareto})
    for (Candidate& candidate : *candidates) candidate.bypass = choice;
  if (options_.finalists > 1) walk(prototype, chunk, arch, found->best);
  return found;
}

// The best of them, in order.
void NetworkMapper::keep_finalists(std::vector<Candidate>& candidates) const {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.score < b.score; });
  if (candidates.size() > options_.finalists) candidates.resize(options_.finalists);
}

// One of the mappings that keep() wrote; none where it is something else.
std::optional<Candidate> NetworkMapper::recalled(const SearchJob& job, const Json& entry) const {
  Diagnostics problems;
  const auto mapping = read_mapping({"cache", entry}, problems);
  if (!mapping || mapping->layers.size() != 1) return std::nullopt;
  OperationMapping kept = mapping->layers.begin()->second;
  if (kept.dram.size() + kept.buffer.size() > LoopNest{}.loops.size()) return std::nullopt;
  const ChunkSpec& chunk = arch_.chunks[job.job.chunk];
  Program prototype = job.job.prototype;
  prototype.bypass_buffer = kept.bypass.value_or(bypass_of(chunk));
  const auto choices = bypass_choices(prototype.operation, chunk, job.constraints.bypass);
  if (std::find(choices.begin(), choices.end(), prototype.bypass_buffer) == choices.end())
    return std::nullopt;
  const LoopNest nest = to_nest(kept);
  if (!NestLimits(prototype, limits_of(chunk, arch_.global_buffer)).legal(nest))
    return std::nullopt;
  const CostModel model(prototype, chunk, machine(job));
  const Cost cost = model.evaluate(nest);
  return Candidate{nest, cost, Score(options_.objective, model)(cost), prototype.bypass_buffer};
}

// What the cache holds, as mappings; their costs are worked out again.
bool NetworkMapper::recall(std::size_t j) {
  const SearchJob& job = jobs_[j];
  if (options_.cache == nullptr || job.key.empty()) return false;
  const std::optional<std::string> text = options_.cache->find(job.key);
  if (!text) return false;
  Diagnostics problems;
  const auto document = parse_json(*text, "cache", problems);
  if (!document || !is_kept(document->root)) return false;
  SearchResult result;
  for (const Json& entry : document->root["best"]) {
    std::optional<Candidate> candidate = recalled(job, entry);
    if (!candidate) return false;
    result.best.push_back(std::move(*candidate));
  }
  result.evaluations = document->root["evaluations"].get<std::uint64_t>();
  result.complete = document->root["complete"].get<bool>();
  results_[j] = {std::move(result), true};
  return true;
}

void NetworkMapper::keep(const std::vector<MappedJob>& mapped) {
  if (options_.cache == nullptr) return;
  std::vector<std::pair<std::string, std::string>> entries;
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    if (mapped[j].from_cache || jobs_[j].key.empty()) continue;
    const SearchResult& result = mapped[j].result;
    Json best = Json::array();
    for (const Candidate& candidate : result.best) {
      Mapping mapping;
      mapping.layers["operation"] = mapping_of(candidate, arch_.chunks[mapped[j].chunk]);
      best.push_back(to_json(mapping));
    }
    entries.emplace_back(jobs_[j].key, Json{{"best", std::move(best)},
                                            {"evaluations", result.evaluations},
                                            {"complete", result.complete}}
                                           .dump());
  }
  options_.cache->store(entries, diagnostics_);
}

std::optional<MappedNetwork> NetworkMapper::finish() {
  MappedNetwork mapped;
  for (const ArchSpec& machine : machines_)
    mapped.buffer_bytes.push_back(machine.global_buffer.capacity_bytes);
  bool complete = true;
  for (std::size_t j = 0; j < jobs_.size(); ++j) {
    auto& [result, from_cache] = results_[j];
    if (!result) {
      report(jobs_[j]);
      complete = false;
      continue;
    }
    mapped.jobs.push_back({std::move(jobs_[j].job.prototype), jobs_[j].job.chunk,
                           std::move(jobs_[j].job.names), std::move(*result), from_cache});
  }
  if (!complete) return std::nullopt;
  return mapped;
}

void NetworkMapper::report(const SearchJob& job) {
  const ChunkSpec& chunk = arch_.chunks[job.job.chunk];
  const MapSpace space(job.job.prototype, limits_of(chunk, arch_.global_buffer), job.constraints);
  const std::string why = space.why_empty();
  for (const std::string& name : job.job.names)
    diagnostics_.infeasible(arch_.name, "",
                            fmt::format("layer {} has no mapping on chunk {}: {}", name, chunk.name,
                                        why.empty() ? "none was found within the budget" : why));
}

}  // namespace

Mapping MappedNetwork::mapping(const ArchSpec& arch, std::size_t finalist) const {
  Mapping mapping;
  for (const MappedJob& job : jobs) {
    const std::vector<Candidate>& best = job.result.best;
    const Candidate& candidate = best[std::min(finalist, best.size() - 1)];
    for (const std::string& name : job.names)
      mapping.layers[name] = mapping_of(candidate, arch.chunks[job.chunk]);
  }
  return mapping;
}

std::uint64_t MappedNetwork::evaluations() const {
  std::uint64_t sum = 0;
  for (const MappedJob& job : jobs) sum += job.result.evaluations;
  return sum;
}

std::optional<MappedNetwork> search_network(const ArchSpec& arch, const Network& network,
                                            const MapOptions& options, Diagnostics& diagnostics) {
  std::optional<MappedNetwork> mapped = NetworkMapper(arch, network, options, diagnostics).run();
  // Scratch for spilled sums is only known now.
  if (mapped &&
      !lower(arch, network, mapped->mapping(arch), diagnostics, arch.name, options.images))
    return std::nullopt;
  return mapped;
}

std::optional<Mapping> map_network(const ArchSpec& arch, const Network& network,
                                   const MapOptions& options, Diagnostics& diagnostics) {
  const auto mapped = search_network(arch, network, options, diagnostics);
  if (!mapped) return std::nullopt;
  return mapped->mapping(arch);
}

}  // namespace chasm
