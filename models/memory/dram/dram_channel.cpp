#include "models/memory/dram/dram_channel.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "models/memory/dram/idle_state.h"

namespace chasm {
namespace {

using C = DramCommand;
constexpr auto kNone = DramRequestQueue::kNone;
constexpr std::uint32_t kReads = 0, kWrites = 1;  // groups; all are in the first when unified
enum Urgency : unsigned { kUpkeep, kRequest, kTidy };

}  // namespace

// The command that is to start in this cycle, and when the next of the others could. Of requests,
// the oldest whose command is ready comes first; but a command of several cycles does not hold up a
// burst that becomes ready before it ends.
class DramChannel::Search {
 public:
  Search(Cycle now, const DramConfig& config) : now_(now), config_(config) {}

  void consider(Cycle ready, const Choice& choice) {
    if (ready > now_) {
      next_ = std::min(next_, ready);
      if (is_column(choice.command)) next_burst_ = std::min(next_burst_, ready);
    } else if (choice.urgency < best_.urgency ||
               (choice.urgency == best_.urgency && choice.order < best_.order)) {
      best_ = choice;
    }
  }
  const Choice* best() const {
    if (best_.urgency == ~0U) return nullptr;
    const bool gives_way = best_.urgency != kUpkeep && !is_column(best_.command) &&
                           next_burst_ < now_ + command_cycles(config_, best_.command);
    return gives_way ? nullptr : &best_;
  }
  Cycle next() const { return next_; }

 private:
  Cycle now_, next_ = kNever, next_burst_ = kNever;
  const DramConfig& config_;
  Choice best_;
};

DramChannel::DramChannel(const DramConfig& config, std::uint32_t number, DramClient& client,
                         DramCommandLog* log)
    : config_(config),
      number_(number),
      client_(client),
      log_(log),
      unified_(config.controller.writes == DramWrites::unified ||
               config.controller.scheduler == DramScheduler::fcfs),
      banks_(config),
      upkeep_(config, banks_),
      queue_(config.controller.read_queue + config.controller.write_queue,
             config.organisation.banks()),
      hit_(std::size_t{2} * config.organisation.banks(), kNone),
      passed_(config.organisation.banks()),
      last_use_(config.organisation.banks()),
      gap_worth_skipping_(log_ != nullptr || upkeep_.round() == 0 ? kNever : 4 * upkeep_.round()) {}

bool DramChannel::has_room(const DramLocation& at, bool write) const {
  const DramControllerSpec& c = config_.controller;
  if (write ? queue_.writes() == c.write_queue : queue_.reads() == c.read_queue) return false;
  return unified_ || !write || !overtakes(at);
}

bool DramChannel::accept(const DramLocation& at, bool write, std::uint64_t tag, Cycle now) {
  if (!has_room(at, write)) return false;
  if (!unified_ && !write && forward(at, tag, now)) return true;
  if (idle()) waiting_since_ = now;
  const std::uint32_t group = write && !unified_ ? kWrites : kReads;
  const Slot slot = queue_.add(at, write, group, tag, now);
  Slot& hit = hit_[2 * at.bank_id + group];
  if (hit == kNone && banks_.open_row(at.bank_id) == at.row) hit = slot;
  upkeep_.request_added(at.bank_id);
  update_drain(now);
  next_ = std::min(next_, now);
  return true;
}

// A read of a line that waits to be written takes it from there.
bool DramChannel::forward(const DramLocation& at, std::uint64_t tag, Cycle now) {
  for (Slot slot = queue_.first_of_bank(at.bank_id, kWrites); slot != kNone;
       slot = queue_[slot].younger_of_bank) {
    if (queue_[slot].row != at.row || queue_[slot].line != at.line) continue;
    ++stats_.forwarded;
    ++stats_.reads;
    stats_.read_latency.add(1);
    client_.answered(tag, false, now + 1);
    return true;
  }
  return false;
}

// Reads and writes are served apart: a write must not come before an older read of its line.
bool DramChannel::overtakes(const DramLocation& at) const {
  for (Slot slot = queue_.first_of_bank(at.bank_id, kReads); slot != kNone;
       slot = queue_[slot].younger_of_bank)
    if (queue_[slot].row == at.row && queue_[slot].line == at.line) return true;
  return false;
}

// Writes are drained when there are many of them, one is old, or there is nothing else to do.
void DramChannel::update_drain(Cycle now) {
  if (unified_) return;
  const DramControllerSpec& c = config_.controller;
  const std::uint32_t writes = queue_.writes();
  if (draining_) {
    if (writes == 0 || (queue_.reads() > 0 && writes <= drain_to_)) draining_ = false;
  }
  if (draining_ || writes == 0) return;
  if (now >= drain_deadline()) {
    draining_ = true;
    drain_to_ = 0;
  } else if (writes >= c.write_high || queue_.reads() == 0) {
    draining_ = true;
    drain_to_ = c.write_low;
  }
}

Cycle DramChannel::drain_deadline() const {
  if (unified_ || queue_.writes() == 0) return kNever;
  return queue_[queue_.first(kWrites)].arrival + config_.controller.write_age_limit;
}

Cycle DramChannel::step(Cycle now) {
  ++stats_.steps;
  upkeep_.update(now);
  update_drain(now);
  Search search(now, config_);
  look_for_upkeep(search);
  look_for_requests(search);
  if (config_.controller.page_policy == DramPagePolicy::timeout) look_for_timeouts(search);
  if (const Choice* best = search.best()) {
    issue(*best, now);
    upkeep_.update(now);
    update_drain(now);
    return now + command_cycles(config_, best->command);
  }
  Cycle next = std::min(search.next(), upkeep_.next_due());
  if (!draining_) next = std::min(next, drain_deadline());
  CHECK(next > now, "DRAM channel {} does not advance from cycle {}", number_, now);
  return next;
}

template <class Visitor>
void DramChannel::visit_idle(Visitor& visitor) {
  banks_.visit_idle(visitor);
  upkeep_.visit_idle(visitor);
  visitor.time(next_);
  for (std::uint64_t& commands : stats_.commands) visitor.count(commands);
  visitor.count(stats_.steps);
  visitor.same(draining_);
  visitor.same(open_);
  // Open rows may have to be closed later.
  if (open_ != 0) visitor.past(kNever);
}

// Does one round; where it ends as it began, all but the last of those that come before `now` are
// counted and not done.
void DramChannel::skip_rounds(Cycle now) {
  const Cycle round = upkeep_.round();
  DramIdleState before(next_);
  visit_idle(before);
  const Cycle end = next_ + round;
  while (next_ < end) next_ = step(next_);
  DramIdleState after(next_);
  visit_idle(after);
  if (!after.repeats(before, round)) return;
  DramIdleRounds rounds(before, after, (now - next_) / round - 1);
  visit_idle(rounds);
}

void DramChannel::look_for_upkeep(Search& search) const {
  for (std::uint32_t r = 0; r < config_.organisation.ranks; ++r)
    if (const auto wish = upkeep_.wish(r))
      search.consider(wish->ready, {wish->command == C::power_down ? kTidy : kUpkeep, r,
                                    wish->command, wish->bank, kNone});
}

void DramChannel::look_for_requests(Search& search) const {
  const std::uint32_t group = draining_ ? kWrites : kReads;
  const std::uint64_t usable = queue_.banks_with(group) & ~upkeep_.blocked();
  if (config_.controller.scheduler == DramScheduler::fcfs) {
    if (queue_.size(group) == 0) return;
    const std::uint32_t bank = queue_[queue_.first(group)].bank;
    if (usable >> bank & 1) look_in_bank(search, bank);
    return;
  }
  for (std::uint64_t banks = usable; banks != 0; banks &= banks - 1)
    look_in_bank(search, static_cast<std::uint32_t>(std::countr_zero(banks)));
}

// A bank serves the hits of its open row, oldest first; only then is the row closed for the oldest
// request, or after that was overtaken too often. A row that was opened for the other group and not
// yet used is used first.
void DramChannel::look_in_bank(Search& search, std::uint32_t bank) const {
  const std::uint32_t group = draining_ ? kWrites : kReads;
  const Slot first = queue_.first_of_bank(bank, group);
  Slot slot = hit_[2 * bank + group];
  const bool strict = config_.controller.scheduler == DramScheduler::fcfs ||
                      passed_[bank] >= config_.controller.row_hit_limit;
  if (strict && slot != first) slot = kNone;
  if (slot == kNone && (unused_ >> bank & 1)) slot = hit_[2 * bank + 1 - group];
  Choice choice{kRequest, 0, C::activate, bank, slot == kNone ? first : slot};
  if (slot != kNone)
    choice.command = queue_[slot].write ? C::write : C::read;
  else if (banks_.open_row(bank) != DramBankState::kClosed)
    choice.command = C::precharge;
  choice.order = queue_[choice.slot].order;
  search.consider(banks_.earliest(choice.command, bank), choice);
}

// Rows that nobody waits for are closed some time after their last use.
void DramChannel::look_for_timeouts(Search& search) const {
  const std::uint64_t unused =
      open_ & ~queue_.banks_with(kReads) & ~queue_.banks_with(kWrites) & ~upkeep_.blocked();
  for (std::uint64_t banks = unused; banks != 0; banks &= banks - 1) {
    const auto bank = static_cast<std::uint32_t>(std::countr_zero(banks));
    search.consider(std::max(banks_.earliest(C::precharge, bank),
                             last_use_[bank] + config_.controller.page_timeout),
                    {kTidy, bank, C::precharge, bank, kNone});
  }
}

void DramChannel::issue(const Choice& choice, Cycle now) {
  if (is_column(choice.command)) return issue_column(choice, now);
  const std::uint32_t bank = choice.bank;
  const bool opens = choice.command == C::activate;
  banks_.issue(choice.command, bank, opens ? queue_[choice.slot].row : 0, now);
  ++stats_.commands[index_of(choice.command)];
  if (log_) log(choice, now);
  if (opens) {
    open_ |= std::uint64_t{1} << bank;
    unused_ |= std::uint64_t{1} << bank;
    passed_[bank] = 0;
    last_use_[bank] = now;
    find_hits(bank);
  } else if (choice.command == C::precharge) {
    open_ &= ~(std::uint64_t{1} << bank);
    unused_ &= ~(std::uint64_t{1} << bank);
    find_hits(bank);
  } else {
    for (std::uint32_t b = 0; b < config_.organisation.banks(); ++b)
      if (banks_.open_row(b) == DramBankState::kClosed && (open_ >> b & 1)) {
        open_ &= ~(std::uint64_t{1} << b);
        unused_ &= ~(std::uint64_t{1} << b);
        find_hits(b);
      }
    upkeep_.issued(choice.command, bank, now);
  }
}

void DramChannel::issue_column(const Choice& chosen, Cycle now) {
  const DramRequestQueue::Entry entry = queue_[chosen.slot];
  Choice choice = chosen;
  if (config_.controller.page_policy == DramPagePolicy::closed && !more_hits(entry))
    choice.command = entry.write ? C::write_precharge : C::read_precharge;
  const std::uint32_t bank = entry.bank;
  const Cycle data_end = now + (entry.write ? config_.write_data_end() : config_.read_data_end());
  count_lost(choice, now, data_end - config_.timing.nBL);
  if (chosen.slot != queue_.first_of_bank(bank, entry.group)) ++passed_[bank];
  if (log_) log(choice, now);
  banks_.issue(choice.command, bank, 0, now);
  ++stats_.commands[index_of(choice.command)];
  hit_[2 * bank + entry.group] = next_hit(entry.younger_of_bank, entry.row);
  queue_.remove(chosen.slot);
  upkeep_.request_served(bank, now);
  last_use_[bank] = now;
  unused_ &= ~(std::uint64_t{1} << bank);
  if (choice.command != chosen.command) {
    open_ &= ~(std::uint64_t{1} << bank);
    find_hits(bank);
  }
  bus_end_ = stats_.last_data = data_end;
  last_column_ = now;
  last_was_write_ = entry.write;
  ++(entry.write ? stats_.writes : stats_.reads);
  if (!entry.write) stats_.read_latency.add(data_end - entry.arrival);
  client_.answered(entry.tag, entry.write, data_end);
}

// The gap on the data bus before a burst, shared out in the order of time: nobody waited, the rank
// was refreshed, the direction changed, the row was opened.
void DramChannel::count_lost(const Choice& choice, Cycle now, Cycle data_begin) {
  const Cycle lead = data_begin - now;
  Cycle left = data_begin - std::min(bus_end_, data_begin);
  stats_.bus_busy += config_.timing.nBL;
  const auto take = [&](DramLost why, Cycle until) {
    const Cycle begin = data_begin - left;
    const Cycle part = until > begin ? std::min(until - begin, left) : 0;
    stats_.lost[static_cast<std::size_t>(why)] += part;
    left -= part;
  };
  if (left == 0) return;
  if (waiting_since_ > last_column_ || last_column_ == 0)
    take(DramLost::idle, waiting_since_ + lead);
  const Cycle refreshed = upkeep_.refreshed_until(banks_.rank_of(choice.bank));
  if (refreshed > last_column_) take(DramLost::refresh, refreshed + lead);
  const Cycle of_rank = banks_.earliest_of_rank(choice.command, choice.bank);
  const Cycle of_bank = banks_.earliest_of_bank(choice.command, choice.bank);
  const bool write = is_write(choice.command);
  if (write != last_was_write_) take(DramLost::turnaround, of_rank + lead);
  take(of_bank > of_rank ? DramLost::activates : DramLost::spacing, data_begin);
}

void DramChannel::log(const Choice& choice, Cycle now) const {
  const DramOrganisation& o = config_.organisation;
  DramLocation at;
  at.channel = number_;
  at.bank_id = choice.bank;
  at.rank = choice.bank / o.banks_per_rank();
  at.bank_group = choice.bank / o.banks_per_group % o.bank_groups;
  at.bank = choice.bank % o.banks_per_group;
  if (choice.slot != kNone && choice.command != C::precharge) {
    at.row = queue_[choice.slot].row;
    at.line = queue_[choice.slot].line;
  }
  log_->command(now, choice.command, at);
}

DramChannel::Slot DramChannel::next_hit(Slot from, std::uint32_t row) const {
  while (from != kNone && queue_[from].row != row) from = queue_[from].younger_of_bank;
  return from;
}

// Whether another request waits for the same row.
bool DramChannel::more_hits(const DramRequestQueue::Entry& entry) const {
  if (next_hit(entry.younger_of_bank, entry.row) != kNone) return true;
  return !unified_ && hit_[2 * entry.bank + 1 - entry.group] != kNone;
}

void DramChannel::find_hits(std::uint32_t bank) {
  const std::uint32_t row = banks_.open_row(bank);
  for (const std::uint32_t group : {kReads, kWrites})
    hit_[2 * bank + group] =
        row == DramBankState::kClosed ? kNone : next_hit(queue_.first_of_bank(bank, group), row);
}

DramStats DramChannel::stats(Cycle end) const {
  DramStats stats = stats_;
  if (end > bus_end_) stats.lost[static_cast<std::size_t>(DramLost::idle)] += end - bus_end_;
  stats.active_power_down = upkeep_.powered_down(true, end);
  stats.precharge_power_down = upkeep_.powered_down(false, end);
  Cycle active = 0;
  for (std::uint32_t r = 0; r < config_.organisation.ranks; ++r)
    active += banks_.active_cycles(r, end);
  stats.active_standby = active - stats.active_power_down;
  stats.precharge_standby = end * config_.organisation.ranks - active - stats.precharge_power_down;
  return stats;
}

}  // namespace chasm
