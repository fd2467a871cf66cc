// How often each latency occurred, in constant memory: exact below 4096 cycles, above in bins of
// 1/2048 of their octave, as HdrHistogram counts. (The library's own port to C is not packaged
// everywhere, and does more.)
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "base/units.h"

namespace chasm {

class LatencyHistogram {
 public:
  void add(Cycle latency) {
    const std::size_t bin = bin_of(latency);
    if (bin >= counts_.size()) counts_.resize(bin + 1);
    ++counts_[bin];
    ++count_;
    sum_ += latency;
    max_ = max_ < latency ? latency : max_;
  }
  void add(const LatencyHistogram&);

  std::uint64_t count() const { return count_; }
  double mean() const {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
  }
  Cycle max() const { return max_; }  // exact
  // The least latency that `part` of all are not above, or the last of its bin; 0 of none.
  Cycle percentile(double part) const;

  struct Bin {
    Cycle from, to;  // both included
    std::uint64_t count;
  };
  // Bins that double in width, those with something in them.
  std::vector<Bin> bins() const;

 private:
  static constexpr unsigned kBits = 12;  // of what is exact
  static constexpr std::size_t kHalf = std::size_t{1} << (kBits - 1);
  // The latencies of a bin are equal but for the last `shift` bits.
  static std::size_t bin_of(Cycle latency) {
    const auto bits = static_cast<unsigned>(std::bit_width(latency));
    const unsigned shift = bits > kBits ? bits - kBits : 0;
    return shift * kHalf + static_cast<std::size_t>(latency >> shift);
  }
  static Cycle first_of(std::size_t bin) {
    const std::size_t shift = bin < 2 * kHalf ? 0 : bin / kHalf - 1;
    return static_cast<Cycle>(bin - shift * kHalf) << shift;
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(2 * kHalf);  // by bin
  std::uint64_t count_ = 0, sum_ = 0;
  Cycle max_ = 0;
};

}  // namespace chasm
