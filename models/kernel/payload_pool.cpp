#include "models/kernel/payload_pool.h"

namespace chasm {

PayloadPool::~PayloadPool() {
  for (tlm::tlm_generic_payload& payload : payloads_) payload.clear_extension<BurstExtension>();
}

tlm::tlm_generic_payload& PayloadPool::take(tlm::tlm_command command, std::uint64_t address,
                                            std::uint64_t bytes, std::uint32_t requester,
                                            std::uint64_t beats, std::uint64_t tag) {
  if (free_.empty()) {
    tlm::tlm_generic_payload& fresh = payloads_.emplace_back();
    fresh.set_mm(this);
    fresh.set_extension(&extensions_.emplace_back());
    free_.push_back(&fresh);
  }
  tlm::tlm_generic_payload& payload = *free_.back();
  free_.pop_back();
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  BurstExtension& burst = burst_of(payload);
  burst.requester = requester;
  burst.beats = beats;
  burst.tag = tag;
  payload.acquire();
  return payload;
}

void PayloadPool::free(tlm::tlm_generic_payload* payload) { free_.push_back(payload); }

}  // namespace chasm
