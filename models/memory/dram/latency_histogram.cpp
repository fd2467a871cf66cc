#include "models/memory/dram/latency_histogram.h"

#include <bit>
#include <cmath>

namespace chasm {

template <class Visit>
void LatencyHistogram::for_each(Visit visit) const {
  for (Cycle latency = 0; latency < kDirect; ++latency)
    if (direct_[latency] > 0) visit(latency, direct_[latency]);
  for (const auto& [latency, count] : rare_) visit(latency, count);
}

void LatencyHistogram::add(const LatencyHistogram& other) {
  for (Cycle latency = 0; latency < kDirect; ++latency) direct_[latency] += other.direct_[latency];
  for (const auto& [latency, count] : other.rare_) rare_[latency] += count;
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = max_ < other.max_ ? other.max_ : max_;
}

Cycle LatencyHistogram::percentile(double part) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_)));
  std::uint64_t below = 0;
  Cycle found = 0;
  bool done = count_ == 0;
  for_each([&](Cycle latency, std::uint64_t count) {
    if (done) return;
    found = latency;
    below += count;
    done = below >= wanted;
  });
  return found;
}

std::vector<LatencyHistogram::Bin> LatencyHistogram::bins() const {
  std::vector<Bin> bins;
  for_each([&](Cycle latency, std::uint64_t count) {
    const Cycle from = std::bit_floor(latency);
    if (bins.empty() || bins.back().from != from)
      bins.push_back({from, latency == 0 ? 0 : 2 * from - 1, 0});
    bins.back().count += count;
  });
  return bins;
}

}  // namespace chasm
