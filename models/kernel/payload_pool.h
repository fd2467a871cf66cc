// Bursts as TLM-2.0 generic payloads with one extension, from a pool: nothing is allocated once a
// run is warm.
#pragma once

#include <deque>
#include <vector>

#include <tlm>

namespace chasm {

// What a burst is besides its address and length.
struct BurstExtension final : tlm::tlm_extension<BurstExtension> {
  std::uint32_t requester = 0;  // who asks, for arbitration
  std::uint64_t beats = 0;      // port cycles it takes (global buffer)
  std::uint64_t tag = 0;        // the initiator's own

  tlm::tlm_extension_base* clone() const override { return new BurstExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    const auto& burst = static_cast<const BurstExtension&>(other);
    requester = burst.requester;
    beats = burst.beats;
    tag = burst.tag;
  }
};

class PayloadPool final : public tlm::tlm_mm_interface {
 public:
  PayloadPool() = default;
  ~PayloadPool() override;
  PayloadPool(const PayloadPool&) = delete;
  PayloadPool& operator=(const PayloadPool&) = delete;

  // An acquired payload with its extension; it returns to the pool when its last reference is
  // released.
  tlm::tlm_generic_payload& take(tlm::tlm_command, std::uint64_t address, std::uint64_t bytes,
                                 std::uint32_t requester, std::uint64_t beats, std::uint64_t tag);
  void free(tlm::tlm_generic_payload*) override;

 private:
  std::deque<tlm::tlm_generic_payload> payloads_;
  std::deque<BurstExtension> extensions_;
  std::vector<tlm::tlm_generic_payload*> free_;
};

inline BurstExtension& burst_of(tlm::tlm_generic_payload& payload) {
  return *payload.get_extension<BurstExtension>();
}

}  // namespace chasm
