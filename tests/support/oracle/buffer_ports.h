// The ports and the banks of the global buffer, one cycle at a time. Every beat of a granted burst
// is an entry in a table of which bank is taken in which cycle.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "models/arch/arch_spec.h"

namespace chasm::oracle {

// Requesters 6 * chunk + {input, weight, psum_in, drain, line in, line out}.
inline constexpr std::size_t kRequestersOfChunk = 6;
enum Requester : std::size_t { kInput, kWeight, kPsumIn, kDrain, kLineIn, kLineOut };

class BufferPorts {
 public:
  // `first_bytes`: of each requester the buffer address of its first beat.
  BufferPorts(const GlobalBufferSpec&, const std::vector<std::uint64_t>& first_bytes);

  // The requester wants this many beats, from this cycle on, in bursts of at most max_burst_beats.
  void request(std::size_t requester, std::uint64_t beats);
  bool wants(std::size_t requester) const { return requesters_[requester].left > 0; }
  void grant(std::uint64_t now);  // last act of a cycle: free ports to requesters
  // First act of a cycle: bursts that are over leave their ports; whose last beat it was.
  std::vector<std::size_t> finished(std::uint64_t now);

 private:
  struct One {                    // requester
    std::uint64_t left = 0;       // beats not yet done
    bool served = false;          // holds a port now
    std::uint64_t next_bank = 0;  // of its next beat
  };
  struct Port {
    std::optional<std::size_t> requester;
    std::uint64_t beats = 0, end = 0;
  };
  using Access = std::pair<std::uint64_t, std::uint64_t>;  // cycle, bank

  std::optional<std::size_t> next_waiting() const;
  std::optional<std::size_t> most_urgent() const;
  std::uint64_t first_beat(std::uint64_t now, std::uint64_t bank, std::uint64_t beats) const;

  GlobalBufferSpec spec_;
  std::vector<One> requesters_;
  std::vector<Port> ports_;
  std::size_t search_from_ = 0;
  std::set<Access> taken_;
};

}  // namespace chasm::oracle
