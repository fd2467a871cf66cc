// Ports and banks of the global buffer, for one chunk (docs/microarchitecture.md, section 3):
// bursts of six requesters, granted in order of time.
#pragma once

#include <array>

#include "models/arch/arch_spec.h"
#include "models/program/program.h"
#include "mapper/timing_walk.h"
#include "mapper/walk_basics.h"

namespace chasm::walk {

// The requesters, in the order of their numbers; of them the first two are operands.
enum Requester : std::uint32_t { kInput, kWeight, kPsumIn, kDrain, kLineIn, kLineOut, kRequesters };

class Ports {
 public:
  Ports(const GlobalBufferSpec&, const Program&);

  // So many beats, in bursts, the first to be requested at that cycle. One transfer a requester.
  void request(std::uint32_t requester, Cycle at, std::uint64_t beats) {
    at_[requester] = at;
    left_[requester] = beats;
  }
  bool busy(std::uint32_t requester) const { return at_[requester] != kUnknown; }

  // When the next burst will be granted, if nobody asks earlier.
  Cycle next_grant() const {
    Cycle first = kUnknown, free = ports_[0].end;
    for (const Cycle at : at_) first = std::min(first, at);
    for (std::size_t p = 1; p < ports_.size(); ++p) free = std::min(free, ports_[p].end);
    return std::max(first, free);
  }
  struct Granted {
    std::uint32_t requester;
    Cycle port_end;
    bool last;  // of the transfer
  };
  // Adds to the cycles that bursts waited for a port, and for a bank.
  Granted grant(Cycle now, WalkedTiming& totals);

  void save(Snapshot&) const;
  void shift(Cycle cycles);

 private:
  // The burst it serves, or served last.
  struct Port {
    Cycle begin = 0, end = 0;
    std::uint64_t bank = 0;  // of its first beat
  };
  std::uint32_t choose(Cycle now) const;
  // Modulo the number of banks.
  std::uint64_t in_banks(std::uint64_t n) const { return mask_ > 0 ? n & mask_ : n % banks_; }
  Cycle begin_of(std::uint64_t bank, std::uint64_t beats, Cycle now) const;

  std::uint64_t banks_, mask_, max_burst_;  // mask: of a power of two of banks
  bool priority_;
  std::vector<Port> ports_;
  std::array<Cycle, kRequesters> at_;
  std::array<std::uint64_t, kRequesters> left_{}, bank_{};
  std::uint32_t turn_ = 0;
};

}  // namespace chasm::walk
