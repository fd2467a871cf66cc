// Credits of a storage that holds consecutive tiles as a ring of words (docs/microarchitecture.md,
// section 2, "Credit"): a delivery may start once the tiles that must still be held, with all
// deliveries up to it, fit the ring.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/units.h"

namespace chasm {

class CreditRing {
 public:
  explicit CreditRing(std::uint64_t capacity_words) : capacity_(capacity_words) {}

  // The next delivery: it begins at position `first` (a step, or a tile number), makes the tile
  // `tile_words` large and takes `ring_words` of the ring.
  void push(std::uint64_t first, std::uint64_t tile_words, std::uint64_t ring_words) {
    sum_ += ring_words;
    while (!ended_ahead_.empty() && ended_ahead_.front().position < first) ended_ahead_.pop_front();
    entries_.push_back({first, tile_words, sum_, std::nullopt});
    if (!ended_ahead_.empty()) entries_.back().before_ended = ended_ahead_.front().at;
    while (entries_.size() > 1 && held() > capacity_) {
      entries_.pop_front();
      restricted_ = true;
    }
  }

  // All positions before `position` have ended at that cycle.
  void ended_before(std::uint64_t position, Cycle at) {
    for (Entry& entry : entries_)
      if (!entry.before_ended && entry.first <= position) entry.before_ended = at;
    if (entries_.empty() || position > entries_.back().first)
      ended_ahead_.push_back({position, at});
  }

  // When the latest delivery may start; none while that is not known.
  std::optional<Cycle> credit() const {
    return restricted_ ? entries_.front().before_ended : std::optional<Cycle>(0);
  }

 private:
  struct Entry {
    std::uint64_t first, tile_words, sum;
    std::optional<Cycle> before_ended;
  };
  struct Ended {
    std::uint64_t position;
    Cycle at;
  };
  std::uint64_t held() const {
    return entries_.front().tile_words + (entries_.back().sum - entries_.front().sum);
  }
  std::uint64_t capacity_, sum_ = 0;
  std::deque<Entry> entries_;  // from the oldest tile that must be held during the latest delivery
  std::deque<Ended> ended_ahead_;  // of deliveries yet to come: tiles that nobody reads end early
  bool restricted_ = false;        // some tile has to end before the latest delivery
};

}  // namespace chasm
