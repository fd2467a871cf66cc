// Global buffer: banked on-chip SRAM that all chunks and their DMAs share, with one central
// arbiter. A granted burst holds one of the ports; its beats visit the banks in rotation, one a
// cycle, from the first cycle on at which they meet no beat of an earlier grant in a bank
// (docs/microarchitecture.md, section 3). Not modelled: a stream that turns round in its region.
#pragma once

#include <vector>

#include <tlm_utils/multi_passthrough_target_socket.h>

#include "models/arch/arch_spec.h"
#include "traces/engine.h"
#include "traces/recorder.h"
#include "models/kernel/payload_pool.h"
#include "models/kernel/wakeup.h"

namespace chasm {

class GlobalBuffer final : public sc_core::sc_module {
 public:
  struct Params {
    std::uint32_t ports = 1;
    std::uint32_t requesters = 1;  // numbered 0 .. requesters - 1, at most one burst each at a time
    std::uint32_t banks = 1;
    std::uint32_t word_bytes = 8;
    Arbitration arbitration = Arbitration::round_robin;
  };
  // BEGIN_REQ queues a burst (BurstExtension: requester, beats; the address is that of its first
  // word, counted on as if the requester's stream never turned round); BEGIN_RESP comes at its
  // grant, its annotated delay is the duration until the end of its last beat.
  tlm_utils::multi_passthrough_target_socket<GlobalBuffer> from_chunks;

  GlobalBuffer(sc_core::sc_module_name, const Params&, const ClockDomain&,
               Recorder* recorder = nullptr);

  struct Stats {
    std::uint64_t bursts = 0, busy_beats = 0, activations = 0;
    std::uint64_t waited_cycles = 0;         // from request to grant
    std::uint64_t bank_conflict_cycles = 0;  // from grant to first beat
  };
  const Stats& stats() const { return stats_; }
  std::string state() const;                               // for the deadlock report
  std::vector<EngineReport> engines(Cycle run_end) const;  // its ports

 private:
  struct Request {
    tlm::tlm_generic_payload* payload = nullptr;
    int socket = 0;
    Cycle since = 0;
  };
  // The burst a port serves, or served last: its beats are at begin .. end - 1. Two bursts meet in
  // a bank in every cycle that they share, or in none: in which phase the rotation is tells.
  struct Port {
    Cycle begin = 0, end = 0;
    std::uint64_t phase = 0;  // (first bank - begin) mod banks
  };
  tlm::tlm_sync_enum accept(int socket, tlm::tlm_generic_payload&, tlm::tlm_phase&,
                            sc_core::sc_time&);
  void step();
  std::uint32_t choose() const;
  std::uint64_t phase(std::uint64_t first_bank, Cycle begin) const;
  bool meets_another(std::uint64_t first_bank, Cycle begin, std::uint64_t beats) const;
  void grant(std::uint32_t requester, Port&, Cycle now);

  Params params_;
  ClockDomain clock_;
  std::vector<Request> pending_;  // by requester
  std::uint32_t pending_count_ = 0;
  std::uint32_t next_ = 0;  // round robin: where the search starts
  std::vector<Port> ports_;
  std::vector<EngineMeter> meters_;  // by port
  Wakeup port_wakeup_;               // a port comes free
  sc_core::sc_event arbitrate_;      // one delta later, when all requests of the cycle are in
  Recorder* recorder_;
  Track ports_busy_ = 0;
  Stats stats_;
};

}  // namespace chasm
