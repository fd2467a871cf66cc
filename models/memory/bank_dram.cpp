#include "models/memory/bank_dram.h"

#include <algorithm>

#include <fmt/format.h>

namespace chasm {
namespace {

constexpr Cycle kTraceWindow = 256;

}  // namespace

BankDram::BankDram(sc_core::sc_module_name name, const Params& params, const ClockDomain& clock,
                   Recorder* recorder, DramCommandLog* log)
    : sc_module(name),
      from_dmas("from_dmas"),
      params_(params),
      clock_(clock),
      map_(DramAddressMap::of_checked(params.dram)),
      wakeup_(clock),
      channels_(params.dram.organisation.channels),
      recorder_(recorder) {
  for (std::uint32_t c = 0; c < channels_.size(); ++c)
    channels_[c].memory = std::make_unique<DramChannel>(params_.dram, c, *this, log);
  if (recorder_) declare_tracks();
  from_dmas.register_nb_transport_fw(this, &BankDram::receive);
  SC_HAS_PROCESS(BankDram);
  SC_METHOD(step);
  sensitive << wakeup_.event();
  dont_initialize();
}

void BankDram::declare_tracks() {
  requests_track_ = recorder_->requests("DRAM", "requests");
  for (std::size_t c = 0; c < channels_.size(); ++c)
    channels_[c].bytes =
        recorder_->rate("DRAM", fmt::format("channel {} bytes per {} cycles", c, kTraceWindow),
                        "bytes", kTraceWindow);
}

// The memory works in its own cycles; its share of the bandwidth is drawn in those of the core, and
// counts where the request is accepted.
void BankDram::record(const Channel& channel, const Request& request, Cycle now) {
  recorder_->request(requests_track_, now, request.payload->is_write(),
                     request.payload->get_address());
  recorder_->count(channel.bytes, clock_.tick_of(now) / params_.core_clock.ticks_per_cycle,
                   request.payload->get_data_length());
}

tlm::tlm_sync_enum BankDram::receive(int socket, tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& phase, sc_core::sc_time&) {
  CHECK(phase == tlm::BEGIN_REQ, "{}: unexpected phase", name());
  CHECK(payload.get_address() < map_.capacity_bytes(), "{}: address {:#x} of {:#x} bytes", name(),
        payload.get_address(), map_.capacity_bytes());
  arrivals_.push_back({&payload, socket, map_.locate(payload.get_address())});
  wakeup_.at(current_cycle(clock_));
  return tlm::TLM_ACCEPTED;
}

void BankDram::step() {
  ++stats_.activations;
  wakeup_.taken();
  const Cycle now = current_cycle(clock_);
  sort_arrivals();
  for (Channel& channel : channels_) {
    if (channel.memory->idle() && channel.waiting.empty()) continue;
    channel.memory->catch_up(now);
    accept(channel, now);
  }
  // Commands are chosen when all requests of the cycle are here, whichever process sends them last.
  if (!arrivals_.empty() || sc_core::sc_pending_activity_at_current_time()) {
    wakeup_.at(now);
    return;
  }
  for (Channel& channel : channels_) {
    if (channel.memory->idle() && channel.waiting.empty()) continue;
    channel.memory->run(now);
    accept(channel, now);  // a burst makes room, which is used in its own cycle
  }
  deliver(now);
  wakeup_.at(next_wakeup(now));
}

// Requests of a cycle line up in order of their initiators, whatever order they came in.
void BankDram::sort_arrivals() {
  std::stable_sort(arrivals_.begin(), arrivals_.end(), [](const Request& a, const Request& b) {
    return burst_of(*a.payload).requester < burst_of(*b.payload).requester;
  });
  for (const Request& request : arrivals_) channels_[request.at.channel].waiting.push_back(request);
  arrivals_.clear();
}

// The initiator may send its next request from within: it arrives for the next look.
void BankDram::accept(Channel& channel, Cycle now) {
  if (channel.waiting.empty() || channel.accepts_from > now) return;
  const Request request = channel.waiting.front();
  const bool write = request.payload->is_write();
  if (!channel.memory->has_room(request.at, write)) return;
  channel.waiting.pop_front();
  channel.accepts_from = now + 1;
  if (free_tags_.empty()) {
    free_tags_.push_back(accepted_.size());
    accepted_.emplace_back();
  }
  const std::uint64_t tag = free_tags_.back();
  free_tags_.pop_back();
  accepted_[tag] = request;
  if (recorder_) record(channel, request, now);
  channel.memory->accept(request.at, write, tag, now);
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time delay;
  from_dmas[request.socket]->nb_transport_bw(*request.payload, phase, delay);
}

void BankDram::answered(std::uint64_t tag, bool, Cycle at) { answers_.push_back({tag, at}); }

void BankDram::deliver(Cycle now) {
  delivering_.swap(answers_);
  for (const Answer& answer : delivering_) {
    const Request request = accepted_[answer.tag];
    free_tags_.push_back(answer.tag);
    request.payload->set_response_status(tlm::TLM_OK_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_time_at(clock_, minus(answer.at, now));
    const auto reply = from_dmas[request.socket]->nb_transport_bw(*request.payload, phase, delay);
    CHECK(reply == tlm::TLM_COMPLETED, "{}: response not completed", name());
  }
  delivering_.clear();
}

Cycle BankDram::next_wakeup(Cycle now) const {
  Cycle next = arrivals_.empty() ? kNever : now;
  for (const Channel& channel : channels_) {
    if (!channel.memory->idle()) next = std::min(next, channel.memory->next());
    // Room may be there already, just used up for this cycle; else it comes with a burst.
    if (!channel.waiting.empty() &&
        channel.memory->has_room(channel.waiting.front().at,
                                 channel.waiting.front().payload->is_write()))
      next = std::min(next, std::max(channel.accepts_from, now + 1));
  }
  return next;
}

DramStats BankDram::dram_stats(Cycle end) {
  DramStats sum;
  for (const Channel& channel : channels_) {
    CHECK(channel.memory->idle() && channel.waiting.empty(), "{}: requests are on their way",
          name());
    channel.memory->catch_up(end);
    sum.add(channel.memory->stats(end));
  }
  return sum;
}

std::string BankDram::state() const {
  std::size_t waiting = 0, busy = 0;
  for (const Channel& channel : channels_) {
    waiting += channel.waiting.size();
    busy += channel.memory->idle() ? 0 : 1;
  }
  return fmt::format("{}: {} requests not accepted, {} of {} channels busy", name(), waiting, busy,
                     channels_.size());
}

}  // namespace chasm
