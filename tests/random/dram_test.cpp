// The DRAM model under random traffic and every policy: no constraint broken, every request
// answered once, the account of the data bus complete, the same again the second time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/dram_checker/checked_replay.h"
#include "tests/support/dram_checker/traffic.h"

namespace chasm::testing_support {
namespace {

const std::vector<std::string> kStandards = {"DDR3-1600",   "DDR4-2400",   "DDR4-3200",
                                             "LPDDR4-3200", "LPDDR5-6400", "HBM2"};

std::vector<std::string> variants(const std::string& standard) {
  std::vector<std::string> all = {
      "{}",
      R"({"controller":{"writes":"unified"}})",
      R"({"controller":{"scheduler":"fcfs"}})",
      R"({"controller":{"page_policy":"closed"}})",
      R"({"controller":{"page_policy":"timeout","page_timeout":60}})",
      R"({"controller":{"refresh_postpone":8,"row_hit_limit":4}})",
      R"({"controller":{"power_down_after":50}})",
      R"({"organisation":{"ranks":2},"controller":{"power_down_after":500,"write_age_limit":100}})",
      R"({"organisation":{"ranks":4},"controller":{"writes":"unified","page_policy":"closed"}})",
      R"({"organisation":{"channels":4}})",
      R"({"controller":{"read_queue":1,"write_queue":2,"write_high":2,"write_low":0}})"};
  if (standard == "LPDDR4-3200" || standard == "LPDDR5-6400" || standard == "HBM2") {
    all.push_back(R"({"controller":{"refresh":"per-bank"}})");
    all.push_back(
        R"({"controller":{"refresh":"per-bank","refresh_postpone":8,"power_down_after":80}})");
  }
  return all;
}

class DramRandom : public testing::TestWithParam<std::string> {};

TEST_P(DramRandom, KeepsTheStandardAndAnswersEveryRequestOnce) {
  std::uint64_t seed = 1;
  for (const std::string& variant : variants(GetParam())) {
    SCOPED_TRACE(variant);
    const DramConfig config = dram_with(GetParam(), variant);
    const auto requests = random_traffic(config, seed++, 3000);
    const auto result = CheckedReplay::run(config, checker_timing(GetParam()), requests);
    EXPECT_EQ(result.violations, "");
    const DramStats& s = result.stats;
    EXPECT_EQ(s.reads + s.writes, requests.size());
    EXPECT_EQ(s.bursts() + s.forwarded, requests.size());
    EXPECT_EQ(s.read_latency.count(), s.reads);
    Cycle bus = s.bus_busy;
    for (const Cycle lost : s.lost) bus += lost;
    EXPECT_EQ(bus, result.cycles * config.organisation.channels);
    EXPECT_EQ(s.bus_busy, s.bursts() * config.timing.nBL);
    EXPECT_EQ(s.active_standby + s.precharge_standby + s.active_power_down + s.precharge_power_down,
              result.cycles * config.organisation.channels * config.organisation.ranks);
  }
}

TEST_P(DramRandom, RepeatsItself) {
  const DramConfig config = dram_with(GetParam(), R"({"organisation":{"channels":2,"ranks":2}})");
  const auto requests = random_traffic(config, 77, 3000);
  const auto once = CheckedReplay::run(config, checker_timing(GetParam()), requests);
  const auto again = CheckedReplay::run(config, checker_timing(GetParam()), requests);
  EXPECT_EQ(once.commands, again.commands);
  EXPECT_GT(once.commands.size(), requests.size());
}

// All requests are due at once, so that the memory, not the requester, sets the time.
TEST_P(DramRandom, MoreChannelsAreNeverSlower) {
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    Cycle before = ~Cycle{0};
    auto requests = random_traffic(dram_with(GetParam()), seed, 4000);
    for (DramRequest& request : requests) request.cycle = 0;
    for (const int channels : {1, 2, 4, 8}) {
      const DramConfig config =
          dram_with(GetParam(), fmt::format(R"({{"organisation":{{"channels":{}}}}})", channels));
      Diagnostics problems;
      DramReplay replay(config, *DramAddressMap::make(config, "", problems));
      for (const DramRequest& request : requests) replay.offer(request);
      const Cycle cycles = replay.finish();
      EXPECT_LE(cycles, before) << channels << " channels, seed " << seed;
      before = cycles;
    }
  }
}

// A model whose constraint is a cycle short does what the standard forbids, and the checker sees
// it.
struct Shortened {
  const char* name;
  std::uint32_t DramTiming::*value;
  std::uint32_t DramTiming::*also = nullptr;  // equal to it where there are no bank groups
};

TEST_P(DramRandom, AnyConstraintACycleShortIsFound) {
  using T = DramTiming;
  const std::vector<Shortened> all = {
      {"nBL", &T::nBL},       {"nCL", &T::nCL},       {"nCWL", &T::nCWL},
      {"nRCD", &T::nRCD},     {"nRCDWR", &T::nRCDWR}, {"nRP", &T::nRP},
      {"nRPab", &T::nRPab},   {"nRAS", &T::nRAS},     {"nRRD", &T::nRRD_S, &T::nRRD_L},
      {"nRRD_L", &T::nRRD_L}, {"nFAW", &T::nFAW},     {"nCCD", &T::nCCD_S, &T::nCCD_L},
      {"nCCD_L", &T::nCCD_L}, {"nWR", &T::nWR},       {"nWTR", &T::nWTR_S, &T::nWTR_L},
      {"nWTR_L", &T::nWTR_L}, {"nRTP", &T::nRTP},     {"nRTW", &T::nRTW},
      {"nRTRS", &T::nRTRS},   {"nRFC", &T::nRFC},     {"nRFCpb", &T::nRFCpb},
      {"nPPD", &T::nPPD},     {"nDQSCK", &T::nDQSCK}, {"nDQSS", &T::nDQSS},
      {"nXP", &T::nXP},       {"nCKE", &T::nCKE}};
  for (const Shortened& one : all) {
    SCOPED_TRACE(one.name);
    DramConfig config = dram_with(
        GetParam(), R"({"organisation":{"ranks":2},"controller":{"power_down_after":30}})");
    T& t = config.timing;
    const bool absent = t.*one.value == 0 || (one.value == &T::nPPD && t.nPPD == 1);
    // The same-group value cannot be below that of other groups: they fall together.
    const bool floor = (one.value == &T::nRRD_L && t.nRRD_L == t.nRRD_S) ||
                       (one.value == &T::nCCD_L && t.nCCD_L == t.nCCD_S) ||
                       (one.value == &T::nWTR_L && t.nWTR_L == t.nWTR_S);
    // Where four times nRRD is as long, the window of four activates never binds.
    const bool implied = one.value == &T::nFAW && t.nFAW <= 4 * t.nRRD_S;
    if (absent || floor || implied) continue;
    --(t.*one.value);
    if (one.also != nullptr && t.*one.also > t.*one.value) --(t.*one.also);
    if (one.value == &T::nRFCpb) config.controller.refresh = DramRefresh::per_bank;
    std::string violations;
    for (std::uint64_t seed = 1; seed <= 12 && violations.empty(); ++seed)
      violations =
          CheckedReplay::run(config, checker_timing(GetParam()), random_traffic(config, seed, 4000))
              .violations;
    EXPECT_NE(violations, "");
  }
}

INSTANTIATE_TEST_SUITE_P(All, DramRandom, testing::ValuesIn(kStandards), [](const auto& param) {
  std::string name = param.param;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace chasm::testing_support
