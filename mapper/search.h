// Search for the best mapping of one operation on one chunk, by the cost model.
//
// A search runs as a fixed number of streams, each with its own random numbers and its share of the
// budget, and threads take them in turn: a budget of evaluations gives the same result with any
// number of threads. One of seconds does not.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "models/arch/arch_spec.h"
#include "models/program/program.h"
#include "mapper/constraints.h"
#include "mapper/objective.h"

namespace chasm {

enum class SearchMethod {
  quick,       // a limited set of tilings and orders (mapper/operation_search.h)
  exhaustive,  // every legal mapping of the space
  bnb,         // the same, without those that a lower bound rules out
  random,      // mappings of the space, each as likely as any other
  anneal,      // simulated annealing, from the quick search's best and from random mappings
  genetic,
};

// The search ends with whichever is used up first. Where neither is given, exhaustive and bnb go
// on to the end and the others make kDefaultEvaluations.
struct Budget {
  std::optional<std::uint64_t> evaluations;  // of the cost model
  std::optional<double> seconds;
};
inline constexpr std::uint64_t kDefaultEvaluations = 100'000;

struct SearchOptions {
  Objective objective = Objective::edp;
  std::optional<EnergyWeights> weights;  // else by the architecture's energy table
  // Scores mappings in place of the objective: another machine's costs, say. Smaller is better.
  // Called by all threads at once. Bounds say nothing of it: bnb then is exhaustive.
  std::function<double(const LoopNest&, const Cost&)> judge;
  SearchMethod method = SearchMethod::anneal;
  Budget budget;
  std::uint64_t seed = 1;
  unsigned threads = 1;
  std::size_t finalists = 1;  // so many mappings of different cost
  bool pareto = false;        // keep the front of cycles and energy as well
  MapConstraints constraints;
  // Called now and then with the evaluations so far, by one thread at a time; the search ends, with
  // what it has, when it returns false.
  std::function<bool(std::uint64_t evaluations)> progress;
};

struct Candidate {
  LoopNest nest;
  Cost cost;
  double score = 0;                      // smaller is better
  std::array<bool, kOperands> bypass{};  // what goes past the buffer: as in the prototype
};

struct SearchResult {
  std::vector<Candidate> best;    // best first
  std::vector<Candidate> pareto;  // no two of which are ordered in cycles and energy; fastest first
  std::uint64_t evaluations = 0;  // of the quick search too, where it gave the start
  // The whole space was covered: by the cost model it has nothing better than best[0].
  bool complete = false;
};

// None where no legal mapping was found: there is none, but for budgets too small to find it under
// hard constraints. `prototype` gives the operation, the widths and what bypasses the buffer.
std::optional<SearchResult> search(const Program& prototype, const ChunkSpec&, const ArchSpec&,
                                   const SearchOptions&);

}  // namespace chasm
