#include "models/memory/global_buffer.h"

#include <algorithm>

#include <fmt/format.h>

namespace chasm {
namespace {

constexpr std::uint32_t kKinds = 6;  // requesters of a chunk, the most urgent first

}  // namespace

GlobalBuffer::GlobalBuffer(sc_core::sc_module_name name, const Params& params,
                           const ClockDomain& clock, Recorder* recorder)
    : sc_module(name),
      from_chunks("from_chunks"),
      params_(params),
      clock_(clock),
      pending_(params.requesters),
      ports_(params.ports),
      meters_(params.ports),
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
    Port& port = *std::min_element(ports_.begin(), ports_.end(),
                                   [](const Port& a, const Port& b) { return a.end < b.end; });
    if (port.end > now) {
      port_wakeup_.at(port.end);
      return;
    }
    grant(choose(), port, now);
  }
}

// Of the requesters that wait, of which there is one at least.
std::uint32_t GlobalBuffer::choose() const {
  if (params_.arbitration == Arbitration::round_robin) {
    std::uint32_t requester = next_;
    while (!pending_[requester].payload) requester = (requester + 1) % params_.requesters;
    return requester;
  }
  for (std::uint32_t kind = 0; kind < kKinds; ++kind)
    for (std::uint32_t requester = kind; requester < params_.requesters; requester += kKinds)
      if (pending_[requester].payload) return requester;
  CHECK(false, "{}: nobody waits", name());
}

std::uint64_t GlobalBuffer::phase(std::uint64_t first_bank, Cycle begin) const {
  return (first_bank + params_.banks - begin % params_.banks) % params_.banks;
}

// Only what a port serves now can be in the way: what came before has ended.
bool GlobalBuffer::meets_another(std::uint64_t first_bank, Cycle begin, std::uint64_t beats) const {
  const std::uint64_t own = phase(first_bank, begin);
  return std::any_of(ports_.begin(), ports_.end(), [&](const Port& other) {
    return begin < other.end && other.begin < begin + beats && other.phase == own;
  });
}

void GlobalBuffer::grant(std::uint32_t requester, Port& port, Cycle now) {
  const Request request = pending_[requester];
  pending_[requester].payload = nullptr;
  --pending_count_;
  next_ = (requester + 1) % params_.requesters;
  const std::uint64_t beats = burst_of(*request.payload).beats;
  const std::uint64_t bank = request.payload->get_address() / params_.word_bytes % params_.banks;
  // With fewer ports than banks no more than ports - 1 cycles are tried.
  Cycle begin = now;
  while (meets_another(bank, begin, beats)) ++begin;
  port = {begin, begin + beats, phase(bank, begin)};
  EngineMeter& meter = meters_[static_cast<std::size_t>(&port - ports_.data())];
  meter.until(now, EngineState::idle);
  meter.until(begin, EngineState::wait_bank);
  meter.until(port.end, EngineState::busy);
  ++stats_.bursts;
  stats_.busy_beats += beats;
  stats_.waited_cycles += now - request.since;
  stats_.bank_conflict_cycles += begin - now;
  if (recorder_) {
    recorder_->rise(ports_busy_, now, 1);
    recorder_->fall(ports_busy_, port.end, 1);
  }

  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = sc_time_at(clock_, port.end - now);
  request.payload->set_response_status(tlm::TLM_OK_RESPONSE);
  const auto answer = from_chunks[request.socket]->nb_transport_bw(*request.payload, phase, delay);
  CHECK(answer == tlm::TLM_COMPLETED, "{}: requester {} did not complete", name(), requester);
}

std::vector<EngineReport> GlobalBuffer::engines(Cycle run_end) const {
  std::vector<EngineReport> reports;
  for (std::size_t p = 0; p < meters_.size(); ++p)
    reports.push_back({fmt::format("global_buffer.port{}", p), meters_[p].cycles(run_end)});
  return reports;
}

std::string GlobalBuffer::state() const {
  std::string text = fmt::format("{}: {} burst(s) waiting", name(), pending_count_);
  for (std::uint32_t r = 0; r < pending_.size(); ++r)
    if (pending_[r].payload)
      text += fmt::format(", requester {} since cycle {}", r, pending_[r].since);
  return text;
}

}  // namespace chasm
