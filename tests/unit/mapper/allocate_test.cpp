#include "mapper/allocate.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "models/arch/area.h"
#include "mapper/assign.h"
#include "tests/unit/mapper/support.h"

namespace chasm {
namespace {

// nasa_hybrid_all_b_cifar10 with the constants of NASA's released code: 168 multiply PEs of area,
// 1.88 shift or adder PEs in the area of one (models/arch/presets/nasa-45nm.json has the sum).
TEST(Allocate, ByOperationsAsInThePaper) {
  const std::vector<PeDemand> demands = {
      {0, 27691840, 1}, {1, 17216384, 1 / 1.88}, {2, 11788032, 1 / 1.88}};
  EXPECT_EQ(allocate_by_operations(demands, 168), (std::vector<std::uint64_t>{107, 67, 45}));
  EXPECT_EQ(allocate_evenly(demands, 168), (std::vector<std::uint64_t>{81, 81, 81}));
}

TEST(Allocate, KeepsTheAreaAndTheRatios) {
  Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    std::vector<PeDemand> demands;
    for (std::size_t c = 0; c < 1 + rng.below(4); ++c)
      demands.push_back({c, static_cast<double>(1 + rng.below(1000)) * 1e6,
                         static_cast<double>(1 + rng.below(50)) * 1e-3});
    const double mm2 = static_cast<double>(1 + rng.below(100));
    const auto pes = allocate_by_operations(demands, mm2);
    double used = 0, least = 0,
           most = 1e300;  // PEs an operation: between pes / O and (pes + 1) / O
    for (std::size_t d = 0; d < demands.size(); ++d) {
      used += static_cast<double>(pes[d]) * demands[d].pe_mm2;
      if (pes[d] == 1) continue;
      least = std::max(least, static_cast<double>(pes[d]) / demands[d].operations);
      most = std::min(most, static_cast<double>(pes[d] + 1) / demands[d].operations);
    }
    double slack = 0;  // less than one PE each, or the one that each has
    for (const PeDemand& demand : demands) slack += demand.pe_mm2;
    EXPECT_NEAR(used, mm2, slack + 1e-9);
    EXPECT_LE(least, most * (1 + 1e-9));
  }
}

TEST(Allocate, ArraysHaveTheMostPesThereAre) {
  EXPECT_EQ(array_of(107), (ArrayShape{7, 15}));
  EXPECT_EQ(array_of(168), (ArrayShape{12, 14}));
  EXPECT_EQ(array_of(1), (ArrayShape{1, 1}));
  for (std::uint64_t pes = 1; pes <= 400; ++pes) {
    std::uint64_t most = 0;
    for (std::uint64_t rows = 1; rows <= pes; ++rows)
      for (std::uint64_t cols = rows; cols <= 3 * rows && rows * cols <= pes; ++cols)
        most = std::max(most, rows * cols);
    const ArrayShape shape = array_of(pes);
    EXPECT_EQ(shape.pes(), most) << pes;
    EXPECT_LE(shape.rows, shape.cols);
    EXPECT_LE(shape.cols, 3 * shape.rows);
  }
}

TEST(Allocate, OfAPresetFillsItsArea) {
  const ArchSpec arch = preset("nasa-45nm");
  const Network network = zoo("nasa_hybrid_all_b_cifar10");
  Diagnostics problems;
  const auto chunks = assign_chunks(arch, network, problems);
  const auto table = load_energy_table(arch.energy_table, problems);
  ASSERT_TRUE(chunks && table) << problems.to_string();
  const auto demands = pe_demands(arch, network, *chunks, *table);
  ASSERT_TRUE(demands);
  ASSERT_EQ(demands->size(), 3U);  // not the vector unit
  const double mm2 = pe_area_mm2(arch, *demands);
  const ArchSpec allocated = with_pes(arch, *demands, allocate_by_operations(*demands, mm2));
  // What changes of the whole area is what the PEs of those chunks take.
  EXPECT_NEAR(*area_mm2(allocated, *table) - *area_mm2(arch, *table),
              pe_area_mm2(allocated, *demands) - mm2, 1e-9);
  EXPECT_GT(pe_area_mm2(allocated, *demands), 0.95 * mm2);
  EXPECT_LE(pe_area_mm2(allocated, *demands), mm2);
  EXPECT_EQ(allocated.chunks[3].pes(), arch.chunks[3].pes());
}

}  // namespace
}  // namespace chasm
