// Laws of the bill, to the last digit: twice the units are twice the joules, sums are sums in their
// stated order, the clock is counted for every PE and cycle, and gated operations cost nothing.
#include <filesystem>
#include <fstream>
#include <numeric>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/rng.h"
#include "models/arch/energy_bill.h"
#include "models/program/program.h"

namespace chasm {
namespace {

Json shipped(const std::string& name) {
  Diagnostics problems;
  return parse_json(energy_table_text(name), name, problems)->root;
}

EnergyTable table_of(const Json& json) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("chasm_law_" + std::to_string(::getpid()) + ".json");
  std::ofstream(path) << json.dump();
  Diagnostics problems;
  auto table = load_energy_table(path.string(), problems);
  std::filesystem::remove(path);
  EXPECT_TRUE(table) << problems.to_string();
  return *table;
}

// A table that charges for everything.
Json with_clock(const std::string& name) {
  Json table = shipped(name);
  table["energy"]["clock"]["per_pe"] = 0.375;
  table["energy"]["clock"]["fixed"] = 11.1;
  table["energy"]["leakage"]["fixed"] = 123.4;
  return table;
}

// Energies stand in the entries as a value, or as the second number of points.
void scale_entry(Json& entry, double factor) {
  for (auto& [key, value] : entry.items()) {
    if (key == "word_bits" || key == "bits") continue;
    if (value.is_number()) value = value.get<double>() * factor;
    if (key.find("_by_") != std::string::npos || key.starts_with("by_"))
      for (Json& point : value) point[1] = point[1].get<double>() * factor;
    if (key == "ports")
      for (Json& port : value) scale_entry(port, factor);
  }
}

Json scaled(Json table, double factor) {
  for (auto& [name, entry] : table["energy"].items()) {
    if (entry.contains("source"))
      scale_entry(entry, factor);
    else
      for (auto& [unit, inner] : entry.items()) scale_entry(inner, factor);
  }
  return table;
}

ArchSpec arch_of(const std::string& name, const std::string& standard) {
  Diagnostics problems;
  const auto document = load_arch_document(name, {{"dram.standard", standard}}, problems);
  EXPECT_TRUE(document) << problems.to_string();
  return *read_arch(*document, problems);
}

std::vector<BillItem> random_items(const ArchSpec& arch, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<BillItem> items;
  for (int i = 0; i < 60; ++i) {
    const ChunkSpec& c = arch.chunks[rng.below(arch.chunks.size())];
    BillItem& item = items.emplace_back();
    item.chunk = &c;
    for (const Arithmetic a : kAllArithmetics)
      if (c.runs(a)) item.arithmetic = a;
    const auto draw = [&] { return rng.below(1'000'000'000); };
    Activity& a = item.activity;
    a.pe_operations = draw();
    for (std::size_t k = 0; k < kWordKinds; ++k) {
      a.register_file.values[k] = {draw(), draw()};
      a.bus_words.values[k] = draw();
      a.buffer.values[k] = {draw(), draw()};
    }
    a.reduction_words = draw();
    a.dram_read_bursts = draw();
    a.dram_write_bursts = draw();
    const auto bits = static_cast<std::uint32_t>(2 + rng.below(15));
    item.widths.pe.values = {bits, c.bits.weight, c.bits.psum, c.bits.output};
    item.widths.stored.values = {bits, c.bits.weight, c.bits.psum, bits};
  }
  return items;
}

struct Case {
  const char* table;
  const char* arch;
  const char* standard;
};
class EnergyLaw : public testing::TestWithParam<Case> {
 protected:
  const ArchSpec arch_ = arch_of(GetParam().arch, GetParam().standard);
  const std::vector<BillItem> items_ = random_items(arch_, 11);
  EnergyBill bill(const Json& table, const std::vector<BillItem>& items) const {
    DramStats stats;
    stats.active_standby = 1000;
    return energy_bill(arch_, table_of(table), items, kCycles,
                       arch_.dram.is_ideal() ? nullptr : &stats);
  }
  static constexpr Cycle kCycles = 98'765'432'101;
};

TEST_P(EnergyLaw, TwiceTheUnitsAreExactlyTwiceTheJoules) {
  const Json table = with_clock(GetParam().table);
  const EnergyBill once = bill(table, items_), twice = bill(scaled(table, 2), items_);
  ASSERT_EQ(once.lines.size(), twice.lines.size());
  for (std::size_t i = 0; i < once.lines.size(); ++i) {
    EXPECT_EQ(once.lines[i].component, twice.lines[i].component);
    EXPECT_EQ(once.lines[i].count, twice.lines[i].count);
    EXPECT_GT(once.lines[i].unit_pj, 0) << once.lines[i].component;
    EXPECT_EQ(2 * once.lines[i].unit_pj, twice.lines[i].unit_pj) << once.lines[i].component;
    EXPECT_EQ(2 * once.lines[i].total_pj, twice.lines[i].total_pj) << once.lines[i].component;
  }
  for (std::size_t i = 0; i < items_.size(); ++i) {
    EXPECT_EQ(2 * once.item_pj[i], twice.item_pj[i]);
    for (std::size_t p = 0; p < kEnergyParts; ++p)
      EXPECT_EQ(2 * once.item_part_pj[i][p], twice.item_part_pj[i][p]);
  }
  EXPECT_EQ(2 * once.leakage_pj, twice.leakage_pj);
  EXPECT_EQ(2 * once.clock_pj, twice.clock_pj);
  EXPECT_EQ(2 * once.total_pj(), twice.total_pj());
}

TEST_P(EnergyLaw, SumsAreSumsInTheirOrder) {
  const EnergyBill bill = this->bill(with_clock(GetParam().table), items_);
  double total = 0, clock = 0;
  for (const BillLine& line : bill.lines) {
    EXPECT_EQ(line.total_pj, static_cast<double>(line.count) * line.unit_pj);
    EXPECT_FALSE(line.source.empty()) << line.component;
    total += line.total_pj;
    if (line.component.find("clock") != std::string::npos) clock += line.total_pj;
  }
  EXPECT_EQ(bill.total_pj(), total);
  EXPECT_EQ(bill.clock_pj, clock);
  double items = 0;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const EnergyByPart& parts = bill.item_part_pj[i];
    EXPECT_EQ(bill.item_pj[i], std::accumulate(parts.begin(), parts.end(), 0.0));
    items += bill.item_pj[i];
  }
  EXPECT_NEAR((items + bill.leakage_pj + bill.clock_pj + bill.dram_upkeep_pj) / total, 1, 1e-13);
}

TEST_P(EnergyLaw, TheClockIsCountedForEveryPeAndCycle) {
  const EnergyBill bill = this->bill(with_clock(GetParam().table), {});
  const auto line = [&](const std::string& component) -> const BillLine* {
    for (const BillLine& l : bill.lines)
      if (l.component == component) return &l;
    return nullptr;
  };
  double per_cycle = 11.1;
  for (const ChunkSpec& c : arch_.chunks) {
    const BillLine* clock = line(c.name + ".clock");
    ASSERT_NE(clock, nullptr) << c.name;
    EXPECT_EQ(clock->action, "pe_cycle");
    EXPECT_EQ(clock->count, kCycles * c.rows * c.cols);
    EXPECT_EQ(clock->unit_pj, 0.375);
    per_cycle += 0.375 * static_cast<double>(c.pes());
  }
  ASSERT_NE(line("clock"), nullptr);
  EXPECT_EQ(line("clock")->count, kCycles);
  EXPECT_EQ(line("clock")->unit_pj, 11.1);
  EXPECT_DOUBLE_EQ(clock_pj_per_cycle(arch_, table_of(with_clock(GetParam().table))), per_cycle);
  // What a table does not charge for has no line.
  const EnergyBill without = this->bill(shipped(GetParam().table), items_);
  EXPECT_EQ(without.clock_pj, 0);
  for (const BillLine& l : without.lines)
    EXPECT_EQ(l.component.find("clock"), std::string::npos) << l.component;
}

// All of a layer's operations gated: neither its arithmetic nor its weight registers' reads are
// charged, everything else is as it was.
TEST_P(EnergyLaw, GatedOperationsCostNeitherArithmeticNorWeightReads) {
  for (const ChunkSpec& c : arch_.chunks) {
    Program program;
    program.gated = Program::kAllGated;
    BillItem item{&c, Arithmetic::multiply, {}, {}};
    for (const Arithmetic a : kAllArithmetics)
      if (c.runs(a)) item.arithmetic = a;
    item.widths.pe.values =
        item.widths.stored.values = {c.bits.input, c.bits.weight, c.bits.psum, c.bits.output};
    Activity& a = item.activity;
    a.pe_operations = 1'234'567;
    for (const WordKind kind : {WordKind::input, WordKind::weight, WordKind::psum})
      a.register_file[kind] = {a.pe_operations, 1000};
    const EnergyBill all = bill(shipped(GetParam().table), {item});
    count_gated(program, item.activity);
    EXPECT_EQ(a.gated_operations, a.pe_operations);
    const EnergyBill none = bill(shipped(GetParam().table), {item});
    const auto part = [](const EnergyBill& of, EnergyPart p) {
      return of.item_part_pj[0][static_cast<std::size_t>(p)];
    };
    EXPECT_GT(part(all, EnergyPart::pe), 0);
    EXPECT_EQ(part(none, EnergyPart::pe), 0);
    for (const BillLine& line : none.lines) {
      EXPECT_NE(line.component, c.name + ".pe");
      if (line.component == c.name + ".register_file.weight") {
        EXPECT_EQ(line.action.rfind("write", 0), 0U) << line.action;
      }
    }
    std::uint64_t reads_before = 0, reads_after = 0;
    for (const BillLine& line : all.lines) reads_before += line.count;
    for (const BillLine& line : none.lines) reads_after += line.count;
    EXPECT_EQ(reads_before - reads_after, 2U * 1'234'567);
  }
}

INSTANTIATE_TEST_SUITE_P(Tables, EnergyLaw,
                         testing::Values(Case{"cmos45-physical", "nasa-45nm", "ideal"},
                                         Case{"cmos45-physical", "nasa-plus-45nm", "ideal"},
                                         Case{"cmos45-physical", "systolic-16x16", "ideal"},
                                         Case{"paper-normalised", "nasa-45nm", "LPDDR4-3200"},
                                         Case{"paper-normalised", "eyeriss-65nm", "ideal"}),
                         [](const auto& test) {
                           std::string name = std::string(test.param.table) + test.param.arch;
                           std::erase_if(name, [](char c) { return std::isalnum(c) == 0; });
                           return name;
                         });

// The share of gated operations in 1/65536, of all operations, rounded half up: exact integers.
TEST(Gating, CountsAreExactIntegers) {
  __extension__ typedef unsigned __int128 Wide;
  Rng rng(5);
  for (int i = 0; i < 20000; ++i) {
    Program program;
    program.gated = rng.below(Program::kAllGated + 1);
    Activity activity;
    activity.pe_operations = rng.below(std::uint64_t{1} << rng.between(1, 60));
    activity.register_file[WordKind::weight].reads = activity.pe_operations;
    const Wide twice = Wide{activity.pe_operations} * program.gated * 2 + Program::kAllGated;
    count_gated(program, activity);
    const auto expected = static_cast<std::uint64_t>(twice / (2 * Program::kAllGated));
    ASSERT_EQ(activity.gated_operations, expected) << activity.pe_operations << program.gated;
    ASSERT_EQ(activity.register_file[WordKind::weight].reads, activity.pe_operations - expected);
  }
}

TEST(Gating, OfNothingIsNoGatingAndOfAllIsEveryOperation) {
  for (const std::uint64_t operations : {0ULL, 1ULL, 65535ULL, 65536ULL, 1ULL << 60}) {
    for (const std::uint64_t share : {std::uint64_t{0}, Program::kAllGated}) {
      Program program;
      program.gated = share;
      Activity activity;
      activity.pe_operations = activity.register_file[WordKind::weight].reads = operations;
      const Activity before = activity;
      count_gated(program, activity);
      EXPECT_EQ(activity.gated_operations, share == 0 ? 0 : operations);
      if (share == 0) {
        EXPECT_EQ(activity, before);
      }
    }
  }
}

}  // namespace
}  // namespace chasm
