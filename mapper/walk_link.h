// The DRAM (docs/microarchitecture.md, section 5): a link, exactly, where it is ideal.
#pragma once

#include <optional>

#include "models/arch/arch_spec.h"
#include "mapper/walk_banks.h"

namespace chasm::walk {

class Link {
 public:
  explicit Link(const ArchSpec&);

  // The cycle at which the data, or the acknowledgement, of a line that is requested now is here.
  Cycle transfer(std::uint64_t line, bool write, Cycle now) {
    if (banks_) return banks_->transfer(line, write, now);
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

  void save(Snapshot& state) const {
    if (banks_) banks_->save(state);
    for (const Channel& channel : channels_) {
      state.time(channel.free);
      state.number(channel.free < state.now() ? 0 : channel.part);
    }
  }
  void shift(Cycle cycles) {
    for (Channel& channel : channels_) channel.free += cycles;
    if (banks_) banks_->shift(cycles);
  }

 private:
  struct Channel {
    Cycle free = 0;
    std::uint64_t part = 0;  // of a cycle, in 1/bandwidth
  };
  std::uint64_t bandwidth_ = 1;                    // bytes a cycle, in 1/65536
  std::uint64_t line_cycles_ = 0, line_part_ = 0;  // of a line: whole cycles, and the rest
  Cycle latency_ = 0;
  std::vector<Channel> channels_;
  std::optional<Banks> banks_;  // not ideal
};

}  // namespace chasm::walk
