// The state of a channel to which nothing is asked: it does the same in every round of refreshes,
// so that a long gap takes no longer than a short one. Each part of the channel shows its state to
// a visitor, piece by piece in a fixed order: times that move along with the rounds or lie in the
// past, counts, and what must be as it was.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"

namespace chasm {

// What stood where at a cycle.
class DramIdleState {
 public:
  explicit DramIdleState(Cycle at) : at_(at) {}

  void time(Cycle value) { times_.push_back(value); }
  void count(std::uint64_t value) { counts_.push_back(value); }
  void same(std::uint64_t value) { same_.push_back(value); }
  // Something else happens then, unless it has come.
  void past(Cycle value) { settled_ = settled_ && value <= at_; }

  // Whether this, `period` cycles after `before`, is the same state: then all goes on as it did
  // since, for a time in the past stays without effect.
  bool repeats(const DramIdleState& before, Cycle period) const {
    if (!settled_ || !before.settled_ || at_ - before.at_ != period || same_ != before.same_)
      return false;
    for (std::size_t i = 0; i < times_.size(); ++i) {
      const bool moved = times_[i] == before.times_[i] + period;
      const bool stayed = times_[i] == before.times_[i] && times_[i] <= before.at_;
      if (!moved && !stayed) return false;
    }
    return true;
  }

 private:
  friend class DramIdleRounds;
  Cycle at_;
  bool settled_ = true;
  std::vector<Cycle> times_;
  std::vector<std::uint64_t> counts_, same_;
};

// Adds to every time and count what a round added, so many times.
class DramIdleRounds {
 public:
  DramIdleRounds(const DramIdleState& before, const DramIdleState& after, std::uint64_t rounds)
      : before_(before), after_(after), rounds_(rounds) {}

  void time(Cycle& value) {
    value += rounds_ * (after_.times_[time_] - before_.times_[time_]);
    ++time_;
  }
  void count(std::uint64_t& value) {
    value += rounds_ * (after_.counts_[count_] - before_.counts_[count_]);
    ++count_;
  }
  void same(std::uint64_t) {}
  void past(Cycle) {}

 private:
  const DramIdleState& before_;
  const DramIdleState& after_;
  std::uint64_t rounds_;
  std::size_t time_ = 0, count_ = 0;
};

}  // namespace chasm
