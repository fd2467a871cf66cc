#include "models/memory/dram/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace chasm {

void LatencyHistogram::add(const LatencyHistogram& other) {
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
  for (std::size_t bin = 0; bin < other.counts_.size(); ++bin) counts_[bin] += other.counts_[bin];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

Cycle LatencyHistogram::percentile(double part) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_)));
  std::uint64_t below = 0;
  for (std::size_t bin = 0; bin < counts_.size() && count_ > 0; ++bin) {
    below += counts_[bin];
    if (counts_[bin] > 0 && below >= wanted) return std::min(first_of(bin + 1) - 1, max_);
  }
  return 0;
}

std::vector<LatencyHistogram::Bin> LatencyHistogram::bins() const {
  std::vector<Bin> bins;
  for (std::size_t bin = 0; bin < counts_.size(); ++bin) {
    if (counts_[bin] == 0) continue;
    const Cycle latency = first_of(bin);
    const Cycle from = std::bit_floor(latency);
    if (bins.empty() || bins.back().from != from)
      bins.push_back({from, latency == 0 ? 0 : 2 * from - 1, 0});
    bins.back().count += counts_[bin];
  }
  return bins;
}

}  // namespace chasm
