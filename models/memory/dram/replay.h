// Drives the channels with a list of requests: each is offered from its cycle on and accepted when
// there is room, in order, at most one a cycle and channel; one that is not accepted holds back all
// behind it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "models/memory/dram/dram_channel.h"

namespace chasm {

struct DramRequest {
  Cycle cycle = 0;  // of the memory clock
  bool write = false;
  std::uint64_t address = 0;
};

class DramReplay final : public DramClient {
 public:
  // `log` may be null. Commands come to it in order of cycles, then channels.
  DramReplay(const DramConfig&, const DramAddressMap&, DramCommandLog* log = nullptr);

  // In order of cycles, addresses below the capacity.
  void offer(const DramRequest&);
  // Until everything is answered. Returns the cycle at which the last data passed.
  Cycle finish();

  // After finish().
  DramStats stats() const;
  // From the cycle a read was due to the end of its data: waiting to be accepted counts.
  const LatencyHistogram& read_latency_from_due() const { return from_due_; }

 private:
  void answered(std::uint64_t tag, bool write, Cycle at) override;
  void advance(Cycle now);  // all channels, what comes before cycle `now`

  const DramAddressMap map_;
  bool in_order_;  // of channels, for the log
  std::vector<std::unique_ptr<DramChannel>> channels_;
  std::vector<Cycle> accepted_;  // by channel: the cycle after the last acceptance
  Cycle now_ = 0, end_ = 0;
  LatencyHistogram from_due_;
};

}  // namespace chasm
