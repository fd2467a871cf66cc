#include "models/memory/dram/request_queue.h"

#include "base/check.h"

namespace chasm {

DramRequestQueue::DramRequestQueue(std::uint32_t slots, std::uint32_t banks)
    : entries_(slots), banks_(std::size_t{2} * banks) {
  for (Slot slot = slots; slot-- > 0;) free_.push_back(slot);
}

DramRequestQueue::Slot DramRequestQueue::add(const DramLocation& at, bool write,
                                             std::uint32_t group, std::uint64_t tag,
                                             Cycle arrival) {
  CHECK(!free_.empty(), "a request to a full DRAM queue at cycle {}", arrival);
  const Slot slot = free_.back();
  free_.pop_back();
  Ends& of_bank = banks_[std::size_t{2} * at.bank_id + group];
  Group& all = groups_[group];
  entries_[slot] = {next_order_++, tag,   arrival,      at.bank_id, at.row,   at.line,
                    write,         group, of_bank.last, kNone,      all.last, kNone};
  if (of_bank.last == kNone)
    of_bank.first = slot;
  else
    entries_[of_bank.last].younger_of_bank = slot;
  of_bank.last = slot;
  if (all.last == kNone)
    all.first = slot;
  else
    entries_[all.last].younger = slot;
  all.last = slot;
  ++all.size;
  all.banks |= std::uint64_t{1} << at.bank_id;
  ++(write ? writes_ : reads_);
  return slot;
}

void DramRequestQueue::remove(Slot slot) {
  const Entry& entry = entries_[slot];
  Ends& of_bank = banks_[std::size_t{2} * entry.bank + entry.group];
  Group& all = groups_[entry.group];
  (entry.older_of_bank == kNone ? of_bank.first : entries_[entry.older_of_bank].younger_of_bank) =
      entry.younger_of_bank;
  (entry.younger_of_bank == kNone ? of_bank.last : entries_[entry.younger_of_bank].older_of_bank) =
      entry.older_of_bank;
  (entry.older == kNone ? all.first : entries_[entry.older].younger) = entry.younger;
  (entry.younger == kNone ? all.last : entries_[entry.younger].older) = entry.older;
  --all.size;
  if (of_bank.first == kNone) all.banks &= ~(std::uint64_t{1} << entry.bank);
  --(entry.write ? writes_ : reads_);
  free_.push_back(slot);
}

}  // namespace chasm
