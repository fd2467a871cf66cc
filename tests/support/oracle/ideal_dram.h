// The links of the ideal DRAM, one cycle at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "models/arch/arch_spec.h"

namespace chasm::oracle {

// A line under way to or from DRAM, and what its chunk needs to know when it is done.
struct LineTicket {
  std::size_t chunk = 0;
  std::size_t stream = 0;  // of the DMA
  std::size_t group = 0;   // load, fill, psum load or store that it belongs to
  std::size_t index = 0;   // in the group
  std::uint64_t number = 0;
  std::uint64_t useful_bits = 0;
};

class IdealDram {
 public:
  explicit IdealDram(const DramSpec&);

  void request(const LineTicket&);  // in the order of service
  // The links move data during cycle `now`; what ends in it arrives from now + 1 on.
  void move(std::uint64_t now);
  std::vector<LineTicket> arrivals(
      std::uint64_t now);  // data or acknowledgement, in order of service

 private:
  struct Moving {
    LineTicket line;
    std::uint64_t left;  // of 64 bytes, in 1/65536 byte
  };
  struct Done {
    LineTicket line;
    std::uint64_t at;
  };
  std::uint64_t per_cycle_;  // 1/65536 byte
  std::uint64_t latency_;
  std::vector<std::deque<Moving>> channels_;
  std::deque<Done> done_;
};

}  // namespace chasm::oracle
