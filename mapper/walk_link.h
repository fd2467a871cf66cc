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
    channel.free += line_cycles_;
    channel.part += line_part_;
    if (channel.part >= bandwidth_) {
      channel.part -= bandwidth_;
      ++channel.free;
    }
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
  struct Channel {
    Cycle free = 0;
    std::uint64_t part = 0;  // of a cycle, in 1/bandwidth
  };
  std::uint64_t bandwidth_;                // bytes a cycle, in 1/65536
  std::uint64_t line_cycles_, line_part_;  // of a line: whole cycles, and the rest
  Cycle latency_;
  std::vector<Channel> channels_;
};

}  // namespace chasm::walk
