// Asks a global buffer for bursts, one after the other, and writes down when they were served.
#pragma once

#include <vector>

#include "models/kernel/payload_pool.h"
#include "models/kernel/wakeup.h"

namespace chasm {

struct TestBurst {
  Cycle gap = 0;  // from the end of the burst before (from cycle 0) to the request
  std::uint64_t beats = 1;
  std::uint64_t first_word = 0;
};

class BurstDriver final : public sc_core::sc_module, public tlm::tlm_bw_transport_if<> {
 public:
  static constexpr std::uint32_t kWordBytes = 8;
  tlm::tlm_initiator_socket<> to_buffer;

  BurstDriver(sc_core::sc_module_name name, std::uint32_t requester, const ClockDomain& clock,
              PayloadPool& pool, std::vector<TestBurst> bursts)
      : sc_module(name),
        to_buffer("to_buffer"),
        requester_(requester),
        clock_(clock),
        pool_(pool),
        wakeup_(clock),
        bursts_(std::move(bursts)) {
    to_buffer.bind(*this);
    SC_HAS_PROCESS(BurstDriver);
    SC_METHOD(step);
    sensitive << wakeup_.event();
    dont_initialize();
    if (!bursts_.empty()) wakeup_.at(bursts_[0].gap);
  }

  const std::vector<Cycle>& port_ends() const { return port_ends_; }

 private:
  void step() {
    wakeup_.taken();
    const TestBurst& burst = bursts_[port_ends_.size()];
    tlm::tlm_generic_payload& payload =
        pool_.take(tlm::TLM_READ_COMMAND, burst.first_word * kWordBytes, burst.beats * kWordBytes,
                   requester_, burst.beats, 0);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    to_buffer->nb_transport_fw(payload, phase, delay);
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase&,
                                     sc_core::sc_time& delay) override {
    payload.release();
    port_ends_.push_back(clock_.cycle_at_or_after((sc_core::sc_time_stamp() + delay).value()));
    if (port_ends_.size() < bursts_.size())
      wakeup_.at(port_ends_.back() + bursts_[port_ends_.size()].gap);
    return tlm::TLM_COMPLETED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  std::uint32_t requester_;
  ClockDomain clock_;
  PayloadPool& pool_;
  Wakeup wakeup_;
  std::vector<TestBurst> bursts_;
  std::vector<Cycle> port_ends_;
};

}  // namespace chasm
