// Latency, bandwidth and energy of the DRAM by the formulas of the datasheets, to the cycle.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/memory/dram/dram_energy.h"
#include "tests/support/dram_checker/checked_replay.h"

namespace chasm::testing_support {
namespace {

using Requests = std::vector<DramRequest>;
constexpr std::uint64_t kLine = 64;
const char* const kNoRefresh = R"({"controller":{"refresh":"none"}})";

class DramLaw : public testing::TestWithParam<std::string> {
 protected:
  DramConfig config(const std::string& changes = kNoRefresh) const {
    return dram_with(GetParam(), changes);
  }
  CheckedReplay::Result run(const DramConfig& config, const Requests& requests) const {
    auto result = CheckedReplay::run(config, checker_timing(GetParam()), requests);
    EXPECT_EQ(result.violations, "");
    return result;
  }
  // In a bank, group and row of the channel (mapping RoRaBaCoBgCh or without groups).
  static std::uint64_t address(const DramConfig& c, std::uint32_t row, std::uint32_t bank,
                               std::uint32_t group, std::uint32_t line) {
    const DramOrganisation& o = c.organisation;
    return (((std::uint64_t{row} * o.banks_per_group + bank) * o.lines_per_row() + line) *
                o.bank_groups +
            group) *
           kLine;
  }
  // Between commands that count from their last cycle.
  static std::uint32_t act_to_read(const DramConfig& c) {
    return c.timing.nRCD + c.command_cycles.activate - c.command_cycles.column;
  }
  static std::uint32_t pre_to_act(const DramConfig& c) {
    return c.timing.nRP + c.command_cycles.row - c.command_cycles.activate;
  }
};

TEST_P(DramLaw, IdleReadsTakeWhatTheDatasheetSays) {
  const DramConfig c = config();
  const Cycle hit = c.read_data_end();
  const Cycle closed = act_to_read(c) + hit;
  const Cycle conflict = pre_to_act(c) + closed;
  const auto last_latency = [&](const Requests& requests) {
    return run(c, requests).cycles - requests.back().cycle;
  };
  EXPECT_EQ(last_latency({{1000, false, 0}}), closed);
  EXPECT_EQ(last_latency({{0, false, 0}, {1000, false, address(c, 0, 0, 0, 1)}}), hit);
  EXPECT_EQ(last_latency({{0, false, 0}, {1000, false, address(c, 1, 0, 0, 0)}}), conflict);
}

TEST_P(DramLaw, WritesEndAfterTheWriteLatency) {
  const DramConfig c = config();
  const Cycle act_to_write = c.timing.nRCDWR + c.command_cycles.activate - c.command_cycles.column;
  EXPECT_EQ(run(c, {{500, true, 0}}).cycles, 500 + act_to_write + c.write_data_end());
}

// Once the row is open, hits of one bank follow each other at nCCD_L, of all groups at nCCD_S.
TEST_P(DramLaw, StreamsRunAtTheBurstSpacing) {
  const DramConfig c = config();
  const std::uint32_t lines = c.organisation.lines_per_row();
  Requests one_group, all_groups;
  for (std::uint32_t i = 0; i < lines; ++i) one_group.push_back({0, false, address(c, 0, 0, 0, i)});
  for (std::uint32_t i = 0; i < lines; ++i) all_groups.push_back({0, false, i * kLine});
  const Cycle first = act_to_read(c) + c.read_data_end();
  EXPECT_EQ(run(c, one_group).cycles, first + (lines - 1) * c.timing.nCCD_L);
  const auto spread = run(c, all_groups);
  EXPECT_GE(spread.cycles, first + (lines - 1) * c.timing.nCCD_S);
  // Other groups' rows are opened while the first stream runs.
  EXPECT_LE(spread.cycles, first + (lines - 1) * c.timing.nCCD_S + c.timing.nRC);
}

// Rows of one bank: an activate every nRC.
TEST_P(DramLaw, ConflictsOfABankTakeARowCycleEach) {
  const DramConfig c = config();
  Requests requests;
  constexpr std::uint32_t kRows = 40;
  for (std::uint32_t row = 0; row < kRows; ++row)
    requests.push_back({0, false, address(c, row, 0, 0, 0)});
  const Cycle precharged = std::max(c.timing.nRAS + c.command_cycles.activate,
                                    c.timing.nRCD + c.command_cycles.activate + c.timing.nRTP);
  const Cycle row_cycle =
      std::max<Cycle>(c.timing.nRC, precharged - c.command_cycles.activate + c.timing.nRP);
  EXPECT_EQ(run(c, requests).cycles, (kRows - 1) * row_cycle + act_to_read(c) + c.read_data_end());
}

// Single reads of many banks: four activates in nFAW, or one in nRRD_S.
TEST_P(DramLaw, ActivatesKeepTheirWindow) {
  const DramConfig c =
      config(R"({"controller":{"refresh":"none","page_policy":"closed","read_queue":64}})");
  const DramOrganisation& o = c.organisation;
  Requests requests;
  const std::uint32_t banks = o.banks();
  for (std::uint32_t i = 0; i < 4 * banks; ++i)
    requests.push_back(
        {0, false,
         address(c, i / banks, i / o.bank_groups % o.banks_per_group, i % o.bank_groups, 0)});
  const double per_four = std::max({c.timing.nFAW, 4 * c.timing.nRRD_S, 4 * c.timing.nCCD_S});
  const double per_bank = static_cast<double>(c.timing.nRC) / banks * 4;
  const double expected = static_cast<double>(requests.size()) / 4 * std::max(per_four, per_bank);
  EXPECT_NEAR(static_cast<double>(run(c, requests).cycles), expected, 0.15 * expected + 100);
}

TEST_P(DramLaw, TurnaroundsCostTheirGaps) {
  const DramConfig c = config(R"({"controller":{"refresh":"none","writes":"unified"}})");
  // A read, and a write to the same open row as soon as it may follow.
  const auto pair = [&](bool first_write) {
    Requests requests = {{0, false, 0},
                         {1000, first_write, address(c, 0, 0, 0, 1)},
                         {1000, !first_write, address(c, 0, 0, 0, 2)}};
    return run(c, requests).cycles - 1000;
  };
  const DramTiming& t = c.timing;
  const Cycle read_to_write = t.nCL + t.nDQSCK + t.nBL + t.nRTW - t.nCWL;
  const Cycle write_to_read = t.nCWL + t.nDQSS + t.nBL + t.nWTR_L;
  EXPECT_EQ(pair(false),
            std::max<Cycle>(read_to_write, 1 + c.command_cycles.column - 1) + c.write_data_end());
  EXPECT_EQ(pair(true), write_to_read + c.read_data_end());
}

// A read that comes while the rank is refreshed waits for the rest of it.
TEST_P(DramLaw, RefreshComesOnTimeAndTakesItsTime) {
  const DramConfig c = config("{}");
  const DramTiming& t = c.timing;
  const auto result = run(c, {{Cycle{t.nREFI} + 1, false, 0}});
  const Cycle after_refresh = t.nRFC + c.command_cycles.row - c.command_cycles.activate;
  EXPECT_EQ(result.cycles, t.nREFI + after_refresh + act_to_read(c) + c.read_data_end());
  ASSERT_FALSE(result.commands.empty());
  EXPECT_TRUE(result.commands[0].starts_with(fmt::format("{} REF", t.nREFI)));
  const auto late = run(c, {{Cycle{t.nREFI} * 10 + 2000, false, 0}});
  EXPECT_EQ(late.stats.count(DramCommand::refresh), 10U);
}

// What the refresh takes of the bandwidth of a stream is nRFC and closing and opening rows a nREFI.
TEST_P(DramLaw, RefreshTakesItsShareOfAStream) {
  const DramConfig with = config("{}"), without = config();
  Requests requests;
  for (std::uint64_t i = 0; i < 20000; ++i) requests.push_back({0, false, i * kLine});
  Diagnostics problems;
  const auto cycles = [&](const DramConfig& c) {
    DramReplay replay(c, *DramAddressMap::make(c, "", problems));
    for (const DramRequest& request : requests) replay.offer(request);
    return static_cast<double>(replay.finish());
  };
  const DramTiming& t = with.timing;
  const double least = static_cast<double>(t.nRFC) / t.nREFI;
  const double most = static_cast<double>(t.nRFC + t.nRPab + 2 * t.nRC) / t.nREFI;
  const double share = 1 - cycles(without) / cycles(with);
  EXPECT_GT(share, 0.9 * least);
  EXPECT_LT(share, 1.1 * most);
}

TEST_P(DramLaw, PowerDownIsLeftInTime) {
  const DramConfig c = config(R"({"controller":{"refresh":"none","power_down_after":20}})");
  const auto result = run(c, {{0, false, 0}, {5000, false, kLine * 0}});
  EXPECT_EQ(result.stats.count(DramCommand::power_down), 1U);
  EXPECT_EQ(result.stats.count(DramCommand::power_up), 1U);
  const Cycle wake = c.timing.nXP + c.command_cycles.row - c.command_cycles.column;
  EXPECT_EQ(result.cycles, 5000 + wake + c.read_data_end());
  EXPECT_GT(result.stats.active_power_down, 4000U);
}

// Energy of a stream, by hand: bursts, rows, standing by, and refreshes.
TEST_P(DramLaw, EnergyIsTheSumOfItsCurrents) {
  const DramConfig c = config("{}");
  const auto result = run(c, {{0, false, 0}, {100, true, kLine}, {9999, false, 2 * kLine}});
  double by_hand = 0, total = 0;
  const double ns = c.cycle_ns() * c.organisation.devices_per_rank;
  const DramStats& s = result.stats;
  for (const DramRail& rail : c.power.rails) {
    const auto pj = [&](double mA, double cycles) { return mA * rail.volts * cycles * ns; };
    const DramTiming& t = c.timing;
    const double activates = static_cast<double>(s.count(DramCommand::activate));
    by_hand += activates *
               (pj(rail.idd0, t.nRC) - pj(rail.idd3n, t.nRAS) - pj(rail.idd2n, t.nRC - t.nRAS));
    by_hand += 2 * pj(rail.idd4r - rail.idd3n, t.nBL) + pj(rail.idd4w - rail.idd3n, t.nBL);
    by_hand +=
        static_cast<double>(s.count(DramCommand::refresh)) * pj(rail.idd5b - rail.idd3n, t.nRFC);
    by_hand += pj(rail.idd3n, static_cast<double>(s.active_standby)) +
               pj(rail.idd2n, static_cast<double>(s.precharge_standby));
  }
  by_hand += 512 * (2 * c.power.io_read_pj_per_bit + c.power.io_write_pj_per_bit);
  for (const DramEnergyLine& line : dram_energy(c, s)) total += line.total_pj();
  EXPECT_NEAR(total / by_hand, 1, 1e-12);
}

INSTANTIATE_TEST_SUITE_P(All, DramLaw,
                         testing::Values("DDR3-1600", "DDR4-2400", "DDR4-3200", "LPDDR4-3200",
                                         "LPDDR5-6400", "HBM2"),
                         [](const auto& param) {
                           std::string name = param.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

// The figures that users know.
TEST(Dram, KnownLatenciesOfTheReferenceMemories) {
  const DramConfig ddr4 = dram_with("DDR4-2400");
  EXPECT_EQ(CheckedReplay::run(ddr4, checker_timing("DDR4-2400"), {{0, false, 0}}).cycles, 36U);
  const DramConfig lpddr4 = dram_with("LPDDR4-3200");
  EXPECT_EQ(CheckedReplay::run(lpddr4, checker_timing("LPDDR4-3200"), {{0, false, 0}}).cycles, 74U);
}

// Written data are read from the queue, and a write waits for the read before it.
TEST(Dram, RequestsOfOneLineKeepTheirOrder) {
  const DramConfig c = dram_with("DDR4-2400");
  const auto& timing = checker_timing("DDR4-2400");
  const auto forwarded =
      CheckedReplay::run(c, timing, {{0, false, 0}, {1, true, 1 << 20}, {2, false, 1 << 20}});
  EXPECT_EQ(forwarded.stats.forwarded, 1U);
  EXPECT_EQ(forwarded.stats.bursts(), 2U);
  const auto ordered = CheckedReplay::run(c, timing, {{0, false, 1 << 20}, {1, true, 1 << 20}});
  ASSERT_EQ(ordered.commands.size(), 3U);
  EXPECT_NE(ordered.commands[1].find(" RD "), std::string::npos);
  EXPECT_NE(ordered.commands[2].find(" WR "), std::string::npos);
}

}  // namespace
}  // namespace chasm::testing_support
