// Ideal DRAM: one link a channel with a fixed bandwidth, and a fixed latency after it
// (docs/microarchitecture.md, section 5). Lines are interleaved over the channels. Not modelled:
// banks, rows, refresh, turnaround.
#pragma once

#include <vector>

#include <tlm_utils/multi_passthrough_target_socket.h>

#include "traces/engine.h"
#include "traces/recorder.h"
#include "models/kernel/payload_pool.h"
#include "models/kernel/wakeup.h"

namespace chasm {

class IdealDram final : public sc_core::sc_module {
 public:
  struct Params {
    std::uint32_t channels = 1;
    std::uint64_t bandwidth = 16 * 65536;  // of a channel, in 1/65536 byte a cycle
    std::uint64_t latency = 50;            // cycles
  };
  // BEGIN_REQ is always accepted; BEGIN_RESP comes in the next delta, annotated with the duration
  // until the data (read) or the acknowledgement (write).
  tlm_utils::multi_passthrough_target_socket<IdealDram> from_dmas;

  IdealDram(sc_core::sc_module_name, const Params&, const ClockDomain&,
            Recorder* recorder = nullptr);

  struct Stats {
    std::uint64_t read_lines = 0, write_lines = 0, activations = 0;
  };
  const Stats& stats() const { return stats_; }
  std::vector<EngineReport> engines(Cycle run_end) const;  // the links of its channels

 private:
  struct Request {
    tlm::tlm_generic_payload* payload;
    int socket;
  };
  struct Channel {
    Cycle free = 0;              // whole cycles of the instant the link comes free
    std::uint64_t fraction = 0;  // and its fraction, in 1/bandwidth
    Track bytes = 0;             // of the trace
    std::uint64_t moved = 0;     // bytes
  };
  tlm::tlm_sync_enum accept(int socket, tlm::tlm_generic_payload&, tlm::tlm_phase&,
                            sc_core::sc_time&);
  void step();
  void declare_tracks();
  void record(const Channel&, Cycle accepted, Cycle transferred, tlm::tlm_generic_payload&);
  Cycle transfer(Channel&, Cycle now, std::uint64_t bytes) const;

  Params params_;
  ClockDomain clock_;
  std::vector<Request> requests_, serving_;  // of this cycle
  std::vector<Channel> channels_;
  sc_core::sc_event serve_;
  Recorder* recorder_;
  Track requests_track_ = 0;
  Stats stats_;
};

}  // namespace chasm
