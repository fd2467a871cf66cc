// The DRAM as a link (docs/microarchitecture.md, section 5): exact where it is ideal. One with
// banks is a link of its effective bandwidth and mean latency.
#pragma once

#include "models/arch/arch_spec.h"
#include "mapper/walk_basics.h"

namespace chasm::walk {

class Link {
 public:
  explicit Link(const ArchSpec&);

  // The cycle at which the data, or the acknowledgement, of a line that is requested now is here.
  Cycle transfer(std::uint64_t line, Cycle now) {
    Channel& channel = channels_[channels_.size() == 1 ? 0 : line % channels_.size()];
    if (channel.free < now) channel = {now, 0};
    channel.part += kLineParts;
    channel.free += channel.part / bandwidth_;
    channel.part %= bandwidth_;
    return channel.free + (channel.part > 0 ? 1 : 0) + latency_;
  }
  std::uint64_t channels() const { return channels_.size(); }

  void save(Snapshot& state) const {
    for (const Channel& channel : channels_) {
      state.time(channel.free);
      state.number(channel.free < state.now() ? 0 : channel.part);
    }
  }
  void shift(Cycle cycles) {
    for (Channel& channel : channels_) channel.free += cycles;
  }

 private:
  static constexpr std::uint64_t kLineParts = 64 * 65536;  // bandwidth is in 1/65536 byte a cycle
  struct Channel {
    Cycle free = 0;
    std::uint64_t part = 0;  // of a cycle, in 1/bandwidth
  };
  std::uint64_t bandwidth_;
  Cycle latency_;
  std::vector<Channel> channels_;
};

}  // namespace chasm::walk
