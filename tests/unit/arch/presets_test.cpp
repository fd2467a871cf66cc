// The shipped architectures: they load, they are what their comments say, and the PE counts follow
// from Eq. 8.
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "models/arch/energy_bill.h"
#include "models/energy/energy_table.h"

namespace chasm {
namespace {

ArchSpec preset(const std::string& name) {
  Diagnostics diagnostics;
  const auto document = load_arch_document(name, {}, diagnostics);
  EXPECT_TRUE(document) << diagnostics.to_string();
  auto spec = document ? read_arch(*document, diagnostics) : std::nullopt;
  EXPECT_TRUE(spec) << diagnostics.to_string();
  return spec.value_or(ArchSpec{});
}

const ChunkSpec& chunk(const ArchSpec& spec, const std::string& name) {
  for (const ChunkSpec& c : spec.chunks)
    if (c.name == name) return c;
  ADD_FAILURE() << spec.name << " has no chunk " << name;
  return spec.chunks.front();
}

TEST(Presets, AreTheAgreedOnes) {
  EXPECT_EQ(preset_names(),
            (std::vector<std::string>{"eyeriss-45nm-168", "eyeriss-65nm-chip", "eyeriss-65nm",
                                      "nasa-45nm", "nasa-plus-45nm", "systolic-16x16", "tiny"}));
  EXPECT_TRUE(preset_text("nothing").empty());
}

class Preset : public testing::TestWithParam<std::string> {};

TEST_P(Preset, LoadsAndItsEnergyTableCoversIt) {
  const ArchSpec spec = preset(GetParam());
  EXPECT_EQ(spec.name, GetParam());
  EXPECT_FALSE(spec.description.empty());
  // Those of measured links and of tests have none.
  const bool link = spec.name.starts_with("eyeriss-65nm") || spec.name == "tiny";
  EXPECT_EQ(spec.dram.standard, link ? "ideal" : "LPDDR4-3200");
  Diagnostics diagnostics;
  const auto table = load_energy_table(spec.energy_table, diagnostics);
  ASSERT_TRUE(table) << diagnostics.to_string();
  EXPECT_TRUE(covers(*table, spec, diagnostics)) << diagnostics.to_string();
}

TEST_P(Preset, RunsMultiplyLayersAndTheLayersWithoutMacs) {
  const ArchSpec spec = preset(GetParam());
  bool multiply = false, none = false;
  for (const ChunkSpec& c : spec.chunks) {
    multiply = multiply || c.runs(Arithmetic::multiply);
    none = none || c.runs(Arithmetic::none);
  }
  EXPECT_TRUE(multiply && none);
}

TEST_P(Preset, WritesAndReadsBack) {
  const ArchSpec spec = preset(GetParam());
  Diagnostics diagnostics;
  const auto again = read_arch({"again", to_json(spec)}, diagnostics);
  ASSERT_TRUE(again) << diagnostics.to_string();
  EXPECT_EQ(to_json(*again), to_json(spec));
}

INSTANTIATE_TEST_SUITE_P(All, Preset, testing::ValuesIn(preset_names()), [](const auto& test) {
  std::string name = test.param;
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
});

// NASA, Eq. 8 with the constants of its released code.
struct PeCounts {
  std::uint64_t multiply, shift, adder;
};
PeCounts equation_8(const OperationCounts& o) {
  constexpr double kBudget = 168, kRatio = 1.88;
  const double multiply = static_cast<double>(o.multiply), shift = static_cast<double>(o.shift),
               adder = static_cast<double>(o.adder);
  const double per = kBudget / (multiply + shift / kRatio + adder / kRatio);
  return {static_cast<std::uint64_t>(std::floor(per * multiply)),
          static_cast<std::uint64_t>(std::ceil(per * shift)),
          static_cast<std::uint64_t>(std::ceil(per * adder))};
}

TEST(Nasa45nm, PeCountsFollowEquation8) {
  Diagnostics diagnostics;
  const auto network = load_network("nasa_hybrid_all_b_cifar10", diagnostics);
  ASSERT_TRUE(network) << diagnostics.to_string();
  const OperationCounts operations = network->operations();
  EXPECT_EQ(operations, (OperationCounts{27691840, 17216384, 11788032}));
  const PeCounts pes = equation_8(operations);
  EXPECT_EQ(pes.multiply, 107U);
  EXPECT_EQ(pes.shift, 68U);
  EXPECT_EQ(pes.adder, 46U);
  const ArchSpec nasa = preset("nasa-45nm");
  EXPECT_EQ(chunk(nasa, "SLP").pes(), pes.shift);
  EXPECT_EQ(chunk(nasa, "ALP").pes(), pes.adder);
  // 107 is prime: the nearest array below with sides of at least 4.
  std::uint64_t nearest = 0;
  for (std::uint64_t rows = 4; rows <= pes.multiply; ++rows)
    for (std::uint64_t cols = 4; rows * cols <= pes.multiply; ++cols)
      nearest = std::max(nearest, rows * cols);
  EXPECT_EQ(chunk(nasa, "CLP").pes(), nearest);
}

TEST(Nasa45nm, WeightsBypassTheBufferAndWidthsAreThePapers) {
  const ArchSpec nasa = preset("nasa-45nm");
  EXPECT_EQ(nasa.clock_hz, 250'000'000U);
  EXPECT_GE(nasa.global_buffer.capacity_bytes, 65536U);
  for (const char* name : {"CLP", "SLP", "ALP"}) {
    const ChunkSpec& c = chunk(nasa, name);
    EXPECT_TRUE(c.bypass_global_buffer.weight);
    EXPECT_FALSE(c.bypass_global_buffer.input);
    const std::uint32_t bits = c.pe_kind == PeKind::multiply ? 8 : 6;
    EXPECT_EQ(c.bits.input, bits);
    EXPECT_EQ(c.bits.weight, bits);
    EXPECT_EQ(c.bits.output, bits);
    EXPECT_EQ(c.bits.psum, 16U);
  }
}

TEST(Eyeriss45nm, HasTheMemoryOfNasa) {
  const Json nasa = to_json(preset("nasa-45nm")), baseline = to_json(preset("eyeriss-45nm-168"));
  for (const char* key : {"clock_mhz", "energy_table", "dram", "global_buffer"})
    EXPECT_EQ(nasa.at(key), baseline.at(key)) << key;
  const ArchSpec spec = preset("eyeriss-45nm-168");
  EXPECT_EQ(chunk(spec, "CLP").pes(), 168U);
  Json clp = nasa.at("chunks").at(0);
  clp["pe_array"] = baseline.at("chunks").at(0).at("pe_array");
  EXPECT_EQ(clp, baseline.at("chunks").at(0));
  EXPECT_EQ(nasa.at("chunks").at(3), baseline.at("chunks").at(1));
}

TEST(NasaPlus45nm, IsTheBaselineWithReconfigurablePes) {
  const ArchSpec plus = preset("nasa-plus-45nm"), baseline = preset("eyeriss-45nm-168");
  const ChunkSpec& clp = chunk(plus, "CLP");
  for (const Arithmetic a : {Arithmetic::multiply, Arithmetic::shift, Arithmetic::adder}) {
    EXPECT_TRUE(clp.runs(a));
    EXPECT_EQ(clp.peak_operations(a), a == Arithmetic::multiply ? 168U : 8 * 168U);
  }
  EXPECT_EQ(clp.arithmetics(), "multiply + shift x8 + adder x8");
  Json same = to_json(plus);
  same["name"] = "eyeriss-45nm-168";
  same["description"] = baseline.description;
  same["chunks"][0]["reconfigurable"] = to_json(baseline)["chunks"][0]["reconfigurable"];
  EXPECT_EQ(same, to_json(baseline));
}

TEST(Eyeriss65nm, LinkMovesTheMeasuredBandwidth) {
  const ArchSpec spec = preset("eyeriss-65nm");
  EXPECT_DOUBLE_EQ(spec.dram.bandwidth_bytes_per_cycle * static_cast<double>(spec.clock_hz),
                   8 * 60e6);
  EXPECT_EQ(spec.global_buffer.capacity_bytes, 100U * 1024);
  EXPECT_EQ(chunk(spec, "PEA").prefetch_fifo_bytes, 8U * 1024);
  EXPECT_EQ(chunk(spec, "PEA").pes(), 168U);
}

}  // namespace
}  // namespace chasm
