// The best mappings a search has seen.
#pragma once

#include <vector>

#include "mapper/search.h"

namespace chasm {

class Finalists {
 public:
  Finalists(std::size_t most, bool pareto) : most_(most), pareto_(pareto) {}

  // Of equal ones the first stays.
  void consider(const LoopNest& nest, const Cost& cost, double score) {
    if (best_.size() < most_ || score < best_.back().score) enter({nest, cost, score});
    if (pareto_) enter_front({nest, cost, score});
  }
  void merge(const Finalists&);
  // Those that none of the others beats in both cycles and energy, fastest first.
  static std::vector<Candidate> front_of(const std::vector<Candidate>&);

  bool empty() const { return best_.empty(); }
  double best_score() const;   // infinite where there is none
  double worst_score() const;  // what a mapping must beat; infinite while there is room
  const std::vector<Candidate>& best() const { return best_; }
  const std::vector<Candidate>& front() const { return front_; }

 private:
  void enter(Candidate);
  void enter_front(Candidate);

  std::size_t most_;
  bool pareto_;
  std::vector<Candidate> best_, front_;  // by score; by cycles
};

}  // namespace chasm
