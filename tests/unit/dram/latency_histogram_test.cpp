#include "models/memory/dram/latency_histogram.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace chasm {
namespace {

// Latencies of every size, as often small as large.
std::vector<Cycle> latencies(std::uint64_t seed, std::size_t count, unsigned most_bits) {
  Rng rng(seed);
  std::vector<Cycle> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(rng.next() >> (64 - rng.between(1, most_bits)));
  return all;
}

// The least that `part` of all are not above.
Cycle exact(std::vector<Cycle> all, double part) {
  std::sort(all.begin(), all.end());
  const auto wanted = static_cast<std::size_t>(std::ceil(part * static_cast<double>(all.size())));
  return all[std::max<std::size_t>(wanted, 1) - 1];
}

TEST(LatencyHistogram, PercentilesAreExactWhereSmallAndNearWhereLarge) {
  for (const unsigned bits : {8U, 12U, 13U, 20U, 40U, 64U}) {
    const std::vector<Cycle> all = latencies(bits, 3000, bits);
    LatencyHistogram once, half, other;
    for (std::size_t i = 0; i < all.size(); ++i) {
      once.add(all[i]);
      (i % 2 == 0 ? half : other).add(all[i]);
    }
    half.add(other);
    for (const double part : {0.0, 0.01, 0.5, 0.95, 0.99, 1.0}) {
      const Cycle truth = exact(all, part), found = once.percentile(part);
      EXPECT_GE(found, truth);
      EXPECT_LE(found - truth, truth < 4096 ? 0 : truth / 2048) << bits << " bits, " << part;
      EXPECT_EQ(half.percentile(part), found);
    }
    EXPECT_EQ(once.max(), *std::max_element(all.begin(), all.end()));
    EXPECT_EQ(once.percentile(1), once.max());
    EXPECT_EQ(once.count(), all.size());
    std::uint64_t in_bins = 0;
    for (const auto& bin : once.bins()) {
      in_bins += bin.count;
      const auto inside = std::count_if(all.begin(), all.end(), [&](Cycle latency) {
        return latency >= bin.from && latency <= bin.to;
      });
      EXPECT_EQ(bin.count, static_cast<std::uint64_t>(inside));
    }
    EXPECT_EQ(in_bins, all.size());
  }
}

TEST(LatencyHistogram, IsEmptyAtFirst) {
  EXPECT_EQ(LatencyHistogram().percentile(0.95), 0U);
  EXPECT_TRUE(LatencyHistogram().bins().empty());
}

}  // namespace
}  // namespace chasm
