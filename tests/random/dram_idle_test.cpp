// A gap of any length is as if every refresh in it had been done one by one: the same counts,
// states and latencies as with a log of the commands, which steps through each.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/dram_checker/checked_replay.h"
#include "tests/support/dram_checker/traffic.h"

namespace chasm::testing_support {
namespace {

class Nobody final : public DramCommandLog {
  void command(Cycle, DramCommand, const DramLocation&) override {}
};

struct Replayed {
  Cycle cycles;
  DramStats stats;
};

Replayed replayed(const DramConfig& config, const std::vector<DramRequest>& requests,
                  DramCommandLog* log) {
  DramReplay replay(config, DramAddressMap::of_checked(config), log);
  for (const DramRequest& request : requests) replay.offer(request);
  const Cycle cycles = replay.finish();
  return {cycles, replay.stats()};
}

// Bursts of random traffic with gaps between them, up to that many refresh intervals.
std::vector<DramRequest> with_gaps(const DramConfig& config, std::uint64_t seed,
                                   std::uint64_t intervals) {
  Rng rng(seed);
  std::vector<DramRequest> requests = random_traffic(config, seed, 400);
  Cycle later = 0;
  for (DramRequest& request : requests) {
    if (rng.below(40) == 0) later += rng.below(intervals * config.timing.nREFI + 1);
    request.cycle += later;
  }
  return requests;
}

void expect_same(const Replayed& a, const Replayed& b) {
  EXPECT_EQ(a.cycles, b.cycles);
  EXPECT_EQ(a.stats.commands, b.stats.commands);
  EXPECT_EQ(a.stats.lost, b.stats.lost);
  EXPECT_EQ(a.stats.bus_busy, b.stats.bus_busy);
  EXPECT_EQ(a.stats.steps, b.stats.steps);
  EXPECT_EQ(a.stats.active_standby, b.stats.active_standby);
  EXPECT_EQ(a.stats.precharge_standby, b.stats.precharge_standby);
  EXPECT_EQ(a.stats.active_power_down, b.stats.active_power_down);
  EXPECT_EQ(a.stats.precharge_power_down, b.stats.precharge_power_down);
  EXPECT_EQ(a.stats.read_latency.max(), b.stats.read_latency.max());
  EXPECT_EQ(a.stats.read_latency.mean(), b.stats.read_latency.mean());
}

const std::vector<std::string> kVariants = {
    "{}",
    R"({"controller":{"power_down_after":50}})",
    R"({"controller":{"power_down_after":60000}})",
    R"({"controller":{"refresh":"none","power_down_after":80}})",
    R"({"controller":{"refresh_postpone":8,"page_policy":"timeout","page_timeout":50000}})",
    R"({"organisation":{"ranks":4,"channels":2},"controller":{"power_down_after":500}})"};
const std::vector<std::string> kPerBank = {
    R"({"controller":{"refresh":"per-bank"}})",
    R"({"controller":{"refresh":"per-bank","refresh_postpone":8,"power_down_after":80}})",
    R"({"organisation":{"ranks":2},"controller":{"refresh":"per-bank","power_down_after":3000}})"};

class DramIdle : public testing::TestWithParam<std::string> {
 protected:
  static std::vector<DramConfig> configs() {
    std::vector<DramConfig> all;
    for (const std::string& variant : kVariants) all.push_back(dram_with(GetParam(), variant));
    if (all.front().timing.nREFIpb > 0)
      for (const std::string& variant : kPerBank) all.push_back(dram_with(GetParam(), variant));
    return all;
  }
};

TEST_P(DramIdle, AGapIsAsIfEveryRefreshHadBeenDone) {
  std::uint64_t seed = 1;
  Nobody nobody;
  for (const DramConfig& config : configs()) {
    SCOPED_TRACE(seed);
    for (const std::uint64_t intervals : {3, 30, 300}) {
      const auto requests = with_gaps(config, seed++, intervals);
      expect_same(replayed(config, requests, nullptr), replayed(config, requests, &nobody));
    }
  }
}

TEST_P(DramIdle, TheLongestGapTakesNoTime) {
  for (const DramConfig& config : configs()) {
    const Cycle far = Cycle{1} << 58;
    const Replayed run = replayed(config, {{0, false, 64}, {far, false, 128}}, nullptr);
    EXPECT_GE(run.cycles, far);
    EXPECT_LT(run.cycles, far + 2000);
    const DramStats& s = run.stats;
    EXPECT_EQ(s.active_standby + s.precharge_standby + s.active_power_down + s.precharge_power_down,
              run.cycles * config.organisation.channels * config.organisation.ranks);
    const bool one = config.controller.refresh == DramRefresh::per_bank;
    if (config.controller.refresh == DramRefresh::none) continue;
    const Cycle interval = one ? config.timing.nREFIpb : config.timing.nREFI;
    const std::uint64_t refreshes = s.count(one ? DramCommand::refresh_bank : DramCommand::refresh);
    const std::uint64_t ranks = config.organisation.channels * config.organisation.ranks;
    EXPECT_NEAR(static_cast<double>(refreshes), static_cast<double>(far / interval * ranks),
                static_cast<double>(2 * ranks));
  }
}

INSTANTIATE_TEST_SUITE_P(All, DramIdle,
                         testing::Values("DDR3-1600", "DDR4-2400", "DDR4-3200", "LPDDR4-3200",
                                         "LPDDR5-6400", "HBM2"),
                         [](const auto& param) {
                           std::string name = param.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace chasm::testing_support
