// The requests that wait in a channel: a fixed pool of entries, linked by bank in order of arrival,
// and by group (reads and writes apart, or all together).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/units.h"
#include "models/memory/dram/address_map.h"

namespace chasm {

class DramRequestQueue {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = UINT32_MAX;

  struct Entry {
    std::uint64_t order = 0;  // of arrival
    std::uint64_t tag = 0;
    Cycle arrival = 0;
    std::uint32_t bank = 0, row = 0, line = 0;
    bool write = false;
    std::uint32_t group = 0;
    Slot older_of_bank = kNone, younger_of_bank = kNone;
    Slot older = kNone, younger = kNone;  // of the group
  };

  DramRequestQueue(std::uint32_t slots, std::uint32_t banks);

  Slot add(const DramLocation&, bool write, std::uint32_t group, std::uint64_t tag, Cycle arrival);
  void remove(Slot);

  const Entry& operator[](Slot slot) const { return entries_[slot]; }
  Slot first(std::uint32_t group) const { return groups_[group].first; }
  Slot first_of_bank(std::uint32_t bank, std::uint32_t group) const {
    return banks_[2 * bank + group].first;
  }
  std::uint32_t size(std::uint32_t group) const { return groups_[group].size; }
  std::uint64_t banks_with(std::uint32_t group) const { return groups_[group].banks; }  // bits
  std::uint32_t reads() const { return reads_; }
  std::uint32_t writes() const { return writes_; }

 private:
  struct Ends {
    Slot first = kNone, last = kNone;
  };
  struct Group : Ends {
    std::uint32_t size = 0;
    std::uint64_t banks = 0;
  };
  std::vector<Entry> entries_;
  std::vector<Slot> free_;
  std::vector<Ends> banks_;  // by bank and group
  std::array<Group, 2> groups_;
  std::uint32_t reads_ = 0, writes_ = 0;
  std::uint64_t next_order_ = 0;
};

}  // namespace chasm
