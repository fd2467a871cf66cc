// Global buffer: on-chip SRAM that all chunks and their DMAs share, with one central arbiter. A
// granted burst holds one of the ports for its beats; bursts are granted round robin over
// requesters, at the cycle they ask in or when a port comes free (docs/microarchitecture.md,
// section 3). Not modelled: bank conflicts, priorities.
#pragma once

#include <vector>

#include <tlm_utils/multi_passthrough_target_socket.h>

#include "traces/recorder.h"
#include "models/kernel/payload_pool.h"
#include "models/kernel/wakeup.h"

namespace chasm {

class GlobalBuffer final : public sc_core::sc_module {
 public:
  struct Params {
    std::uint32_t ports = 1;
    std::uint32_t requesters = 1;  // numbered 0 .. requesters - 1, at most one burst each at a time
  };
  // BEGIN_REQ queues a burst (BurstExtension: requester, beats); BEGIN_RESP comes at its grant, its
  // annotated delay is the duration until the end of its last beat.
  tlm_utils::multi_passthrough_target_socket<GlobalBuffer> from_chunks;

  GlobalBuffer(sc_core::sc_module_name, const Params&, const ClockDomain&,
               Recorder* recorder = nullptr);

  struct Stats {
    std::uint64_t bursts = 0, busy_beats = 0, waited_cycles = 0, activations = 0;
  };
  const Stats& stats() const { return stats_; }
  std::string state() const;  // for the deadlock report

 private:
  struct Request {
    tlm::tlm_generic_payload* payload = nullptr;
    int socket = 0;
    Cycle since = 0;
  };
  tlm::tlm_sync_enum accept(int socket, tlm::tlm_generic_payload&, tlm::tlm_phase&,
                            sc_core::sc_time&);
  void step();
  void grant(std::uint32_t requester, Cycle& port_free, Cycle now);

  Params params_;
  ClockDomain clock_;
  std::vector<Request> pending_;  // by requester
  std::uint32_t pending_count_ = 0;
  std::uint32_t next_ = 0;  // round robin: where the search starts
  std::vector<Cycle> port_free_;
  Wakeup port_wakeup_;           // a port comes free
  sc_core::sc_event arbitrate_;  // one delta later, when all requests of the cycle are in
  Recorder* recorder_;
  Track ports_busy_ = 0;
  Stats stats_;
};

}  // namespace chasm
