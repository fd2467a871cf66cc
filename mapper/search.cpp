#include "mapper/search.h"

#include <algorithm>
#include <thread>

#include "mapper/operation_search.h"
#include "mapper/search_stream.h"

namespace chasm {
namespace {

bool run_method(Stream& stream) {
  switch (stream.problem.options.method) {
    case SearchMethod::quick:
      return true;  // it has no streams
    case SearchMethod::exhaustive:
      return search_tree(stream, false);
    case SearchMethod::bnb:
      return search_tree(stream, true);
    case SearchMethod::random:
      return search_random(stream);
    case SearchMethod::anneal:
      return search_anneal(stream);
    case SearchMethod::genetic:
      return search_genetic(stream);
  }
  return false;
}

class Search {
 public:
  Search(const Program& prototype, const ChunkSpec& chunk, const ArchSpec& arch,
         const SearchOptions& options)
      : problem_(prototype, chunk, arch, options),
        cost_(problem_),
        found_(std::max<std::size_t>(options.finalists, 1), options.pareto),
        progress_(options.progress) {}

  std::optional<SearchResult> run() {
    start();
    const bool streams = problem_.options.method != SearchMethod::quick || found_.empty();
    if (streams && problem_.space.size() > 0) run_streams();
    if (found_.empty()) return std::nullopt;
    return SearchResult{found_.best(), found_.front(), evaluations_, complete_};
  }

 private:
  // What is known before: the quick search's best, and a legal point of the space.
  void start() {
    std::optional<LoopNest> quick =
        search_operation(problem_.prototype, problem_.chunk, problem_.arch,
                         problem_.options.objective, cost_.model().weights());
    if (quick && !problem_.space.legal(*quick)) quick.reset();
    const bool in_space = problem_.space.size() > 0;
    if (quick && in_space) {
      problem_.start = problem_.space.point(*quick);
      if (!problem_.start) problem_.start = legal(problem_.space.nearest(*quick));
    }
    if (!problem_.start && in_space) problem_.start = problem_.space.smallest();
    const bool allowed = problem_.options.constraints == MapConstraints{} ||
                         (quick && in_space && problem_.space.point(*quick));
    if (quick && allowed) {
      const Cost cost = cost_.model().evaluate(*quick);
      found_.consider(*quick, cost, cost_.judge(*quick, cost));
    }
    if (problem_.start && cost_.evaluate(*problem_.start))
      found_.consider(cost_.nest, cost_.cost, cost_.score);
  }

  std::optional<MapSpace::Point> legal(std::optional<MapSpace::Point> point) const {
    if (point && !problem_.space.legal(problem_.space.nest(*point))) point.reset();
    return point;
  }

  void run_streams() {
    const unsigned threads = std::clamp(problem_.options.threads, 1U, kStreams);
    std::vector<Outcome> outcomes(kStreams, {found_, 0, false});
    std::vector<std::thread> others;
    const Stream::Clock::time_point begin = Stream::Clock::now();
    for (unsigned t = 1; t < threads; ++t)
      others.emplace_back([&, t] {
        PointCost cost(problem_);
        run_thread(t, threads, begin, cost, outcomes);
      });
    run_thread(0, threads, begin, cost_, outcomes);
    for (std::thread& other : others) other.join();
    complete_ = true;
    for (const Outcome& outcome : outcomes) {  // in their order, whoever was first
      found_.merge(outcome.found);
      evaluations_ += outcome.evaluations;
      complete_ = complete_ && outcome.complete;
    }
  }

  struct Outcome {
    Finalists found;
    std::uint64_t evaluations;
    bool complete;
  };
  // Streams t, t + threads and so on, each with an equal part of the time.
  void run_thread(unsigned t, unsigned threads, Stream::Clock::time_point begin, PointCost& cost,
                  std::vector<Outcome>& outcomes) {
    const unsigned turns = (kStreams + threads - 1) / threads;
    for (unsigned turn = 0; turn < turns && t + turn * threads < kStreams; ++turn) {
      std::optional<Stream::Clock::time_point> deadline;
      if (problem_.options.budget.seconds)
        deadline = begin + std::chrono::duration_cast<Stream::Clock::duration>(
                               std::chrono::duration<double>(*problem_.options.budget.seconds *
                                                             (turn + 1) / turns));
      Stream stream(problem_, cost, progress_, t + turn * threads, deadline);
      Outcome& outcome = outcomes[stream.index];
      stream.found = outcome.found;
      outcome.complete = run_method(stream);
      outcome.found = stream.found;
      outcome.evaluations = stream.evaluations;
    }
  }

  SearchProblem problem_;
  PointCost cost_;
  Finalists found_;
  SearchProgress progress_;
  std::uint64_t evaluations_ = 0;
  bool complete_ = false;
};

}  // namespace

std::optional<SearchResult> search(const Program& prototype, const ChunkSpec& chunk,
                                   const ArchSpec& arch, const SearchOptions& options) {
  return Search(prototype, chunk, arch, options).run();
}

}  // namespace chasm
