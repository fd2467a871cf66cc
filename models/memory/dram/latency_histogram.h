// How often each latency occurred: exact, so that any percentile is.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/units.h"

namespace chasm {

class LatencyHistogram {
 public:
  void add(Cycle latency) {
    if (latency < kDirect)
      ++direct_[latency];
    else
      ++rare_[latency];
    ++count_;
    sum_ += latency;
    max_ = max_ < latency ? latency : max_;
  }
  void add(const LatencyHistogram&);

  std::uint64_t count() const { return count_; }
  double mean() const {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
  }
  Cycle max() const { return max_; }
  // The least latency that `part` of all are not above; 0 of none.
  Cycle percentile(double part) const;

  struct Bin {
    Cycle from, to;  // both included
    std::uint64_t count;
  };
  // Bins that double in width, those with something in them.
  std::vector<Bin> bins() const;

 private:
  static constexpr Cycle kDirect = 4096;
  template <class Visit>
  void for_each(Visit visit) const;

  std::vector<std::uint64_t> direct_ = std::vector<std::uint64_t>(kDirect);
  std::map<Cycle, std::uint64_t> rare_;
  std::uint64_t count_ = 0, sum_ = 0;
  Cycle max_ = 0;
};

}  // namespace chasm
