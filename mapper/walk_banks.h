// A DRAM with banks, roughly: lines are served in their order, each as early as its bank, whose
// rows open and close, the data bus and refresh allow. What a controller does to serve them in a
// better order, and the distances of commands that seldom bind, are left out.
#pragma once

#include <vector>

#include "models/arch/dram_link.h"
#include "mapper/walk_basics.h"
#include "models/memory/dram/address_map.h"

namespace chasm::walk {

class Banks {
 public:
  explicit Banks(const ArchSpec&);

  // As Link::transfer; cycles of the core.
  Cycle transfer(std::uint64_t line, bool write, Cycle now);

  void save(Snapshot&) const;
  void shift(Cycle cycles);

 private:
  struct Bank {
    std::uint64_t row = UINT64_MAX;  // open; none
    Cycle column = 0, precharge = 0, refresh = 0;
    // The row before, until when it was open, and its next burst: requests that come before then
    // overtake the one that closed it.
    std::uint64_t row_before = UINT64_MAX;
    Cycle closed = 0, column_before = 0;
  };
  struct Channel {
    Cycle bus_free = 0;
    std::vector<Bank> banks;
  };
  Cycle open(Bank&, std::uint64_t row, bool write, Cycle from) const;

  MachineClocks clocks_;
  DramConfig config_;
  DramAddressMap map_;
  std::vector<Channel> channels_;
};

}  // namespace chasm::walk
