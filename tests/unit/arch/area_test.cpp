#include "models/arch/area.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace chasm {
namespace {

ArchSpec load(const std::string& name) {
  Diagnostics diagnostics;
  const auto document = load_arch_document(name, {}, diagnostics);
  EXPECT_TRUE(document) << diagnostics.to_string();
  return *read_arch(*document, diagnostics);
}

EnergyTable table(const std::string& name) {
  Diagnostics diagnostics;
  return *load_energy_table(name, diagnostics);
}

TEST(Area, IsTheSumOfDatapathsRegisterFilesAndBuffer) {
  const ArchSpec spec = load("eyeriss-45nm-168");
  const std::vector<AreaLine> lines = area_lines(spec, table("cmos45-physical"));
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0].component, "CLP.pe");
  // 8-bit multiply 282 um2 and 16-bit add 36 + (137 - 36) / 3 um2.
  EXPECT_NEAR(lines[0].mm2, 168 * (282 + 36 + 101.0 / 3) * 1e-6, 1e-12);
  EXPECT_NEAR(lines[1].mm2, 168 * (48 * 8 + 112 * 8 + 16 * 16) * 4.522e-6, 1e-12);
  EXPECT_EQ(lines.back().component, "global_buffer");
  EXPECT_DOUBLE_EQ(lines.back().mm2, 8 * 0.0507);  // CACTI: 16 KiB
  double sum = 0;
  for (const AreaLine& line : lines) {
    EXPECT_FALSE(line.source.empty());
    sum += line.mm2;
  }
  EXPECT_DOUBLE_EQ(area_mm2(spec, table("cmos45-physical")).value(), sum);
}

TEST(Area, AReconfigurablePeIsAsLargeAsItsLargestArithmetic) {
  ArchSpec spec = load("nasa-plus-45nm");
  const EnergyTable t = table("cmos45-physical");
  const auto datapath = [&](PeOperation o) { return t.pe_datapath_area(o, 8, 16)->mm2; };
  const double eight = 8 * std::max(datapath(PeOperation::shift), datapath(PeOperation::adder));
  EXPECT_GT(eight, datapath(PeOperation::multiply));
  EXPECT_NEAR(area_lines(spec, t)[0].mm2, 168 * eight, 1e-12);
  spec.chunks[0].reconfigurable = {0, 1, 1};
  EXPECT_NEAR(area_lines(spec, t)[0].mm2, 168 * datapath(PeOperation::multiply), 1e-12);
}

TEST(Area, IsUnknownWhereTheTableHasNone) {
  EXPECT_FALSE(area_mm2(load("nasa-45nm"), table("paper-normalised")).has_value());
}

TEST(Area, AShiftPeIsSmallerThanAMultiplyPe) {
  const EnergyTable t = table("cmos45-physical");
  const double multiply = t.pe_datapath_area(PeOperation::multiply, 8, 8)->mm2;
  const double shift = t.pe_datapath_area(PeOperation::shift, 8, 8)->mm2;
  EXPECT_NEAR(multiply / shift, (282.0 + 36) / (34 + 36), 1e-9);  // bare datapaths: 4.5
}

}  // namespace
}  // namespace chasm
