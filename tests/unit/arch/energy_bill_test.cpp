// The bill: every count appears once at its unit, layers and leakage add up to the total, order is
// fixed.
#include "models/arch/energy_bill.h"

#include <cmath>
#include <numeric>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "models/arch/dram_link.h"
#include "models/memory/dram/dram_energy.h"

namespace chasm {
namespace {

// With an ideal memory, whose bursts are charged by the table.
ArchSpec load(const std::string& name, const std::string& dram = "ideal") {
  Diagnostics diagnostics;
  const auto document = load_arch_document(name, {{"dram.standard", dram}}, diagnostics);
  EXPECT_TRUE(document) << diagnostics.to_string();
  return *read_arch(*document, diagnostics);
}

EnergyTable table(const std::string& name) {
  Diagnostics diagnostics;
  auto loaded = load_energy_table(name, diagnostics);
  EXPECT_TRUE(loaded) << diagnostics.to_string();
  return *loaded;
}

ActivityWidths widths_of(const ChunkSpec& c) {
  ActivityWidths w;
  w.pe.values = {c.bits.input, c.bits.weight, c.bits.psum, c.bits.output};
  w.stored = w.pe;
  return w;
}

Arithmetic own(const ChunkSpec& c) {
  for (const Arithmetic a : kAllArithmetics)
    if (c.runs(a)) return a;
  return Arithmetic::none;
}

Activity random_activity(Rng& rng) {
  Activity a;
  const auto draw = [&] { return rng.below(1'000'000'000); };
  a.pe_operations = draw();
  for (std::size_t k = 0; k < kWordKinds; ++k) {
    a.register_file.values[k] = {draw(), draw()};
    a.bus_words.values[k] = draw();
    a.bus_receivers.values[k] = draw();
    a.buffer.values[k] = {draw(), draw()};
    a.dram.values[k] = {draw(), draw()};
  }
  a.reduction_words = draw();
  a.dram_read_bursts = draw();
  a.dram_write_bursts = draw();
  return a;
}

const BillLine* find(const EnergyBill& bill, const std::string& component,
                     const std::string& action) {
  for (const BillLine& line : bill.lines)
    if (line.component == component && line.action == action) return &line;
  return nullptr;
}

TEST(EnergyBill, ChargesEachActionAtItsUnit) {
  const ArchSpec spec = load("nasa-45nm");
  const EnergyTable paper = table("paper-normalised");
  BillItem item{&spec.chunks[0], Arithmetic::multiply, {}, widths_of(spec.chunks[0])};
  item.activity.pe_operations = 1000;
  item.activity.register_file[WordKind::weight] = {500, 20};
  item.activity.bus_words[WordKind::input] = 30;
  item.activity.reduction_words = 7;
  item.activity.buffer[WordKind::input].reads = 40;
  item.activity.buffer[WordKind::psum].writes = 11;
  item.activity.dram_read_bursts = 3;
  const EnergyBill bill = energy_bill(spec, paper, {item}, 100);
  const auto expect = [&](const char* component, const char* action, std::uint64_t count,
                          double unit) {
    const BillLine* line = find(bill, component, action);
    ASSERT_NE(line, nullptr) << component << " " << action;
    EXPECT_EQ(line->count, count);
    EXPECT_DOUBLE_EQ(line->unit_pj, unit);
    EXPECT_DOUBLE_EQ(line->total_pj, static_cast<double>(count) * unit);
    EXPECT_FALSE(line->source.empty());
  };
  expect("CLP.pe", "multiply_8b", 1000, 0.2);
  expect("CLP.register_file.weight", "read_8b", 500, 0.5);
  expect("CLP.register_file.weight", "write_8b", 20, 0.5);
  expect("CLP.bus.input", "word_8b", 30, 1.0);
  expect("CLP.reduction", "hop_16b", 7, 2.0);
  expect("global_buffer", "read_8b", 40, 3.0);
  expect("global_buffer", "write_16b", 11, 6.0);
  expect("dram", "read_burst_64B", 3, 12.5 * 512);
  expect("leakage", "cycle", 100, 0.0);
  EXPECT_EQ(bill.lines.size(), 9U);  // what did not happen is not listed
}

TEST(EnergyBill, FinishedOutputsTravelAtStoredWidth) {
  const ArchSpec spec = load("nasa-45nm");
  BillItem item{&spec.chunks[0], Arithmetic::multiply, {}, widths_of(spec.chunks[0])};
  item.widths.stored[WordKind::output] = 6;
  item.activity.bus_words[WordKind::output] = 1;
  item.activity.bus_words[WordKind::psum] = 1;
  const EnergyBill bill = energy_bill(spec, table("paper-normalised"), {item}, 1);
  EXPECT_NE(find(bill, "CLP.bus.output", "word_6b"), nullptr);
  EXPECT_NE(find(bill, "CLP.bus.psum", "word_16b"), nullptr);
}

TEST(EnergyBill, ReconfigurablePesPayForTheArithmeticTheyWorkIn) {
  const ArchSpec spec = load("nasa-plus-45nm");
  const EnergyTable physical = table("cmos45-physical");
  std::vector<BillItem> items;
  for (const Arithmetic a : {Arithmetic::adder, Arithmetic::multiply, Arithmetic::shift}) {
    items.push_back({&spec.chunks[0], a, {}, widths_of(spec.chunks[0])});
    items.back().activity.pe_operations = 10 + static_cast<std::uint64_t>(a);
  }
  const EnergyBill bill = energy_bill(spec, physical, items, 0);
  ASSERT_EQ(bill.lines.size(), 3U);
  const auto expect = [&](const char* action, std::uint64_t count, PeOperation operation) {
    const BillLine* line = find(bill, "CLP.pe", action);
    ASSERT_NE(line, nullptr) << action;
    EXPECT_EQ(line->count, count);
    EXPECT_EQ(line->unit_pj, physical.pe_operation(operation, 8, 16)->pj);
  };
  expect("multiply_8b", 10, PeOperation::multiply);
  expect("shift_8b", 11, PeOperation::shift);
  expect("adder_8b", 12, PeOperation::adder);
  EXPECT_EQ(bill.item_pj[1], bill.lines[0].total_pj);
}

class BillSums : public testing::TestWithParam<const char*> {};

TEST_P(BillSums, LayersAndLeakageAddUpToTheTotal) {
  const ArchSpec spec = load("nasa-45nm");
  Rng rng(7);
  std::vector<BillItem> items;
  for (int i = 0; i < 200; ++i) {
    const ChunkSpec& c = spec.chunks[rng.below(spec.chunks.size())];
    items.push_back({&c, own(c), random_activity(rng), widths_of(c)});
  }
  const EnergyBill bill = energy_bill(spec, table(GetParam()), items, 123456789);
  ASSERT_EQ(bill.item_pj.size(), items.size());
  const double layers = std::accumulate(bill.item_pj.begin(), bill.item_pj.end(), 0.0);
  EXPECT_NEAR((layers + bill.leakage_pj) / bill.total_pj(), 1.0, 1e-13);
  // The parts of all layers are the lines of that part; a layer is exactly the sum of its parts.
  for (std::size_t p = 0; p < kEnergyParts; ++p) {
    const std::string part = to_string(static_cast<EnergyPart>(p));
    double of_layers = 0, of_lines = 0;
    for (const EnergyByPart& parts : bill.item_part_pj) of_layers += parts[p];
    for (const BillLine& line : bill.lines)
      if (("." + line.component + ".").find("." + part + ".") != std::string::npos)
        of_lines += line.total_pj;
    EXPECT_GT(of_lines, 0) << part;
    EXPECT_NEAR(of_layers / of_lines, 1.0, 1e-13) << part;
  }
  for (std::size_t i = 0; i < items.size(); ++i)
    EXPECT_EQ(bill.item_pj[i],
              std::accumulate(bill.item_part_pj[i].begin(), bill.item_part_pj[i].end(), 0.0));
  // One line for each component and action, all with a source; counts add up over the layers.
  std::set<std::pair<std::string, std::string>> seen;
  std::uint64_t operations = 0, billed = 0;
  for (const BillLine& line : bill.lines) {
    EXPECT_TRUE(seen.emplace(line.component, line.action).second) << line.component << line.action;
    EXPECT_FALSE(line.source.empty());
    EXPECT_GT(line.count, 0U);
    if (line.component.ends_with(".pe")) billed += line.count;
  }
  for (const BillItem& item : items) operations += item.activity.pe_operations;
  EXPECT_EQ(billed, operations);
}

TEST_P(BillSums, OrderOfTheLayersDoesNotMatter) {
  const ArchSpec spec = load("nasa-45nm");
  Rng rng(9);
  std::vector<BillItem> items;
  for (int i = 0; i < 20; ++i) {
    const ChunkSpec& c = spec.chunks[rng.below(spec.chunks.size())];
    items.push_back({&c, own(c), random_activity(rng), widths_of(c)});
  }
  const EnergyBill forward = energy_bill(spec, table(GetParam()), items, 5);
  std::reverse(items.begin(), items.end());
  const EnergyBill backward = energy_bill(spec, table(GetParam()), items, 5);
  ASSERT_EQ(forward.lines.size(), backward.lines.size());
  for (std::size_t i = 0; i < forward.lines.size(); ++i) {
    EXPECT_EQ(forward.lines[i].component, backward.lines[i].component);
    EXPECT_EQ(forward.lines[i].action, backward.lines[i].action);
    EXPECT_EQ(forward.lines[i].count, backward.lines[i].count);
    EXPECT_EQ(forward.lines[i].total_pj, backward.lines[i].total_pj);
  }
}

INSTANTIATE_TEST_SUITE_P(Tables, BillSums, testing::Values("paper-normalised", "cmos45-physical"),
                         [](const auto& test) { return std::string(test.param).substr(0, 5); });

TEST(EnergyBill, LinesFollowTheMachine) {
  const ArchSpec spec = load("nasa-45nm");
  Rng rng(3);
  std::vector<BillItem> items;
  for (const std::size_t c : {2U, 0U})
    items.push_back(
        {&spec.chunks[c], own(spec.chunks[c]), random_activity(rng), widths_of(spec.chunks[c])});
  const EnergyBill bill = energy_bill(spec, table("cmos45-physical"), items, 1);
  EXPECT_EQ(bill.lines.front().component, "CLP.pe");
  EXPECT_EQ(bill.lines[1].component, "CLP.register_file.input");
  EXPECT_EQ(bill.lines[1].action, "read_8b");
  EXPECT_EQ(bill.lines[2].action, "write_8b");
  EXPECT_EQ(bill.lines.back().component, "leakage");
}

TEST(EnergyBill, NothingDoneCostsOnlyLeakage) {
  const ArchSpec spec = load("nasa-45nm");
  const EnergyBill bill = energy_bill(spec, table("cmos45-physical"), {}, 250'000'000);
  ASSERT_EQ(bill.lines.size(), 1U);
  // 3.3 uW for a second (CACTI, 128 KiB).
  EXPECT_NEAR(bill.total_pj(), 3.3e6, 1e-6);
  EXPECT_EQ(energy_bill(spec, table("cmos45-physical"), {}, 0).lines.size(), 0U);
}

TEST(EnergyBill, MissingEntriesAreDiagnosedBeforehand) {
  ArchSpec spec = load("nasa-45nm");
  EnergyTableData partial;
  partial.name = "partial";
  Diagnostics diagnostics;
  EXPECT_FALSE(covers(EnergyTable(partial), spec, diagnostics));
  EXPECT_NE(diagnostics.to_string().find("no energy of the DRAM \"ideal\""), std::string::npos);
  EXPECT_NE(diagnostics.to_string().find("no energy of the PEs of chunk \"CLP\""),
            std::string::npos);
}

// A memory with banks is charged by its own currents: bursts to the layers, the rest to the
// machine.
TEST(EnergyBill, BanksAreChargedByTheirCurrents) {
  const ArchSpec spec = load("nasa-45nm", "DDR4-2400");
  BillItem item{&spec.chunks[0], own(spec.chunks[0]), {}, widths_of(spec.chunks[0])};
  item.activity.dram_read_bursts = 10;
  DramStats stats;
  stats.commands[index_of(DramCommand::read)] = 10;
  stats.commands[index_of(DramCommand::activate)] = 4;
  stats.active_standby = 1000;
  const EnergyBill bill = energy_bill(spec, table("cmos45-physical"), {item}, 100, &stats);
  const DramUnitEnergy unit = dram_unit_energy(bank_dram(spec.dram));
  const BillLine* burst = find(bill, "dram", "read_burst_64B");
  const BillLine* activate = find(bill, "dram", "activate");
  const BillLine* standby = find(bill, "dram", "active_standby_cycle");
  ASSERT_TRUE(burst != nullptr && activate != nullptr && standby != nullptr);
  EXPECT_DOUBLE_EQ(burst->total_pj, 10 * (unit.read + unit.io_read));
  EXPECT_DOUBLE_EQ(activate->total_pj, 4 * unit.activate);
  EXPECT_DOUBLE_EQ(standby->total_pj, 1000 * unit.active_standby);
  EXPECT_DOUBLE_EQ(bill.item_pj[0], burst->total_pj);
  EXPECT_DOUBLE_EQ(bill.dram_upkeep_pj, activate->total_pj + standby->total_pj);
  EXPECT_NEAR(bill.total_pj(), bill.item_pj[0] + bill.dram_upkeep_pj + bill.leakage_pj, 1e-6);
}

// The papers charge 200 for 16 bits of any DRAM and nothing else.
TEST(EnergyBill, AnEntryOfTheTableTakesThePlaceOfTheCurrents) {
  const ArchSpec spec = load("nasa-45nm", "LPDDR4-3200");
  const EnergyTable paper = table("paper-normalised");
  BillItem item{&spec.chunks[0], own(spec.chunks[0]), {}, widths_of(spec.chunks[0])};
  item.activity.dram_read_bursts = 10;
  item.activity.dram_write_bursts = 7;
  DramStats stats;
  stats.commands[index_of(DramCommand::activate)] = 4;
  stats.active_standby = 1000;
  const EnergyBill bill = energy_bill(spec, paper, {item}, 100, &stats);
  EXPECT_DOUBLE_EQ(find(bill, "dram", "read_burst_64B")->total_pj, 10 * 32 * 200);
  EXPECT_DOUBLE_EQ(find(bill, "dram", "write_burst_64B")->total_pj, 7 * 32 * 200);
  EXPECT_EQ(find(bill, "dram", "activate"), nullptr);
  EXPECT_EQ(bill.dram_upkeep_pj, 0);
  EXPECT_EQ(bill.total_pj(), bill.item_pj[0]);
}

}  // namespace
}  // namespace chasm
