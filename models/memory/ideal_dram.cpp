#include "models/memory/ideal_dram.h"

#include <algorithm>

#include <fmt/format.h>

namespace chasm {
namespace {

constexpr Cycle kTraceWindow = 256;

}  // namespace

IdealDram::IdealDram(sc_core::sc_module_name name, const Params& params, const ClockDomain& clock,
                     Recorder* recorder)
    : sc_module(name), from_dmas("from_dmas"), params_(params), clock_(clock), recorder_(recorder) {
  channels_.resize(params.channels);
  if (recorder_) declare_tracks();
  from_dmas.register_nb_transport_fw(this, &IdealDram::accept);
  SC_HAS_PROCESS(IdealDram);
  SC_METHOD(step);
  sensitive << serve_;
  dont_initialize();
}

tlm::tlm_sync_enum IdealDram::accept(int socket, tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& phase, sc_core::sc_time&) {
  CHECK(phase == tlm::BEGIN_REQ, "{}: unexpected phase", name());
  requests_.push_back({&payload, socket});
  serve_.notify(sc_core::SC_ZERO_TIME);
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void IdealDram::declare_tracks() {
  requests_track_ = recorder_->requests("DRAM", "requests");
  for (std::size_t c = 0; c < channels_.size(); ++c)
    channels_[c].bytes =
        recorder_->rate("DRAM", fmt::format("channel {} bytes per {} cycles", c, kTraceWindow),
                        "bytes", kTraceWindow);
}

// A line counts where its last byte passes the link.
void IdealDram::record(const Channel& channel, Cycle accepted, Cycle transferred,
                       tlm::tlm_generic_payload& payload) {
  recorder_->request(requests_track_, accepted, payload.is_write(), payload.get_address());
  recorder_->count(channel.bytes, transferred - 1, payload.get_data_length());
}

// The cycle at which the last byte has passed the link: exact fractions, rounded up at the end.
Cycle IdealDram::transfer(Channel& channel, Cycle now, std::uint64_t bytes) const {
  if (channel.free < now) {
    channel.free = now;
    channel.fraction = 0;
  }
  channel.moved += bytes;
  channel.fraction += bytes * 65536;
  channel.free += channel.fraction / params_.bandwidth;
  channel.fraction %= params_.bandwidth;
  return channel.free + (channel.fraction > 0 ? 1 : 0);
}

// Busy for what the bytes take, to the cycle begun last.
std::vector<EngineReport> IdealDram::engines(Cycle run_end) const {
  std::vector<EngineReport> reports;
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    EngineMeter meter;
    meter.until(ceil_div(channels_[c].moved * 65536, params_.bandwidth), EngineState::busy);
    reports.push_back({fmt::format("dram.channel{}", c), meter.cycles(run_end)});
  }
  return reports;
}

void IdealDram::step() {
  ++stats_.activations;
  const Cycle now = current_cycle(clock_);
  serving_.swap(requests_);
  const auto before = [](const Request& a, const Request& b) {
    return burst_of(*a.payload).requester < burst_of(*b.payload).requester;
  };
  // stable_sort asks for memory, even for one.
  if (serving_.size() > 1) std::stable_sort(serving_.begin(), serving_.end(), before);
  for (const Request& request : serving_) {
    tlm::tlm_generic_payload& payload = *request.payload;
    const std::uint64_t bytes = payload.get_data_length();
    Channel& channel = channels_[payload.get_address() / bytes % channels_.size()];
    const Cycle transferred = transfer(channel, now, bytes);
    const Cycle done = transferred + params_.latency;
    if (recorder_) record(channel, now, transferred, payload);
    ++(payload.is_read() ? stats_.read_lines : stats_.write_lines);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_time_at(clock_, done - now);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    const auto answer = from_dmas[request.socket]->nb_transport_bw(payload, phase, delay);
    CHECK(answer == tlm::TLM_COMPLETED, "{}: response not completed", name());
  }
  serving_.clear();
}

}  // namespace chasm
