// What the ranks of a channel need besides their requests: refresh on time (or postponed while
// requests wait), and power-down when idle. Says which command a rank wants next; issues nothing.
#pragma once

#include <optional>
#include <vector>

#include "models/memory/dram/bank_state.h"

namespace chasm {

class DramRankUpkeep {
 public:
  DramRankUpkeep(const DramConfig&, const DramBankState&);

  // Requests of the rank or bank that wait, kept up to date by the channel.
  void request_added(std::uint32_t bank);
  void request_served(std::uint32_t bank, Cycle at);
  // To be called when a cycle begins, and after every change of a queue.
  void update(Cycle now);

  struct Wish {
    DramCommand command;
    std::uint32_t bank;
    Cycle ready;  // by timing and by policy
  };
  std::optional<Wish> wish(std::uint32_t rank) const;
  void issued(DramCommand, std::uint32_t bank, Cycle at);

  // Banks that must not be used for requests now, a bit each.
  std::uint64_t blocked() const { return blocked_; }
  // The next cycle at which a refresh comes due.
  Cycle next_due() const;
  // The end of the rank's latest refresh; 0: none yet.
  Cycle refreshed_until(std::uint32_t rank) const { return ranks_[rank].refreshed_until; }

  // A round in which every bank is refreshed as it was in the one before; 0: there is no refresh.
  Cycle round() const;
  // While nothing is asked for (idle_state.h).
  template <class Visitor>
  void visit_idle(Visitor& visitor) {
    for (Rank& rank : ranks_) {
      visitor.time(rank.due);
      visitor.time(rank.down_since);
      visitor.time(rank.refreshed_until);
      visitor.count(rank.down_active);
      visitor.count(rank.down_precharged);
      visitor.past(rank.idle_since + power_down_after_);
      for (const std::uint64_t same : {rank.owed, std::uint64_t{rank.turn},
                                       std::uint64_t{rank.refreshing}, std::uint64_t{rank.down}})
        visitor.same(same);
    }
  }

  // Rank cycles in power-down until then, with a row open and without.
  Cycle powered_down(bool active, Cycle until) const;

 private:
  struct Rank {
    Cycle due = 0;               // of the next refresh
    std::uint64_t owed = 0;      // refreshes that came due and were not done
    bool refreshing = false;     // on the way to one
    std::uint32_t turn = 0;      // bank of the next per-bank refresh, inside the rank
    std::uint32_t requests = 0;  // that wait
    Cycle idle_since = 0;
    bool down = false;
    Cycle down_since = 0;
    Cycle refreshed_until = 0;
    Cycle down_active = 0, down_precharged = 0;
  };
  void update_blocked();
  std::uint64_t bits_of(std::uint32_t rank) const {
    const std::uint64_t ones =
        banks_per_rank_ == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << banks_per_rank_) - 1;
    return ones << (rank * banks_per_rank_);
  }
  Wish refresh_wish(const Rank&, std::uint32_t first_bank) const;

  const DramBankState& banks_;
  std::uint32_t banks_per_rank_;
  DramRefresh mode_;
  std::uint32_t postpone_, power_down_after_;
  Cycle period_, refresh_cycles_;
  std::vector<Rank> ranks_;
  std::vector<std::uint32_t> requests_;  // by bank
  std::uint64_t blocked_ = 0;
};

}  // namespace chasm
