// The credit rule of docs/microarchitecture.md, section 2: a delivery may start once the tiles that
// must still be held fit the storage together with all deliveries up to it. Deliveries are numbered
// by the step (or buffer tile) they are for.
#pragma once

#include "mapper/walk_basics.h"

namespace chasm::walk {

class Credit {
 public:
  explicit Credit(std::uint64_t capacity_words) : capacity_(capacity_words) {}

  // The next delivery: its tile has so many words, so many of them take new space.
  void add(std::uint64_t first, std::uint64_t tile_words, std::uint64_t new_words) {
    brought_ += new_words;
    while (!ends_.empty() && ends_.front().before < first) ends_.pop_front();
    held_.push_back({first, tile_words, brought_, ends_.empty() ? kUnknown : ends_.front().at});
    while (held_.size() > 1 &&
           held_.front().tile_words + (brought_ - held_.front().brought) > capacity_) {
      held_.pop_front();
      if (ended_ > 0) --ended_;
      limited_ = true;
    }
    if (held_.back().before_ended != kUnknown) ended_ = held_.size();
  }

  // All steps (tiles) before that one have ended at that cycle.
  void end(std::uint64_t before, Cycle at) {
    for (; ended_ < held_.size() && held_[ended_].first <= before; ++ended_)
      held_[ended_].before_ended = at;
    if (held_.empty() || before > held_.back().first) ends_.push_back({before, at});
  }

  // When the latest delivery may start.
  Cycle at() const { return limited_ ? held_.front().before_ended : 0; }

  // Numbers of deliveries are told relative to `position`.
  void save(Snapshot& state, std::uint64_t position) const {
    state.number(limited_ ? 1 : 0);
    state.number(held_.size());
    for (std::size_t i = 0; i < held_.size(); ++i) {
      state.number(held_[i].first - position);
      state.number(held_[i].tile_words);
      state.number(brought_ - held_[i].brought);
      state.time(held_[i].before_ended);
    }
    state.number(ends_.size());
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      state.number(ends_[i].before - position);
      state.time(ends_[i].at);
    }
  }
  void shift(std::uint64_t positions, Cycle cycles) {
    for (std::size_t i = 0; i < held_.size(); ++i) {
      held_[i].first += positions;
      delay(held_[i].before_ended, cycles);
    }
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      ends_[i].before += positions;
      delay(ends_[i].at, cycles);
    }
  }

 private:
  struct Held {
    std::uint64_t first = 0, tile_words = 0, brought = 0;
    Cycle before_ended = kUnknown;
  };
  struct End {
    std::uint64_t before = 0;
    Cycle at = 0;
  };
  std::uint64_t capacity_, brought_ = 0;
  Ring<Held> held_;        // from the oldest that must be held during the latest delivery
  std::size_t ended_ = 0;  // of them, whose time is known
  Ring<End> ends_;         // of deliveries yet to come
  bool limited_ = false;   // something has to end before the latest delivery
};

}  // namespace chasm::walk
