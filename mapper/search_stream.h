// The parts that the search methods share: the problem, a stream's budget and what it found.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <vector>

#include "base/rng.h"
#include "mapper/finalists.h"
#include "mapper/mapspace.h"
#include "mapper/search.h"
#include "mapper/search_moves.h"

namespace chasm {

inline constexpr unsigned kStreams = 4;

// Read by all streams at once.
struct SearchProblem {
  SearchProblem(const Program&, const ChunkSpec&, const ArchSpec&, const SearchOptions&);
  SearchProblem(const SearchProblem&) = delete;
  SearchProblem& operator=(const SearchProblem&) = delete;

  const Program& prototype;
  const ChunkSpec& chunk;
  const ArchSpec& arch;
  const SearchOptions& options;
  MapSpace space;
  SearchMoves moves;
  std::vector<Dim> open;                 // dimensions with a choice of splits
  std::optional<MapSpace::Point> start;  // a legal one, the best known
};

// Costs points of the space; one a thread. A dimension's splits keep their numbers in the model, so
// that a point is costed by look-ups.
class PointCost {
 public:
  explicit PointCost(const SearchProblem&);

  // Whether the point is legal; the nest, its cost and its score then are those below.
  bool evaluate(const MapSpace::Point&);
  LoopNest nest;
  Cost cost;
  double score = 0;

  const CostModel& model() const { return model_; }
  const Score& scoring() const { return score_; }
  double judge(const LoopNest& of, const Cost& its_cost) const {
    return problem_.options.judge ? problem_.options.judge(of, its_cost) : score_(its_cost);
  }
  CostModel::Splits splits(const MapSpace::Point&, const LoopNest&);

 private:
  const SearchProblem& problem_;
  CostModel model_;
  Score score_;
  bool single_loops_;  // at most one of a dimension at a level
  static constexpr std::uint32_t kUnknown = UINT32_MAX;
  DimArray<std::vector<std::uint32_t>> numbers_;
};

// How far the streams are, and whether they shall stop.
class SearchProgress {
 public:
  explicit SearchProgress(const std::function<bool(std::uint64_t)>& report) : report_(report) {}
  void add(std::uint64_t evaluations);
  bool stopped() const { return stopped_; }

 private:
  const std::function<bool(std::uint64_t)>& report_;
  std::mutex mutex_;
  std::uint64_t total_ = 0;
  std::atomic<bool> stopped_ = false;
};

class Stream {
 public:
  using Clock = std::chrono::steady_clock;
  Stream(const SearchProblem&, PointCost&, SearchProgress&, unsigned index,
         std::optional<Clock::time_point> deadline);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // The score of a legal point.
  std::optional<double> evaluate(const MapSpace::Point&);
  void count(const LoopNest&, const Cost&, double score);  // one that was costed elsewhere
  void reject() { ++rejected_; }
  // Budget used up, or time, or patience with illegal points. A point is counted before.
  bool over();
  // Of the budget, from 0 to 1.
  double used() const;

  // A legal point: uniform over the space if one is found soon, else one that takes from a random
  // one what keeps a known one legal. None where none is known.
  std::optional<MapSpace::Point> random_legal();
  MapSpace::Point random_point();

  const SearchProblem& problem;
  PointCost& cost;
  const unsigned index;
  Rng rng;
  Finalists found;
  std::uint64_t evaluations = 0;

 private:
  SearchProgress& progress_;
  std::uint64_t quota_, rejected_ = 0, reported_ = 0;
  Clock::time_point begin_;
  std::optional<Clock::time_point> deadline_;
  std::uint32_t until_look_ = 0;
};

// The methods; each returns whether the stream covered its part of the space.
bool search_tree(Stream&, bool with_bounds);
bool search_random(Stream&);
bool search_anneal(Stream&);
bool search_genetic(Stream&);

}  // namespace chasm
