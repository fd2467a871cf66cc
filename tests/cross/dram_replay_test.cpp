// The accelerator's memory and "chasm dram" are one model: the requests of a run, replayed, give
// the same commands in the same cycles; and those keep the standard. Values stay right although the
// memory answers out of order.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/arch/dram_link.h"
#include "traces/timeline.h"
#include "mapper/map_network.h"
#include "models/memory/dram/replay.h"
#include "sim/run/simulate.h"
#include "tests/support/dram_checker/dram_checker.h"

namespace chasm {
namespace {

class Commands final : public DramCommandLog {
 public:
  Commands(const std::string& standard, std::uint32_t channels)
      : checkers_(channels,
                  testing_support::DramChecker(testing_support::checker_timing(standard))),
        lines_(channels) {}

  void command(Cycle at, DramCommand command, const DramLocation& l) override {
    lines_[l.channel].push_back(fmt::format("{} {} {} {} {} {}", at, to_string(command), l.rank,
                                            l.bank_group, l.bank, l.row));
    checkers_[l.channel].command(
        {static_cast<std::int64_t>(at), to_string(command), l.rank, l.bank_group, l.bank, l.row});
  }
  // Of a channel, up to the cycle.
  std::vector<std::string> until(std::size_t channel, Cycle end) const {
    std::vector<std::string> some;
    for (const std::string& line : lines_[channel])
      if (std::stoull(line) < end) some.push_back(line);
    return some;
  }
  std::string violations() const {
    std::string all;
    for (const auto& checker : checkers_) all += checker.text();
    return all;
  }

 private:
  std::vector<testing_support::DramChecker> checkers_;
  std::vector<std::vector<std::string>> lines_;  // by channel
};

struct Case {
  const char* standard;
  const char* network;
  std::vector<Override> overrides;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.network << " on " << c.standard; }

class DramReplayOf : public testing::TestWithParam<Case> {};

TEST_P(DramReplayOf, GivesTheSameCommands) {
  const Case& c = GetParam();
  Diagnostics diagnostics;
  std::vector<Override> overrides = c.overrides;
  overrides.push_back({"dram.standard", c.standard});
  const auto document = load_arch_document("nasa-45nm", overrides, diagnostics);
  ASSERT_TRUE(document) << diagnostics.to_string();
  const ArchSpec arch = *read_arch(*document, diagnostics);
  const Network network = *load_network(c.network, diagnostics);
  MapOptions map_options;
  map_options.side_by_side = true;
  const auto mapping = map_network(arch, network, map_options, diagnostics);
  ASSERT_TRUE(mapping) << diagnostics.to_string();

  Timeline timeline{{}};
  Commands live(c.standard, arch.dram.channels);
  SimOptions options;
  options.schedule = Schedule::pipelined;
  options.images = 3;
  options.functional = true;
  options.recorder = &timeline;
  options.dram_commands = &live;
  const RunResult result = simulate(arch, network, *mapping, options);
  timeline.finish(result.cycles);
  EXPECT_EQ(live.violations(), "");

  const DramConfig config = bank_dram(arch.dram);
  Commands replayed(c.standard, arch.dram.channels);
  DramReplay replay(config, *DramAddressMap::make(config, "", diagnostics), &replayed);
  std::uint64_t requests = 0;
  timeline.for_each_request([&](Cycle at, bool write, std::uint64_t address) {
    replay.offer({at, write, address});
    ++requests;
  });
  const Cycle end = replay.finish();
  EXPECT_EQ(requests * 64, result.dram_read_bytes + result.dram_write_bytes);
  for (std::size_t channel = 0; channel < arch.dram.channels; ++channel) {
    const auto expected = live.until(channel, end);
    EXPECT_GT(expected.size(), 50U);
    EXPECT_EQ(replayed.until(channel, end), expected) << "channel " << channel;
  }
}

INSTANTIATE_TEST_SUITE_P(Standards, DramReplayOf,
                         testing::Values(Case{"DDR4-2400", "toy_mixed3", {}},
                                         Case{"LPDDR4-3200", "toy_mixed3", {}},
                                         Case{"DDR3-1600", "toy_mixed3", {{"dram.channels", "2"}}},
                                         Case{"HBM2",
                                              "toy_mixed3",
                                              {{"dram.channels", "4"},
                                               {"dram.page_policy", "closed"},
                                               {"dram.mapping", "RoBaBgCoCh"}}},
                                         Case{"LPDDR5-6400",
                                              "toy_mixed3",
                                              {{"dram.ranks", "2"},
                                               {"dram.refresh", "per-bank"},
                                               {"dram.power_down_after_cycles", "100"}}},
                                         Case{"DDR4-3200",
                                              "toy_all_types",
                                              {{"dram.read_queue", "2"},
                                               {"dram.write_queue", "1"},
                                               {"dram.writes", "unified"},
                                               {"clock_mhz", "1000"}}}));

}  // namespace
}  // namespace chasm
