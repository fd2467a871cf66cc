#include "models/memory/global_buffer.h"

#include <algorithm>

#include <fmt/format.h>

namespace chasm {

GlobalBuffer::GlobalBuffer(sc_core::sc_module_name name, const Params& params,
                           const ClockDomain& clock, Recorder* recorder)
    : sc_module(name),
      from_chunks("from_chunks"),
      params_(params),
      clock_(clock),
      pending_(params.requesters),
      port_free_(params.ports, 0),
      port_wakeup_(clock),
      recorder_(recorder) {
  if (recorder_) ports_busy_ = recorder_->level("global buffer", "ports busy", "ports");
  from_chunks.register_nb_transport_fw(this, &GlobalBuffer::accept);
  SC_HAS_PROCESS(GlobalBuffer);
  SC_METHOD(step);
  sensitive << port_wakeup_.event() << arbitrate_;
  dont_initialize();
}

tlm::tlm_sync_enum GlobalBuffer::accept(int socket, tlm::tlm_generic_payload& payload,
                                        tlm::tlm_phase& phase, sc_core::sc_time&) {
  const std::uint32_t requester = burst_of(payload).requester;
  CHECK(phase == tlm::BEGIN_REQ && requester < pending_.size() && !pending_[requester].payload,
        "{}: requester {} asks twice", name(), requester);
  pending_[requester] = {&payload, socket, current_cycle(clock_)};
  ++pending_count_;
  arbitrate_.notify(sc_core::SC_ZERO_TIME);
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void GlobalBuffer::step() {
  ++stats_.activations;
  if (!arbitrate_.triggered()) {  // a port came free: first let the requests of this cycle arrive
    port_wakeup_.taken();
    if (pending_count_ > 0) arbitrate_.notify(sc_core::SC_ZERO_TIME);
    return;
  }
  const Cycle now = current_cycle(clock_);
  while (pending_count_ > 0) {
    Cycle& port = *std::min_element(port_free_.begin(), port_free_.end());
    if (port > now) {
      port_wakeup_.at(port);
      return;
    }
    std::uint32_t requester = next_;
    while (!pending_[requester].payload) requester = (requester + 1) % params_.requesters;
    grant(requester, port, now);
  }
}

void GlobalBuffer::grant(std::uint32_t requester, Cycle& port_free, Cycle now) {
  const Request request = pending_[requester];
  pending_[requester].payload = nullptr;
  --pending_count_;
  next_ = (requester + 1) % params_.requesters;
  const std::uint64_t beats = burst_of(*request.payload).beats;
  port_free = now + beats;
  ++stats_.bursts;
  stats_.busy_beats += beats;
  stats_.waited_cycles += now - request.since;
  if (recorder_) {
    recorder_->rise(ports_busy_, now, 1);
    recorder_->fall(ports_busy_, port_free, 1);
  }

  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = sc_time_at(clock_, beats);
  request.payload->set_response_status(tlm::TLM_OK_RESPONSE);
  const auto answer = from_chunks[request.socket]->nb_transport_bw(*request.payload, phase, delay);
  CHECK(answer == tlm::TLM_COMPLETED, "{}: requester {} did not complete", name(), requester);
}

std::string GlobalBuffer::state() const {
  std::string text = fmt::format("{}: {} burst(s) waiting", name(), pending_count_);
  for (std::uint32_t r = 0; r < pending_.size(); ++r)
    if (pending_[r].payload)
      text += fmt::format(", requester {} since cycle {}", r, pending_[r].since);
  return text;
}

}  // namespace chasm
