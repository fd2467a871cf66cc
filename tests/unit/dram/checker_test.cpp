// The checker itself: for every standard and constraint, commands at the least distance are right,
// and one cycle less is not.
#include <gtest/gtest.h>

#include "tests/support/dram_checker/dram_checker.h"

namespace chasm::testing_support {
namespace {

using Commands = std::vector<CheckedCommand>;

struct Case {
  std::string constraint;  // the one that the last command meets exactly
  Commands commands;
};

// Builds sequences in which only one distance is tight.
class Cases {
 public:
  explicit Cases(const CheckerTiming& timing) : t(timing) {}

  std::vector<Case> all() {
    rows();
    activates();
    bursts();
    turnarounds();
    closing();
    refreshes();
    power_down();
    return std::move(cases_);
  }

 private:
  static CheckedCommand at(std::int64_t cycle, const std::string& name, std::int64_t group = 0,
                           std::int64_t bank = 0, std::int64_t rank = 0) {
    const bool has_row = name == "ACT" || name[0] == 'R' || name[0] == 'W';
    return {cycle, name, rank, group, bank, has_row && name.substr(0, 3) != "REF" ? 5 : 0};
  }
  std::int64_t length(const std::string& name) const {
    if (name == "ACT") return t.act_length;
    return name[0] == 'W' || name.substr(0, 2) == "RD" ? t.column_length : t.row_length;
  }
  // The first cycle of a command `cycles` after one that starts at `from`, last to last cycle.
  std::int64_t after(std::int64_t from, const std::string& before, std::int64_t cycles,
                     const std::string& name) const {
    return from + length(before) + cycles - length(name);
  }
  void add(const std::string& constraint, Commands commands) {
    cases_.push_back({constraint, std::move(commands)});
  }
  // A second bank whose row was opened long before, of the same group or of another.
  std::int64_t other_group() const { return t.bank_groups > 1 ? 1 : 0; }
  std::int64_t other_bank() const { return t.bank_groups > 1 ? 0 : 1; }
  std::int64_t read_end() const { return t.cl + t.dqsck + t.burst; }
  std::int64_t write_end() const { return t.cwl + t.dqss + t.burst; }

  void rows() {
    add("tRCD", {at(kT, "ACT"), at(after(kT, "ACT", t.rcd, "RD"), "RD")});
    add("tRCD of writes", {at(kT, "ACT"), at(after(kT, "ACT", t.rcd_write, "WR"), "WR")});
    add("tRAS", {at(kT, "ACT"), at(after(kT, "ACT", t.ras, "PRE"), "PRE")});
    add("tRAS", {at(kT, "ACT"), at(after(kT, "ACT", t.ras, "PREA"), "PREA")});
    const std::int64_t closed = after(kT, "ACT", t.ras, "PRE");
    add("tRC",
        {at(kT, "ACT"), at(closed, "PRE"),
         at(std::max(after(kT, "ACT", t.rc, "ACT"), after(closed, "PRE", t.rp, "ACT")), "ACT")});
    add("tRP", {at(0, "ACT"), at(kT, "PRE"), at(after(kT, "PRE", t.rp, "ACT"), "ACT")});
    add("tRPab", {at(0, "ACT"), at(kT, "PREA"), at(after(kT, "PREA", t.rp_all, "ACT"), "ACT")});
  }

  void activates() {
    add("tRRD_S",
        {at(kT, "ACT"), at(after(kT, "ACT", t.rrd_s, "ACT"), "ACT", other_group(), other_bank())});
    add("tRRD_L", {at(kT, "ACT"), at(after(kT, "ACT", t.rrd_l, "ACT"), "ACT", 0, 1)});
    const std::int64_t groups = t.bank_groups;
    Commands five;
    for (std::int64_t i = 0; i < 5; ++i)
      five.push_back(at(kT + i * t.rrd_s, "ACT", i % groups, i / groups));
    five[4].cycle = std::max(five[4].cycle, kT + t.faw);
    if (t.faw > 4 * t.rrd_s) add("tFAW", five);
  }

  // A row is open in every bank that takes part.
  Commands opened() const {
    return {at(0, "ACT"), at(100, "ACT", 0, 1), at(200, "ACT", other_group(), other_bank() + 1)};
  }
  void pair(const std::string& constraint, const std::string& first, const std::string& second,
            std::int64_t cycle, std::int64_t group, std::int64_t bank) {
    Commands commands = opened();
    commands.push_back(at(kT, first));
    commands.push_back(at(cycle, second, group, bank));
    add(constraint, commands);
  }

  void bursts() {
    for (const std::string name : {"RD", "WR"}) {
      pair("tCCD_S", name, name, after(kT, name, t.ccd_s, name), other_group(), other_bank() + 1);
      pair("tCCD_L", name, name, after(kT, name, t.ccd_l, name), 0, 1);
    }
    Commands late = opened();
    late.push_back(at(kT, "RD"));
    late.push_back(at(kT + t.column_length, "ACT", 0, 3));
    add("command bus", late);
  }

  void turnarounds() {
    pair("tWTR_S", "WR", "RD", after(kT, "WR", write_end() + t.wtr_s, "RD"), other_group(),
         other_bank() + 1);
    pair("tWTR_L", "WR", "RD", after(kT, "WR", write_end() + t.wtr_l, "RD"), 0, 1);
    pair("tRTW", "RD", "WR", after(kT, "RD", read_end() + t.bus_turn - t.cwl, "WR"), 0, 1);
    Commands ranks = {at(0, "ACT"), at(100, "ACT", 0, 0, 1), at(kT, "RD"),
                      at(kT + t.burst + t.rank_switch, "RD", 0, 0, 1)};
    add("tRTRS", ranks);
  }

  void closing() {
    add("tRTP", {at(0, "ACT"), at(kT, "RD"), at(after(kT, "RD", t.rtp, "PRE"), "PRE")});
    add("tWR", {at(0, "ACT"), at(kT, "WR"), at(after(kT, "WR", write_end() + t.wr, "PRE"), "PRE")});
    add("tRP after auto-precharge",
        {at(0, "ACT"), at(kT, "RDA"), at(after(kT, "RDA", t.rtp + t.rp, "ACT"), "ACT")});
    add("tRP after auto-precharge",
        {at(0, "ACT"), at(kT, "WRA"),
         at(after(kT, "WRA", write_end() + t.wr + t.rp, "ACT"), "ACT")});
    add("tPPD", {at(0, "ACT"), at(100, "ACT", 0, 1), at(kT, "PRE"),
                 at(after(kT, "PRE", t.ppd, "PRE"), "PRE", 0, 1)});
  }

  void refreshes() {
    add("tRFC", {at(kT, "REF"), at(after(kT, "REF", t.rfc, "ACT"), "ACT")});
    add("tRFC", {at(kT, "REF"), at(after(kT, "REF", t.rfc, "REF"), "REF")});
    add("tRP", {at(0, "ACT"), at(kT, "PRE"), at(after(kT, "PRE", t.rp, "REF"), "REF")});
    add("tRPab", {at(0, "ACT"), at(kT, "PREA"), at(after(kT, "PREA", t.rp_all, "REF"), "REF")});
    if (t.rfc_bank == 0) return;
    add("tRFCpb", {at(kT, "REFB"), at(after(kT, "REFB", t.rfc_bank, "ACT"), "ACT")});
    add("tRFCpb", {at(kT, "REFB"), at(after(kT, "REFB", t.rfc_bank, "REFB"), "REFB", 0, 1)});
    add("tRRD of REFB", {at(kT, "REFB"), at(after(kT, "REFB", t.rrd_s, "ACT"), "ACT", 0, 1)});
  }

  void power_down() {
    add("tCKE", {at(kT, "PDE"), at(after(kT, "PDE", t.cke, "PDX"), "PDX")});
    add("tXP", {at(0, "PDE"), at(kT, "PDX"), at(after(kT, "PDX", t.xp, "ACT"), "ACT")});
    add("data before PDE",
        {at(0, "ACT"), at(kT, "RD"), at(after(kT, "RD", read_end() + 1, "PDE"), "PDE")});
    add("write recovery before PDE",
        {at(0, "ACT"), at(kT, "WR"), at(after(kT, "WR", write_end() + t.wr + 1, "PDE"), "PDE")});
  }

  static constexpr std::int64_t kT = 1000;
  const CheckerTiming& t;
  std::vector<Case> cases_;
};

std::map<std::string, int> violations_of(const CheckerTiming& timing, const Commands& commands) {
  DramChecker checker(timing);
  for (const CheckedCommand& command : commands) checker.command(command);
  return checker.violations();
}

class EveryStandard : public testing::TestWithParam<std::string> {};

TEST_P(EveryStandard, EachConstraintHoldsAtItsLimitAndFailsACycleBefore) {
  const CheckerTiming& timing = checker_timing(GetParam());
  for (Case c : Cases(timing).all()) {
    SCOPED_TRACE(c.constraint + ", " + c.commands.back().name);
    EXPECT_TRUE(violations_of(timing, c.commands).empty())
        << violations_of(timing, c.commands).begin()->first;
    --c.commands.back().cycle;
    EXPECT_EQ(violations_of(timing, c.commands).count(c.constraint), 1U);
  }
}

TEST_P(EveryStandard, RowsMustBeRight) {
  const CheckerTiming& timing = checker_timing(GetParam());
  const auto row = [](std::int64_t cycle, const char* name, std::int64_t number) {
    return CheckedCommand{cycle, name, 0, 0, 0, number};
  };
  const auto breaks = [&](const Commands& commands, const char* name) {
    return violations_of(timing, commands).count(name) == 1;
  };
  EXPECT_TRUE(breaks({row(100, "RD", 1)}, "wrong row"));
  EXPECT_TRUE(breaks({row(0, "ACT", 1), row(500, "WR", 2)}, "wrong row"));
  EXPECT_TRUE(breaks({row(0, "ACT", 1), row(500, "ACT", 1)}, "ACT of an open bank"));
  EXPECT_TRUE(breaks({row(0, "PRE", 0)}, "PRE of a closed bank"));
  EXPECT_TRUE(breaks({row(0, "ACT", 1), row(500, "REF", 0)}, "REF with an open bank"));
  EXPECT_TRUE(breaks({row(0, "ACT", 1), row(500, "REFB", 0)}, "REFB of an open bank"));
  EXPECT_TRUE(breaks({row(0, "PDE", 0), row(500, "ACT", 1)}, "command in power-down"));
  EXPECT_TRUE(breaks({row(100, "REF", 0), row(100 + 12 * timing.refi, "REF", 0)}, "tREFI"));
}

INSTANTIATE_TEST_SUITE_P(Dram, EveryStandard,
                         testing::Values("DDR3-1600", "DDR4-2400", "DDR4-3200", "LPDDR4-3200",
                                         "LPDDR5-6400", "HBM2"),
                         [](const auto& param) {
                           std::string name = param.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace chasm::testing_support
