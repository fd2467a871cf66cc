// What the parts of the timing walk (mapper/timing_walk.h) share: times that may not be known yet,
// queues that do not ask for memory once they are large enough, and the state of the machine as
// numbers that are the same wherever in time and in the loops it stands.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "base/units.h"

namespace chasm::walk {

// Later than every known time, so that a maximum over unknown times is unknown.
inline constexpr Cycle kUnknown = UINT64_MAX;

template <class T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return items_[(first_ + i) & mask_]; }
  const T& operator[](std::size_t i) const { return items_[(first_ + i) & mask_]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }
  // The new last item still has the value of one that was here before: its memory is used again.
  T& grow() {
    if (size_ == items_.size()) enlarge();
    return (*this)[size_++];
  }
  void push_back(const T& item) { grow() = item; }
  void pop_front() {
    first_ = (first_ + 1) & mask_;
    --size_;
  }

 private:
  void enlarge() {
    std::vector<T> items(std::max<std::size_t>(8, 2 * items_.size()));
    for (std::size_t i = 0; i < size_; ++i) items[i] = std::move((*this)[i]);
    items_ = std::move(items);
    first_ = 0;
    mask_ = items_.size() - 1;
  }
  std::vector<T> items_;
  std::size_t first_ = 0, size_ = 0, mask_ = 0;
};

// The state of the machine at an instant, when nothing more follows from what is known. Times are
// relative to the instant. Those that have passed before it, and before the end of the last issue,
// are all alike, because whatever comes will be later. Numbers of steps and tiles are relative to
// where their owner stands.
class Snapshot {
 public:
  void start(Cycle now, Cycle issue_end) {
    now_ = now;
    floor_ = std::min(now, issue_end);
    numbers_.clear();
    number(now - floor_);
  }
  void number(std::uint64_t n) { numbers_.push_back(n); }
  void time(Cycle t) { numbers_.push_back(t == kUnknown ? kUnknown : t < floor_ ? 0 : t - floor_); }
  Cycle now() const { return now_; }
  bool same_state(const Snapshot& other) const { return numbers_ == other.numbers_; }

 private:
  Cycle now_ = 0, floor_ = 0;
  std::vector<std::uint64_t> numbers_;
};

inline void delay(Cycle& time, Cycle by) {
  if (time != kUnknown) time += by;
}

}  // namespace chasm::walk
