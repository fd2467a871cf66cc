// The state of a channel's banks: which rows are open, and when each command may come next at the
// earliest. Generic: what binds what is in the constraint table (constraint_table.h); beside it
// only the window of four activates and the command bus.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "base/units.h"
#include "models/memory/dram/constraint_table.h"

namespace chasm {

class DramBankState {
 public:
  static constexpr std::uint32_t kClosed = std::numeric_limits<std::uint32_t>::max();

  explicit DramBankState(const DramConfig&);

  // The first cycle at which the timing lets the command start. Commands of a whole rank name any
  // bank of it.
  Cycle earliest(DramCommand command, std::uint32_t bank) const {
    const std::size_t c = index_of(command);
    const Place& place = places_[bank];
    const Cycle of_bank = std::max(next_[place.bank + c], next_[place.bank_group + c]);
    return std::max(std::max(of_bank, next_[place.rank + c]), bus_free_);
  }
  // Without the bank's own constraints: what bursts before leave to this one.
  Cycle earliest_of_rank(DramCommand command, std::uint32_t bank) const {
    return next_[places_[bank].rank + index_of(command)];
  }
  Cycle earliest_of_bank(DramCommand command, std::uint32_t bank) const {
    return next_[places_[bank].bank + index_of(command)];
  }

  // Starts a command at a cycle that is not before its earliest. `row`: of an activate.
  void issue(DramCommand, std::uint32_t bank, std::uint32_t row, Cycle at);

  std::uint32_t open_row(std::uint32_t bank) const { return row_[bank]; }
  std::uint32_t open_banks(std::uint32_t rank) const { return open_[rank]; }
  std::uint32_t rank_of(std::uint32_t bank) const { return bank / banks_per_rank_; }
  std::uint32_t banks_per_rank() const { return banks_per_rank_; }

  // Cycles since 0 in which the rank had a row open; for the energy of standing by.
  Cycle active_cycles(std::uint32_t rank, Cycle until) const {
    return active_[rank] + (open_[rank] > 0 && until > since_[rank] ? until - since_[rank] : 0);
  }

  // While nothing is asked for (idle_state.h).
  template <class Visitor>
  void visit_idle(Visitor& visitor) {
    for (Cycle& next : next_) visitor.time(next);
    visitor.time(bus_free_);
    for (const std::uint32_t open : open_) visitor.same(open);
    for (const std::uint32_t row : row_) visitor.same(row);
  }

 private:
  struct Place {  // of the nodes that bind a bank, in next_
    std::uint32_t bank, bank_group, rank;
  };
  struct Rule {
    std::uint32_t after;
    DramLevel level;
    std::uint32_t cycles;
  };
  void apply(std::uint32_t node, std::uint32_t after, Cycle earliest) {
    Cycle& next = next_[node + after];
    next = std::max(next, earliest);
  }
  void note_activate(std::uint32_t bank, Cycle at);
  void set_row(std::uint32_t bank, std::uint32_t row, Cycle at);

  std::uint32_t ranks_, banks_per_rank_, four_activates_;
  std::array<std::uint32_t, kDramCommands> length_{};
  std::array<std::vector<Rule>, kDramCommands> rules_;
  std::vector<Place> places_;                    // by bank
  std::vector<Cycle> next_;                      // by node and command
  Cycle bus_free_ = 0;                           // of the command bus
  std::vector<std::uint32_t> row_;               // open, by bank
  std::vector<std::uint32_t> open_;              // banks with an open row, by rank
  std::vector<Cycle> since_, active_;            // by rank: a row is open from, and was before
  std::vector<std::array<Cycle, 4>> activates_;  // the last four, by rank; 0: none
  std::vector<std::uint32_t> oldest_activate_;
};

}  // namespace chasm
