#include "mapper/chunk_cost.h"

#include <numeric>

#include <gtest/gtest.h>

#include "mapper/assign.h"
#include "tests/unit/mapper/support.h"

namespace chasm {
namespace {

struct Point {
  ArchSpec arch = preset("nasa-45nm");
  Network network = zoo("nasa_hybrid_all_b_cifar10");
  std::vector<std::uint32_t> chunks;
  std::vector<MapJob> jobs;

  Point() {
    Diagnostics problems;
    chunks = assign_chunks(arch, network, problems).value();
    jobs = map_jobs(arch, network, chunks);
  }
  // Of all chunks with those shares of the buffer.
  double score(const std::vector<std::uint64_t>& bytes, Objective objective) const {
    double slowest = 0, cycles = 0, energy = 0;
    for (std::uint32_t c = 0; c < arch.chunks.size(); ++c) {
      ArchSpec share = arch;
      share.global_buffer.capacity_bytes = bytes[c];
      const auto cost = chunk_cost(share, jobs, c, objective);
      if (!cost) return 1e300;
      slowest = std::max(slowest, cost->cycles), cycles += cost->cycles, energy += cost->energy;
    }
    return score_of(objective, true, slowest, cycles, energy);
  }
};

TEST(ShareBuffer, IsNoWorseThanEqualShares) {
  const Point point;
  const auto bytes = share_buffer(point.arch, point.jobs, {Objective::edp, true, 2});
  ASSERT_TRUE(bytes);
  const std::uint64_t capacity = point.arch.global_buffer.capacity_bytes;
  EXPECT_LE(std::accumulate(bytes->begin(), bytes->end(), std::uint64_t{0}), capacity);
  const std::vector<std::uint64_t> equal(4, capacity / 4);
  EXPECT_LE(point.score(*bytes, Objective::edp), point.score(equal, Objective::edp));
  // Any number of threads, the same answer.
  EXPECT_EQ(share_buffer(point.arch, point.jobs, {Objective::edp, true, 1}), bytes);
}

TEST(ShareBuffer, HasNoneWhereNotAllFit) {
  Point point;
  point.arch.global_buffer.capacity_bytes = 64;
  EXPECT_EQ(share_buffer(point.arch, point.jobs, {Objective::edp, true, 2}), std::nullopt);
}

TEST(AllocateByCost, IsNoWorseThanTheOthersAndKeepsTheArea) {
  const Point point;
  Diagnostics problems;
  const auto table = load_energy_table(point.arch.energy_table, problems);
  ASSERT_TRUE(table) << problems.to_string();
  const auto demands = pe_demands(point.arch, point.network, point.chunks, *table).value();
  const double mm2 = pe_area_mm2(point.arch, demands);
  const Balance balance{Objective::latency, true, 2};
  const auto pes = allocate_by_cost(point.arch, point.jobs, demands, mm2, balance);
  ASSERT_EQ(pes.size(), demands.size());
  const auto slowest = [&](const std::vector<std::uint64_t>& of_demand) {
    Point other = point;
    other.arch = with_pes(point.arch, demands, of_demand);
    EXPECT_LE(pe_area_mm2(other.arch, demands), mm2 * (1 + 1e-9));
    return other.score(std::vector<std::uint64_t>(4, other.arch.global_buffer.capacity_bytes / 4),
                       Objective::latency);
  };
  EXPECT_LE(slowest(pes), slowest(allocate_by_operations(demands, mm2)));
  EXPECT_LE(slowest(pes), slowest(allocate_evenly(demands, mm2)));
}

}  // namespace
}  // namespace chasm
