// The search: how many mappings a second are costed when each has other splits than the one before,
// and what 100,000 evaluations an operation gain over the quick search.
#include <cmath>
#include <map>

#include <benchmark/benchmark.h>

#include "mapper/assign.h"
#include "mapper/build_program.h"
#include "mapper/operation_search.h"
#include "mapper/search.h"
#include "mapper/search_moves.h"
#include "mapper/search_stream.h"

namespace chasm {
namespace {

struct Job {
  std::size_t chunk;
  Program prototype;
  double times;  // operations of the network like it
};

struct Workload {
  ArchSpec arch;
  std::vector<Job> jobs;  // distinct ones
};

Workload workload(const std::string& arch_name, const std::string& network_name) {
  Diagnostics problems;
  const auto document = load_arch_document(arch_name, {}, problems);
  const auto network = load_network(network_name, problems);
  Workload result{read_arch(*document, problems).value(), {}};
  const auto chunks = assign_chunks(result.arch, *network, problems);
  std::vector<LayerWidths> widths;
  for (const std::uint32_t chunk : *chunks) widths.push_back(widths_of(result.arch.chunks[chunk]));
  const QuantizationPlan plan = plan_quantization(*network, widths);
  std::map<std::string, std::size_t> known;
  for (std::size_t l = 0; l < network->layers.size(); ++l)
    for (const Operation& operation : operations_of(*network, l)) {
      const ChunkSpec& chunk = result.arch.chunks[(*chunks)[l]];
      Job job{(*chunks)[l],
              build_program(operation_on(chunk, operation), chunk,
                            limits_of(chunk, result.arch.global_buffer), {}, plan),
              1};
      lay_out(job.prototype, result.arch.layout, *network);
      gate_zeros(job.prototype, chunk, *network);
      Program key = job.prototype;
      key.operation.name.clear();
      key.operation.layer = 0;
      for (TensorAccess& access : key.operation.access) access.tensor = 0, access.base_word = 0;
      const auto [entry, is_new] =
          known.try_emplace(std::to_string(job.chunk) + print_program(key), result.jobs.size());
      if (is_new)
        result.jobs.push_back(job);
      else
        ++result.jobs[entry->second].times;
    }
  return result;
}

// Legal points of the first 3x3 layer of ResNet-50 with so many output rows.
struct Points {
  Workload work = workload("nasa-45nm", "resnet50");
  SearchOptions options;
  std::optional<SearchProblem> problem;
  std::optional<PointCost> cost;
  std::vector<MapSpace::Point> points;

  explicit Points(std::uint64_t rows) {
    for (const Job& job : work.jobs) {
      const auto& bounds = job.prototype.operation.bounds;
      if (bounds[Dim::R] != 3 || bounds[Dim::P] != rows || job.chunk != 0) continue;
      problem.emplace(job.prototype, work.arch.chunks[job.chunk], work.arch, options);
      break;
    }
    cost.emplace(*problem);
    const auto quick =
        search_operation(problem->prototype, problem->chunk, problem->arch, options.objective);
    problem->start = problem->space.nearest(*quick);
  }

  template <class Change>
  void collect(Change change) {
    MapSpace::Point now = *problem->start;
    Rng rng(1);
    while (points.size() < 512) {
      MapSpace::Point next = now;
      change(next, rng);
      if (!cost->evaluate(next)) continue;
      points.push_back(next);
      now = next;
    }
  }

  // Nests made before; each costed after one with other splits.
  void run(benchmark::State& state) {
    std::vector<std::pair<LoopNest, CostModel::Splits>> nests;
    for (const MapSpace::Point& point : points) {
      const LoopNest nest = problem->space.nest(point);
      nests.push_back({nest, cost->splits(point, nest)});
    }
    std::size_t at = 0;
    for (auto _ : state) {
      const auto& [nest, splits] = nests[at++ % nests.size()];
      benchmark::DoNotOptimize(cost->model().evaluate(nest, splits));
    }
    state.SetItemsProcessed(state.iterations());
  }
};

// Every dimension's split is another one.
void cost_new_splits(benchmark::State& state) {
  Points points(static_cast<std::uint64_t>(state.range(0)));
  points.collect([&](MapSpace::Point& point, Rng& rng) {
    for (const Dim d : points.problem->open)
      if (rng.below(2) == 0)
        point.split[d] =
            static_cast<std::uint32_t>(rng.below(points.problem->space.splits(d).size()));
  });
  points.run(state);
}

void cost_one_dimension(benchmark::State& state) {
  Points points(static_cast<std::uint64_t>(state.range(0)));
  points.collect([&](MapSpace::Point& point, Rng& rng) {
    const Dim d = points.problem->open[rng.below(points.problem->open.size())];
    point.split[d] = static_cast<std::uint32_t>(rng.below(points.problem->space.splits(d).size()));
  });
  points.run(state);
}

// Move, legality and cost, as the annealing does them.
void search_steps(benchmark::State& state) {
  Points points(static_cast<std::uint64_t>(state.range(0)));
  const SearchMoves& moves = points.problem->moves;
  MapSpace::Point now = *points.problem->start;
  Rng rng(1);
  std::int64_t legal = 0;
  for (auto _ : state) {
    MapSpace::Point next = now;
    moves.change(next, rng);
    if (!points.cost->evaluate(next)) continue;
    now = next;
    ++legal;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["legal"] = static_cast<double>(legal) / static_cast<double>(state.iterations());
}

// `gain`: geometric mean over the layers of the quick search's score by the search's.
void search_network(benchmark::State& state, const std::string& arch, const std::string& network,
                    SearchMethod method) {
  const Workload work = workload(arch, network);
  SearchOptions options;
  options.method = method;
  double logs = 0, operations = 0, evaluations = 0, before = 0, after = 0;
  for (auto _ : state) {
    logs = operations = before = after = 0;
    for (const Job& job : work.jobs) {
      const ChunkSpec& chunk = work.arch.chunks[job.chunk];
      const auto result = search(job.prototype, chunk, work.arch, options);
      SearchOptions quick = options;
      quick.method = SearchMethod::quick;
      const double old = search(job.prototype, chunk, work.arch, quick)->best[0].score;
      logs += job.times * std::log(old / result->best[0].score);
      before += job.times * old, after += job.times * result->best[0].score;
      operations += job.times;
      evaluations += static_cast<double>(result->evaluations);
    }
  }
  state.counters["gain"] = std::exp(logs / operations);
  state.counters["gain_sum"] = before / after;
  state.counters["jobs"] = static_cast<double>(work.jobs.size());
  state.counters["evaluations"] = benchmark::Counter(evaluations, benchmark::Counter::kIsRate);
}

BENCHMARK(cost_new_splits)->Arg(56)->Arg(28)->Arg(14)->Arg(7);
BENCHMARK(cost_one_dimension)->Arg(56)->Arg(28)->Arg(14)->Arg(7);
BENCHMARK(search_steps)->Arg(56)->Arg(7);

// Registered by name, since the methods and networks are data.
[[maybe_unused]] const bool registered = [] {
  const std::map<std::string, SearchMethod> methods = {{"anneal", SearchMethod::anneal},
                                                       {"genetic", SearchMethod::genetic},
                                                       {"random", SearchMethod::random}};
  for (const std::string arch : {"nasa-45nm", "eyeriss-45nm-168"})
    for (const std::string network :
         {"resnet18", "mobilenet_v2", "resnet50", "nasa_hybrid_all_b_cifar10"})
      for (const auto& [name, method] : methods) {
        const bool runs = arch == "nasa-45nm" || network != "nasa_hybrid_all_b_cifar10";
        if (!runs) continue;
        benchmark::RegisterBenchmark(
            ("search_network/" + arch + "/" + network + "/" + name).c_str(),
            [=, method = method](benchmark::State& state) {
              search_network(state, arch, network, method);
            })
            ->Unit(benchmark::kMillisecond)
            ->Iterations(1);
      }
  return true;
}();

}  // namespace
}  // namespace chasm
