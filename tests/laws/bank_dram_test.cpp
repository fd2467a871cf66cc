// BankDram at its socket: the protocol with any number of initiators, back-pressure, the rounding
// between the two clocks, and idle stretches that cost nothing.
#include "models/memory/bank_dram.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "tests/support/dram_checker/checked_replay.h"

namespace chasm {
namespace {

using testing_support::dram_with;

struct Sent {
  Cycle due;  // core cycle of BEGIN_REQ, or when the request before was accepted
  bool write;
  std::uint64_t address;
};
struct Served {
  std::uint64_t accepted = 0, answered = 0;  // ticks
};

// Sends one request after the other, each when the one before is accepted.
class Initiator final : public sc_core::sc_module, public tlm::tlm_bw_transport_if<> {
 public:
  tlm::tlm_initiator_socket<> to_dram;

  Initiator(sc_core::sc_module_name name, std::uint32_t number, const ClockDomain& clock,
            PayloadPool& pool, std::vector<Sent> requests)
      : sc_module(name),
        to_dram("to_dram"),
        number_(number),
        pool_(pool),
        wakeup_(clock),
        requests_(std::move(requests)),
        served_(requests_.size()) {
    to_dram.bind(*this);
    SC_HAS_PROCESS(Initiator);
    SC_METHOD(step);
    sensitive << wakeup_.event();
    dont_initialize();
    if (!requests_.empty()) wakeup_.at(requests_[0].due);
  }
  const std::vector<Served>& served() const { return served_; }

 private:
  void step() {
    wakeup_.taken();
    const Sent& request = requests_[next_];
    tlm::tlm_generic_payload& payload =
        pool_.take(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, request.address,
                   64, number_, 0, next_++);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    EXPECT_EQ(to_dram->nb_transport_fw(payload, phase, delay), tlm::TLM_ACCEPTED);
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    Served& served = served_[burst_of(payload).tag];
    if (phase == tlm::END_REQ) {
      EXPECT_EQ(served.accepted, 0U);
      served.accepted = sc_core::sc_time_stamp().value() + 1;  // so that 0 is "not yet"
      if (next_ < requests_.size()) wakeup_.at(requests_[next_].due);
      return tlm::TLM_ACCEPTED;
    }
    EXPECT_EQ(phase, tlm::BEGIN_RESP);
    EXPECT_GT(served.accepted, 0U) << "answered before it was accepted";
    EXPECT_EQ(served.answered, 0U) << "answered twice";
    served.answered = (sc_core::sc_time_stamp() + delay).value();
    payload.release();
    return tlm::TLM_COMPLETED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  std::uint32_t number_;
  PayloadPool& pool_;
  Wakeup wakeup_;
  std::vector<Sent> requests_;
  std::vector<Served> served_;
  std::size_t next_ = 0;
};

struct Machine {
  Machine(const DramConfig& config, std::uint64_t core_hz,
          const std::vector<std::vector<Sent>>& all)
      : clocks(make_clock_domains({core_hz, config.clock_hz})),
        dram("dram", {config, clocks[0]}, clocks[1]) {
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      initiators.push_back(std::make_unique<Initiator>(fmt::format("initiator_{}", i).c_str(), i,
                                                       clocks[0], pool, all[i]));
      initiators.back()->to_dram.bind(dram.from_dmas);
    }
    sc_core::sc_start();
  }
  std::vector<ClockDomain> clocks;  // core, memory
  PayloadPool pool;
  BankDram dram;
  std::vector<std::unique_ptr<Initiator>> initiators;
};

// A request between two edges of the memory clock is seen at the next; ticks are exact.
TEST(BankDram, AnIdleReadTakesItsLatencyFromTheNextMemoryEdge) {
  const Machine m(dram_with("DDR4-2400"), 250'000'000, {{{1001, false, 0}}});
  const ClockDomain &core = m.clocks[0], &memory = m.clocks[1];
  const Cycle edge = memory.cycle_at_or_after(core.tick_of(1001));
  EXPECT_NE(memory.tick_of(edge), core.tick_of(1001));
  EXPECT_EQ(m.initiators[0]->served()[0].accepted, memory.tick_of(edge) + 1);
  EXPECT_EQ(m.initiators[0]->served()[0].answered, memory.tick_of(edge + 16 + 16 + 4));
}

TEST(BankDram, IdleStretchesCostNothing) {
  constexpr Cycle kFar = 2'500'000'000;  // ten seconds
  Machine m(dram_with("DDR4-2400"), 250'000'000, {{{10, false, 0}, {kFar, false, 64}}});
  EXPECT_LE(m.dram.stats().activations, 20U);
  const Cycle end = m.clocks[1].cycle_at_or_after(sc_core::sc_time_stamp().value()) + 100;
  const DramStats stats = m.dram.dram_stats(end);
  EXPECT_EQ(stats.reads, 2U);
  EXPECT_EQ(stats.count(DramCommand::refresh), end / 9363);  // made up for
}

TEST(BankDram, AnyNumberOfInitiatorsIsServedOnceEachAndHeldBackWhenFull) {
  const DramConfig config = dram_with("LPDDR4-3200",
                                      R"({"organisation":{"channels":2},
          "controller":{"read_queue":2,"write_queue":2,"write_high":2,"write_low":0}})");
  std::vector<std::vector<Sent>> all(7);
  Rng rng(3);
  for (std::vector<Sent>& requests : all)
    for (int i = 0; i < 300; ++i)
      requests.push_back({0, rng.below(3) == 0, rng.below(1 << 16) * 64});
  Machine m(config, 400'000'000, all);
  std::vector<std::uint64_t> accepted;
  Cycle end = 0;
  for (const auto& initiator : m.initiators)
    for (const Served& served : initiator->served()) {
      EXPECT_GT(served.answered, served.accepted);
      accepted.push_back(served.accepted - 1);
      end = std::max(end, m.clocks[1].cycle_at_or_after(served.answered));
    }
  const DramStats stats = m.dram.dram_stats(end);
  EXPECT_EQ(stats.reads + stats.writes, 7U * 300);
  // At most one a memory cycle and channel, on its edges; the queues are too small for more.
  std::sort(accepted.begin(), accepted.end());
  for (std::size_t i = 0; i + 2 < accepted.size(); ++i) EXPECT_GT(accepted[i + 2], accepted[i]);
  for (const std::uint64_t tick : accepted) EXPECT_EQ(tick % m.clocks[1].ticks_per_cycle, 0U);
}

// Requests of one cycle are taken in order of their initiators, however the kernel ran them.
TEST(BankDram, RequestsOfACycleAreTakenInOrderOfInitiators) {
  std::vector<std::vector<Sent>> all;
  for (std::uint64_t i = 0; i < 5; ++i) all.push_back({{100, false, i << 20}});
  const Machine m(dram_with("DDR4-2400"), 600'000'000, all);
  for (std::size_t i = 1; i < all.size(); ++i)
    EXPECT_EQ(m.initiators[i]->served()[0].accepted,
              m.initiators[i - 1]->served()[0].accepted + m.clocks[1].ticks_per_cycle);
}

}  // namespace
}  // namespace chasm
