// The table of the papers: 1 : 2 : 6 : 200 for 16 bits, in proportion to bits, whatever the size.
#include <gtest/gtest.h>

#include "models/energy/energy_table.h"

namespace chasm {
namespace {

const EnergyTable& table() {
  static const EnergyTable loaded = [] {
    Diagnostics diagnostics;
    return *load_energy_table("paper-normalised", diagnostics);
  }();
  return loaded;
}

TEST(PaperNormalised, HierarchyIsOneTwoSixTwoHundred) {
  for (const std::uint32_t bits : {6U, 8U, 16U, 32U}) {
    const double scale = bits / 16.0;
    for (const std::uint64_t words : {1U, 12U, 224U, 4096U}) {
      EXPECT_DOUBLE_EQ(table().register_file_read(words, bits).pj, scale);
      EXPECT_DOUBLE_EQ(table().register_file_write(words, bits).pj, scale);
    }
    EXPECT_DOUBLE_EQ(table().bus_word(bits).pj, 2 * scale);
    EXPECT_DOUBLE_EQ(table().neighbour_hop(bits).pj, 2 * scale);
    for (const std::uint32_t word_bytes : {1U, 2U, 8U, 32U})
      for (const std::uint64_t bytes : {4096U, 131072U, 1048576U}) {
        EXPECT_DOUBLE_EQ(table().buffer_read({bytes, 4, word_bytes}, bits).pj, 6 * scale);
        EXPECT_DOUBLE_EQ(table().buffer_write({bytes, 4, word_bytes}, bits).pj, 6 * scale);
      }
    for (const char* standard :
         {"ideal", "DDR3-1600", "DDR4-2400", "DDR4-3200", "LPDDR4-3200", "LPDDR5-6400", "HBM2"}) {
      EXPECT_DOUBLE_EQ(table().dram_read_bit(standard)->pj * bits, 200 * scale);
      EXPECT_DOUBLE_EQ(table().dram_write_bit(standard)->pj * bits, 200 * scale);
    }
  }
}

TEST(PaperNormalised, DatapathIsTheReleasedCodes) {
  EXPECT_EQ(table().pe_operation(PeOperation::multiply, 8, 16)->pj, 0.2);
  EXPECT_EQ(table().pe_operation(PeOperation::multiply, 16, 16)->pj, 1.0);
  EXPECT_EQ(table().pe_operation(PeOperation::shift, 6, 16)->pj, 0.018);
  EXPECT_EQ(table().pe_operation(PeOperation::shift, 8, 16)->pj, 0.024);
  EXPECT_EQ(table().pe_operation(PeOperation::adder, 6, 16)->pj, 0.022);
  EXPECT_EQ(table().pe_operation(PeOperation::adder, 8, 16)->pj, 0.03);
}

TEST(PaperNormalised, HasNoLeakageAndNoAreas) {
  EXPECT_EQ(table().leakage_per_cycle(131072, 250e6).pj, 0);
  EXPECT_FALSE(table().leakage_per_cycle(131072, 250e6).source.empty());
  EXPECT_FALSE(table().buffer_area({131072, 8, 8}));
}

}  // namespace
}  // namespace chasm
