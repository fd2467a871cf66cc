#include "mapper/search_stream.h"

#include <algorithm>

#include "mapper/build_program.h"

namespace chasm {
namespace {

// Illegal points a stream may meet for each one of its budget: they cost a tenth of a legal one.
constexpr std::uint64_t kRejections = 20;
// Random points to try before one is mixed with the start.
constexpr int kTries = 64;

std::uint64_t quota_of(const SearchOptions& options, unsigned stream) {
  const bool to_the_end =
      options.method == SearchMethod::exhaustive || options.method == SearchMethod::bnb;
  if (!options.budget.evaluations && (to_the_end || options.budget.seconds)) return UINT64_MAX;
  const std::uint64_t all = options.budget.evaluations.value_or(kDefaultEvaluations);
  return all / kStreams + (stream < all % kStreams ? 1 : 0);
}

}  // namespace

SearchProblem::SearchProblem(const Program& program, const ChunkSpec& on, const ArchSpec& of,
                             const SearchOptions& how)
    : prototype(program),
      chunk(on),
      arch(of),
      options(how),
      space(program, limits_of(on, of.global_buffer), how.constraints),
      moves(space, how.method == SearchMethod::anneal || how.method == SearchMethod::genetic) {
  for (const Dim d : kAllDims)
    if (space.splits(d).size() > 1) open.push_back(d);
}

PointCost::PointCost(const SearchProblem& problem)
    : problem_(problem),
      model_(problem.prototype, problem.chunk, problem.arch,
             problem.options.weights
                 ? *problem.options.weights
                 : energy_weights(problem.prototype, problem.chunk, problem.arch)),
      score_(problem.options.objective, model_),
      single_loops_(!problem.options.constraints.at(Level::dram).loops &&
                    !problem.options.constraints.at(Level::buffer).loops) {
  for (const Dim d : kAllDims) numbers_[d].assign(problem.space.splits(d).size(), kUnknown);
}

CostModel::Splits PointCost::splits(const MapSpace::Point& point, const LoopNest& of) {
  if (!single_loops_) return model_.splits(of);
  CostModel::Splits splits{};
  for (const Dim d : kAllDims) {
    if (problem_.prototype.operation.bounds[d] == 1) continue;
    std::uint32_t& number = numbers_[d][point.split[d]];
    if (number == kUnknown) {
      const Split& s = problem_.space.splits(d)[point.split[d]];
      number = model_.split(d, s.rf, s.x * s.y, s.buffer, s.dram);
    }
    splits[d] = number;
  }
  return splits;
}

bool PointCost::evaluate(const MapSpace::Point& point) {
  problem_.space.set(point, nest);
  if (!problem_.space.legal(nest)) return false;
  cost = model_.evaluate(nest, splits(point, nest));
  score = judge(nest, cost);
  return true;
}

void SearchProgress::add(std::uint64_t evaluations) {
  const std::lock_guard lock(mutex_);
  total_ += evaluations;
  if (report_ && !stopped_ && !report_(total_)) stopped_ = true;
}

Stream::Stream(const SearchProblem& of, PointCost& with, SearchProgress& progress, unsigned number,
               std::optional<Clock::time_point> deadline)
    : problem(of),
      cost(with),
      index(number),
      rng(of.options.seed * kStreams + number),
      found(std::max<std::size_t>(of.options.finalists, 1), of.options.pareto),
      progress_(progress),
      quota_(quota_of(of.options, number)),
      begin_(Clock::now()),
      deadline_(deadline) {}

Stream::~Stream() { progress_.add(evaluations - reported_); }

std::optional<double> Stream::evaluate(const MapSpace::Point& point) {
  if (!cost.evaluate(point)) {
    reject();
    return std::nullopt;
  }
  count(cost.nest, cost.cost, cost.score);
  return cost.score;
}

void Stream::count(const LoopNest& nest, const Cost& of, double score) {
  ++evaluations;
  found.consider(nest, of, score);
}

bool Stream::over() {
  constexpr std::uint32_t kLook = 256;  // points between two looks at the clock
  if (evaluations >= quota_ || rejected_ / kRejections >= quota_) return true;
  if (until_look_-- > 0) return false;
  until_look_ = kLook;
  if (evaluations - reported_ >= 4096) {
    progress_.add(evaluations - reported_);
    reported_ = evaluations;
  }
  return progress_.stopped() || (deadline_ && Clock::now() >= *deadline_);
}

double Stream::used() const {
  double used = static_cast<double>(std::max(evaluations, rejected_ / kRejections)) /
                static_cast<double>(quota_);
  if (deadline_)
    used = std::max(used, std::chrono::duration<double>(Clock::now() - begin_) /
                              std::chrono::duration<double>(*deadline_ - begin_));
  return std::min(used, 1.0);
}

MapSpace::Point Stream::random_point() {
  // The next power of two is less than twice the size: a number fits after two tries on average.
  const Rank size = problem.space.size();
  Rank mask = size - 1;
  for (int shift = 1; shift < 128; shift *= 2) mask |= mask >> shift;
  Rank rank;
  do {
    rank = (Rank{rng.next()} << 64 | rng.next()) & mask;
  } while (rank >= size);
  return problem.space.unrank(rank);
}

std::optional<MapSpace::Point> Stream::random_legal() {
  MapSpace::Point point;
  for (int i = 0; i < kTries; ++i) {
    point = random_point();
    if (evaluate(point)) return point;
    if (over()) break;
  }
  if (!problem.start) return std::nullopt;
  std::vector<Dim> dims = problem.open;
  while (!dims.empty()) {
    const std::size_t at = rng.below(dims.size());
    point.split[dims[at]] = problem.start->split[dims[at]];
    point.buffer_tiles = problem.start->buffer_tiles;
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(at));
    if (evaluate(point)) return point;
  }
  return problem.start;
}

}  // namespace chasm
