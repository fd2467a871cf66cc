// Bank-level DRAM behind a TLM-2.0 socket: the channels of models/memory/dram in a clock domain of
// their own (docs/microarchitecture.md, section 5). A request waits, not accepted, until its
// channel has room; its answer is announced when its burst is scheduled. Nothing happens, and
// nothing is computed, in cycles without a request: refresh in idle stretches is made up for
// afterwards.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include <tlm_utils/multi_passthrough_target_socket.h>

#include "traces/recorder.h"
#include "models/kernel/payload_pool.h"
#include "models/kernel/wakeup.h"
#include "models/memory/dram/dram_channel.h"

namespace chasm {

class BankDram final : public sc_core::sc_module, public DramClient {
 public:
  struct Params {
    DramConfig dram;
    ClockDomain core_clock;  // of the traces, but for requests
  };
  // BEGIN_REQ is answered by END_REQ when there is room: one request a cycle and channel, in order
  // of their cycles, then initiators. BEGIN_RESP is annotated with the duration until the data
  // (read) or the acknowledgement (write).
  tlm_utils::multi_passthrough_target_socket<BankDram> from_dmas;

  // `clock` is the memory's.
  BankDram(sc_core::sc_module_name, const Params&, const ClockDomain& clock,
           Recorder* recorder = nullptr, DramCommandLog* log = nullptr);

  struct Stats {
    std::uint64_t activations = 0;
  };
  const Stats& stats() const { return stats_; }
  // What the memory did up to the cycle of its clock; no request may be on its way.
  DramStats dram_stats(Cycle end);
  std::string state() const;

 private:
  struct Request {
    tlm::tlm_generic_payload* payload = nullptr;
    int socket = 0;
    DramLocation at;
  };
  struct Answer {
    std::uint64_t tag;
    Cycle at;
  };
  struct Channel {
    std::unique_ptr<DramChannel> memory;
    std::deque<Request> waiting;
    Cycle accepts_from = 0;  // one request a cycle
    Track bytes = 0;         // of the trace
  };

  tlm::tlm_sync_enum receive(int socket, tlm::tlm_generic_payload&, tlm::tlm_phase&,
                             sc_core::sc_time&);
  void answered(std::uint64_t tag, bool write, Cycle at) override;
  void step();
  void sort_arrivals();
  void accept(Channel&, Cycle now);
  void deliver(Cycle now);
  Cycle next_wakeup(Cycle now) const;
  void declare_tracks();
  void record(const Channel&, const Request&, Cycle now);

  const Params params_;
  ClockDomain clock_;
  DramAddressMap map_;
  Wakeup wakeup_;
  std::vector<Channel> channels_;
  std::vector<Request> arrivals_;  // of this cycle, not yet in a channel's line
  std::vector<Request> accepted_;  // by tag
  std::vector<std::uint64_t> free_tags_;
  std::vector<Answer> answers_, delivering_;
  Recorder* recorder_;
  Track requests_track_ = 0;
  Stats stats_;
};

}  // namespace chasm
