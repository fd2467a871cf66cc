// The global buffer alone: which burst is served when, over ports, banks and arbitrations
// (docs/microarchitecture.md, section 3). One cycle early or late fails.
#include "models/memory/global_buffer.h"

#include <map>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "tests/laws/burst_driver.h"

namespace chasm {
namespace {

using Bursts = std::vector<std::vector<TestBurst>>;  // by requester

struct Served {
  std::vector<std::vector<Cycle>> port_ends;  // by requester and burst
  std::uint64_t waited_cycles = 0, bank_conflict_cycles = 0;
};

// Uses up the process's SystemC kernel.
Served run_buffer(std::uint32_t ports, std::uint32_t banks, Arbitration arbitration,
                  const Bursts& bursts) {
  const ClockDomain clock{250'000'000, 1};
  PayloadPool pool;
  const std::uint32_t requesters = static_cast<std::uint32_t>(bursts.size());
  GlobalBuffer buffer("buffer", {ports, requesters, banks, BurstDriver::kWordBytes, arbitration},
                      clock);
  std::vector<std::unique_ptr<BurstDriver>> drivers;
  for (std::uint32_t r = 0; r < requesters; ++r) {
    drivers.push_back(std::make_unique<BurstDriver>(fmt::format("driver_{}", r).c_str(), r, clock,
                                                    pool, bursts[r]));
    drivers.back()->to_buffer.bind(buffer.from_chunks);
  }
  sc_core::sc_start();
  Served served;
  for (const auto& driver : drivers) served.port_ends.push_back(driver->port_ends());
  served.waited_cycles = buffer.stats().waited_cycles;
  served.bank_conflict_cycles = buffer.stats().bank_conflict_cycles;
  return served;
}

// The same machine cycle by cycle and beat by beat: a table says which bank is accessed when.
class BeatMachine {
 public:
  BeatMachine(std::uint32_t ports, std::uint32_t banks, Arbitration arbitration,
              const Bursts& bursts)
      : banks_(banks),
        arbitration_(arbitration),
        bursts_(bursts),
        port_free_(ports, 0),
        request_(bursts.size(), 0) {
    served_.port_ends.resize(bursts.size());
    for (std::size_t r = 0; r < bursts.size(); ++r)
      if (!bursts[r].empty()) request_[r] = bursts[r][0].gap;
  }

  Served run() {
    for (Cycle now = 0; !done(); ++now)
      for (Cycle& port : port_free_)
        if (port <= now)
          if (const std::optional<std::size_t> requester = winner(now))
            serve(*requester, port, now);
    return served_;
  }

 private:
  bool has_more(std::size_t r) const { return served_.port_ends[r].size() < bursts_[r].size(); }
  bool done() const {
    for (std::size_t r = 0; r < bursts_.size(); ++r)
      if (has_more(r)) return false;
    return true;
  }

  std::optional<std::size_t> winner(Cycle now) const {
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> ranking;  // the first wins
    const std::size_t count = bursts_.size();
    for (std::size_t r = 0; r < count; ++r) {
      if (!has_more(r) || request_[r] > now) continue;
      if (arbitration_ == Arbitration::priority)
        ranking[{r % 6, r / 6}] = r;
      else
        ranking[{(r + count - search_from_) % count, 0}] = r;
    }
    return ranking.empty() ? std::nullopt : std::optional(ranking.begin()->second);
  }

  void serve(std::size_t r, Cycle& port, Cycle now) {
    const TestBurst& burst = bursts_[r][served_.port_ends[r].size()];
    Cycle begin = now;
    while (!is_free(burst, begin)) ++begin;
    for (std::uint64_t beat = 0; beat < burst.beats; ++beat)
      accesses_.insert({begin + beat, (burst.first_word + beat) % banks_});
    port = begin + burst.beats;
    served_.waited_cycles += now - request_[r];
    served_.bank_conflict_cycles += begin - now;
    served_.port_ends[r].push_back(port);
    if (has_more(r)) request_[r] = port + bursts_[r][served_.port_ends[r].size()].gap;
    search_from_ = (r + 1) % bursts_.size();
  }

  bool is_free(const TestBurst& burst, Cycle begin) const {
    for (std::uint64_t beat = 0; beat < burst.beats; ++beat)
      if (accesses_.count({begin + beat, (burst.first_word + beat) % banks_}) > 0) return false;
    return true;
  }

  std::uint32_t banks_;
  Arbitration arbitration_;
  const Bursts& bursts_;
  std::vector<Cycle> port_free_, request_;
  std::set<std::pair<Cycle, std::uint64_t>> accesses_;  // cycle, bank
  std::size_t search_from_ = 0;
  Served served_;
};

class RandomBursts : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomBursts, AreServedAsBeatByBeat) {
  Rng rng(GetParam());
  const auto ports = static_cast<std::uint32_t>(1 + rng.below(6));
  const auto banks = static_cast<std::uint32_t>(1 + rng.below(rng.below(2) == 0 ? 4 : 20));
  const Arbitration arbitration =
      rng.below(2) == 0 ? Arbitration::round_robin : Arbitration::priority;
  const std::uint64_t longest = 1 + rng.below(24), pause = 1 + rng.below(30);
  Bursts bursts(6 * (1 + rng.below(3)));
  for (auto& list : bursts) {
    list.resize(rng.below(40));
    for (TestBurst& burst : list)
      burst = {rng.below(3) == 0 ? rng.below(pause) : 0, 1 + rng.below(longest), rng.below(1000)};
  }
  const Served expected = BeatMachine(ports, banks, arbitration, bursts).run();
  const Served served = run_buffer(ports, banks, arbitration, bursts);
  EXPECT_EQ(served.port_ends, expected.port_ends);
  EXPECT_EQ(served.waited_cycles, expected.waited_cycles);
  EXPECT_EQ(served.bank_conflict_cycles, expected.bank_conflict_cycles);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomBursts, testing::Range<std::uint64_t>(0, 60));

// Bursts of one bank that are granted together follow each other through the rotation: as many as
// there are banks at a distance of one cycle, the next ones a whole rotation behind the end.
class SameBank
    : public testing::TestWithParam<std::tuple<std::uint64_t, std::uint64_t, std::uint32_t>> {};

TEST_P(SameBank, BurstsSerialise) {
  const auto [count, beats, banks] = GetParam();
  const Bursts bursts(count, {TestBurst{0, beats, 5}});
  const Served served =
      run_buffer(static_cast<std::uint32_t>(count), banks, Arbitration::round_robin, bursts);
  const std::uint64_t behind = (beats + banks - 1) / banks * banks;
  std::uint64_t conflicts = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Cycle begin = i / banks * behind + i % banks;
    EXPECT_EQ(served.port_ends[i], std::vector<Cycle>{begin + beats}) << i;
    conflicts += begin;
  }
  EXPECT_EQ(served.bank_conflict_cycles, conflicts);
  EXPECT_EQ(served.waited_cycles, 0U);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SameBank,
                         testing::Combine(testing::Values(1, 2, 3, 5, 8),
                                          testing::Values(1, 3, 8, 16),
                                          testing::Values(1, 2, 3, 4, 8)));

class OtherBanks : public testing::TestWithParam<std::uint64_t> {};

TEST_P(OtherBanks, BurstsRunSideBySide) {
  const std::uint64_t count = GetParam(), beats = 13;
  Bursts bursts;
  for (std::uint64_t i = 0; i < count; ++i) bursts.push_back({TestBurst{0, beats, i}});
  const Served served =
      run_buffer(static_cast<std::uint32_t>(count), 8, Arbitration::round_robin, bursts);
  for (const auto& ends : served.port_ends) EXPECT_EQ(ends, std::vector<Cycle>{beats});
  EXPECT_EQ(served.bank_conflict_cycles, 0U);
}

INSTANTIATE_TEST_SUITE_P(Counts, OtherBanks, testing::Values(2, 5, 8));

// Everybody asks at cycle 0 for one port.
Bursts everybody(std::uint32_t chunks, std::uint64_t beats) {
  return Bursts(6 * chunks, {TestBurst{0, beats, 0}});
}

TEST(Arbitrations, RoundRobinServesInTheOrderOfNumbers) {
  const Served served = run_buffer(1, 4, Arbitration::round_robin, everybody(3, 2));
  for (std::size_t r = 0; r < served.port_ends.size(); ++r)
    EXPECT_EQ(served.port_ends[r], std::vector<Cycle>{2 * (r + 1)}) << r;
}

TEST(Arbitrations, PriorityServesKindsInTheirOrderThenChunks) {
  const Served served = run_buffer(1, 4, Arbitration::priority, everybody(3, 2));
  for (std::size_t r = 0; r < served.port_ends.size(); ++r)
    EXPECT_EQ(served.port_ends[r], std::vector<Cycle>{2 * (r % 6 * 3 + r / 6 + 1)}) << r;
}

TEST(Arbitrations, PriorityInterruptsNobodyAndLetsTheUrgentInFirst) {
  Bursts bursts(12);
  bursts[5] = {{0, 10, 0}};                       // a line out has the port
  bursts[4] = {{1, 1, 0}};                        // a line in waits for it
  bursts[6] = {{2, 1, 0}, {0, 1, 0}, {0, 1, 0}};  // input of the other chunk, again and again
  const Served served = run_buffer(1, 4, Arbitration::priority, bursts);
  EXPECT_EQ(served.port_ends[5], (std::vector<Cycle>{10}));
  EXPECT_EQ(served.port_ends[6], (std::vector<Cycle>{11, 12, 13}));
  EXPECT_EQ(served.port_ends[4], (std::vector<Cycle>{14}));
}

}  // namespace
}  // namespace chasm
