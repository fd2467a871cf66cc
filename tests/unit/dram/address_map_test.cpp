#include "models/memory/dram/address_map.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/dram_checker/checked_replay.h"

namespace chasm {
namespace {

using testing_support::dram_with;

DramAddressMap map_of(const DramConfig& config) {
  Diagnostics problems;
  auto map = DramAddressMap::make(config, "", problems);
  EXPECT_TRUE(map) << problems.to_string();
  return *map;
}

TEST(DramAddressMap, NamesGoFromTheMostToTheLeastSignificantField) {
  // row[32:17] bank[16:15] bank group[14:13] column[12:6] of DDR4-2400
  const DramAddressMap map = map_of(dram_with("DDR4-2400", R"({"mapping":"RoBaBgCo"})"));
  EXPECT_EQ(map.capacity_bytes(), std::uint64_t{8} << 30);
  const DramLocation at =
      map.locate(std::uint64_t{0xabcd} << 17 | 2U << 15 | 3U << 13 | 77U << 6 | 63U);
  EXPECT_EQ(at.row, 0xabcdU);
  EXPECT_EQ(at.bank, 2U);
  EXPECT_EQ(at.bank_group, 3U);
  EXPECT_EQ(at.line, 77U);
  EXPECT_EQ(at.bank_id, 3U * 4 + 2);
}

TEST(DramAddressMap, BitListsSayTheSameAsNames) {
  const DramAddressMap named = map_of(dram_with("DDR4-2400", R"({"mapping":"RoBaCoBg"})"));
  const DramAddressMap listed = map_of(
      dram_with("DDR4-2400", R"({"mapping":{"row":[17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32],
                       "bank":[15,16],"bank_group":[6,7],"column":[8,9,10,11,12,13,14]}})"));
  for (std::uint64_t bit = 0; bit < 33; ++bit) {
    const DramLocation a = named.locate(std::uint64_t{1} << bit);
    const DramLocation b = listed.locate(std::uint64_t{1} << bit);
    EXPECT_EQ(std::tie(a.row, a.bank_id, a.line), std::tie(b.row, b.bank_id, b.line)) << bit;
  }
}

TEST(DramAddressMap, ScatteredBitsKeepTheirOrder) {
  const DramAddressMap map = map_of(
      dram_with("DDR4-2400", R"({"mapping":{"row":[32,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31],
                       "bank":[16,6],"bank_group":[7,15],"column":[14,8,9,10,11,12,13]}})"));
  EXPECT_EQ(map.locate(std::uint64_t{1} << 32).row, 1U);
  EXPECT_EQ(map.locate(std::uint64_t{1} << 17).row, 2U);
  EXPECT_EQ(map.locate(1U << 6).bank, 2U);
  EXPECT_EQ(map.locate(1U << 14).line, 1U);
}

TEST(DramAddressMap, EveryLineHasAPlaceOfItsOwn) {
  const DramConfig config = dram_with(
      "HBM2", R"({"organisation":{"channels":4,"ranks":2,"rows":8},"mapping":"CoRoBgRaChBa"})");
  const DramAddressMap map = map_of(config);
  std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>> places;
  for (std::uint64_t address = 0; address < map.capacity_bytes(); address += 64) {
    const DramLocation at = map.locate(address);
    EXPECT_LT(at.channel, 4U);
    EXPECT_LT(at.bank_id, config.organisation.banks());
    EXPECT_LT(at.row, 8U);
    EXPECT_LT(at.line, config.organisation.lines_per_row());
    EXPECT_TRUE(places.emplace(at.channel, at.bank_id, at.row, at.line).second) << address;
  }
  EXPECT_EQ(places.size(), config.organisation.lines());
}

}  // namespace
}  // namespace chasm
