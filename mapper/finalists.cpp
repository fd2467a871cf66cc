#include "mapper/finalists.h"

#include <algorithm>
#include <cmath>

namespace chasm {

double Finalists::best_score() const { return best_.empty() ? INFINITY : best_.front().score; }
double Finalists::worst_score() const {
  return best_.size() < most_ ? INFINITY : best_.back().score;
}

void Finalists::merge(const Finalists& other) {
  for (const Candidate& c : other.best_)
    if (best_.size() < most_ || c.score < best_.back().score) enter(c);
  for (const Candidate& c : other.front_) enter_front(c);
}

// Mappings of the same cost are one to the model: a second one tells nothing new.
void Finalists::enter(Candidate candidate) {
  const auto place =
      std::upper_bound(best_.begin(), best_.end(), candidate,
                       [](const Candidate& a, const Candidate& b) { return a.score < b.score; });
  for (auto same = place; same != best_.begin() && (--same)->score == candidate.score;)
    if (same->cost.cycles == candidate.cost.cycles && same->cost.energy == candidate.cost.energy)
      return;
  best_.insert(place, candidate);
  if (best_.size() > most_) best_.pop_back();
}

void Finalists::enter_front(Candidate candidate) {
  // Cycles rise and energy falls along the front.
  const auto place = std::upper_bound(
      front_.begin(), front_.end(), candidate,
      [](const Candidate& a, const Candidate& b) { return a.cost.cycles < b.cost.cycles; });
  if (place != front_.begin() && std::prev(place)->cost.energy <= candidate.cost.energy) return;
  auto begin = place;  // those that the candidate beats
  if (begin != front_.begin() && std::prev(begin)->cost.cycles == candidate.cost.cycles) --begin;
  auto end = place;
  while (end != front_.end() && end->cost.energy >= candidate.cost.energy) ++end;
  front_.insert(front_.erase(begin, end), candidate);
}

std::vector<Candidate> Finalists::front_of(const std::vector<Candidate>& candidates) {
  Finalists all(1, true);
  for (const Candidate& candidate : candidates) all.enter_front(candidate);
  return all.front_;
}

}  // namespace chasm
