// A DRAM channel with its controller: request queues, scheduler, page policy, refresh, over the
// state of the banks (docs/microarchitecture.md, section 5). At most one command starts a cycle,
// and none before the timing of the standard allows it.
//
// Plain code without SystemC, driven by events: run() does all that is to be done up to a cycle and
// says when something can happen next. Cycles between cost nothing. Not modelled: on-die
// termination, read-modify-write, ECC.
#pragma once

#include <vector>

#include "models/memory/dram/address_map.h"
#include "models/memory/dram/bank_state.h"
#include "models/memory/dram/dram_stats.h"
#include "models/memory/dram/rank_upkeep.h"
#include "models/memory/dram/request_queue.h"

namespace chasm {

// Who made the requests.
class DramClient {
 public:
  virtual ~DramClient() = default;
  // Told in advance: the data (of a read) or the write is complete at the beginning of cycle `at`.
  virtual void answered(std::uint64_t tag, bool write, Cycle at) = 0;
};

// Who wants to know every command.
class DramCommandLog {
 public:
  virtual ~DramCommandLog() = default;
  // Row and line are those of the burst or activate, else 0.
  virtual void command(Cycle at, DramCommand, const DramLocation&) = 0;
};

class DramChannel {
 public:
  static constexpr Cycle kNever = std::numeric_limits<Cycle>::max();

  DramChannel(const DramConfig&, std::uint32_t number, DramClient&, DramCommandLog* = nullptr);

  // Does what was still to be done before cycle `now`.
  void catch_up(Cycle now) {
    while (next_ < now) {
      if (idle() && now - next_ > gap_worth_skipping_) skip_rounds(now);
      next_ = step(next_);
    }
  }
  // Whether accept() would take it now.
  bool has_room(const DramLocation&, bool write) const;
  // Takes a request in cycle `now`, up to which the channel has caught up. False: there is no room,
  // or a write would overtake a read of its line.
  bool accept(const DramLocation&, bool write, std::uint64_t tag, Cycle now);
  // Does what is to be done up to cycle `now`, it included; returns the next cycle of interest,
  // which is never far off: refresh goes on.
  Cycle run(Cycle now) {
    while (next_ <= now) next_ = step(next_);
    return next_;
  }
  Cycle next() const { return next_; }
  // Nothing but refresh and power-down is left to do.
  bool idle() const { return queue_.reads() + queue_.writes() == 0; }

  // Counts up to cycle `end`, up to which the channel is run.
  DramStats stats(Cycle end) const;

 private:
  using Slot = DramRequestQueue::Slot;
  struct Choice {
    unsigned urgency = ~0U;   // lower is better
    std::uint64_t order = 0;  // of arrival
    DramCommand command = DramCommand::activate;
    std::uint32_t bank = 0;
    Slot slot = DramRequestQueue::kNone;
  };
  class Search;  // for the command of a cycle

  Cycle step(Cycle now);
  void skip_rounds(Cycle now);
  template <class Visitor>
  void visit_idle(Visitor&);
  void look_for_upkeep(Search&) const;
  void look_for_requests(Search&) const;
  void look_in_bank(Search&, std::uint32_t bank) const;
  void look_for_timeouts(Search&) const;
  void issue(const Choice&, Cycle now);
  void issue_column(const Choice&, Cycle now);
  void count_lost(const Choice&, Cycle now, Cycle data_begin);
  void log(const Choice&, Cycle now) const;

  bool forward(const DramLocation&, std::uint64_t tag, Cycle now);
  bool overtakes(const DramLocation&) const;
  void update_drain(Cycle now);
  Cycle drain_deadline() const;
  Slot next_hit(Slot from, std::uint32_t row) const;
  bool more_hits(const DramRequestQueue::Entry&) const;
  void find_hits(std::uint32_t bank);

  const DramConfig config_;
  std::uint32_t number_;
  DramClient& client_;
  DramCommandLog* log_;
  bool unified_;
  DramBankState banks_;
  DramRankUpkeep upkeep_;
  DramRequestQueue queue_;
  std::vector<Slot> hit_;              // by bank and group: the oldest request of the open row
  std::vector<std::uint32_t> passed_;  // by bank: hits that overtook its oldest request
  std::vector<Cycle> last_use_;        // by bank: of its row
  std::uint64_t unused_ = 0;           // banks whose row was opened and not yet used, a bit each
  std::uint64_t open_ = 0;             // banks with a row open, a bit each
  bool draining_ = false;
  std::uint32_t drain_to_ = 0;  // writes left when a drain gives way to reads
  Cycle next_ = 0;
  Cycle gap_worth_skipping_;  // where nothing is asked for

  // For the account of the data bus.
  Cycle bus_end_ = 0, last_column_ = 0, waiting_since_ = 0;
  bool last_was_write_ = false;
  DramStats stats_;
};

}  // namespace chasm
