#include "models/memory/dram/rank_upkeep.h"

#include <algorithm>

namespace chasm {

namespace {
constexpr Cycle kNotDue = std::numeric_limits<Cycle>::max();
}

DramRankUpkeep::DramRankUpkeep(const DramConfig& config, const DramBankState& banks)
    : banks_(banks),
      banks_per_rank_(config.organisation.banks_per_rank()),
      mode_(config.controller.refresh),
      postpone_(config.controller.refresh_postpone),
      power_down_after_(config.controller.power_down_after),
      period_(mode_ == DramRefresh::per_bank ? config.timing.nREFIpb : config.timing.nREFI),
      refresh_cycles_(mode_ == DramRefresh::per_bank ? config.timing.nRFCpb : config.timing.nRFC),
      ranks_(config.organisation.ranks),
      requests_(config.organisation.banks()) {
  // Ranks take turns over the period.
  for (std::size_t r = 0; r < ranks_.size(); ++r)
    ranks_[r].due = mode_ == DramRefresh::none ? kNotDue : period_ * (r + 1) / ranks_.size();
}

void DramRankUpkeep::request_added(std::uint32_t bank) {
  ++requests_[bank];
  ++ranks_[banks_.rank_of(bank)].requests;
}

void DramRankUpkeep::request_served(std::uint32_t bank, Cycle at) {
  --requests_[bank];
  Rank& rank = ranks_[banks_.rank_of(bank)];
  --rank.requests;
  rank.idle_since = at;
}

void DramRankUpkeep::update(Cycle now) {
  bool changed = false;
  for (std::size_t r = 0; r < ranks_.size(); ++r) {
    Rank& rank = ranks_[r];
    while (rank.due <= now) {
      ++rank.owed;
      rank.due += period_;
    }
    if (rank.refreshing || rank.owed == 0) continue;
    const std::uint32_t waiting =
        mode_ == DramRefresh::per_bank ? requests_[r * banks_per_rank_ + rank.turn] : rank.requests;
    if (rank.owed <= postpone_ && waiting > 0) continue;
    rank.refreshing = changed = true;
  }
  if (changed) update_blocked();
}

void DramRankUpkeep::update_blocked() {
  blocked_ = 0;
  for (std::uint32_t r = 0; r < ranks_.size(); ++r) {
    const Rank& rank = ranks_[r];
    if (rank.down || (rank.refreshing && mode_ == DramRefresh::all_bank))
      blocked_ |= bits_of(r);
    else if (rank.refreshing)
      blocked_ |= std::uint64_t{1} << (r * banks_per_rank_ + rank.turn);
  }
}

DramRankUpkeep::Wish DramRankUpkeep::refresh_wish(const Rank& rank,
                                                  std::uint32_t first_bank) const {
  const bool one = mode_ == DramRefresh::per_bank;
  const std::uint32_t bank = one ? first_bank + rank.turn : first_bank;
  DramCommand command = one ? DramCommand::refresh_bank : DramCommand::refresh;
  if (one && banks_.open_row(bank) != DramBankState::kClosed) command = DramCommand::precharge;
  if (!one && banks_.open_banks(banks_.rank_of(bank)) > 0) command = DramCommand::precharge_all;
  return {command, bank, banks_.earliest(command, bank)};
}

std::optional<DramRankUpkeep::Wish> DramRankUpkeep::wish(std::uint32_t r) const {
  const Rank& rank = ranks_[r];
  const std::uint32_t first = r * banks_per_rank_;
  if (rank.down) {
    if (rank.requests == 0 && !rank.refreshing) return std::nullopt;
    return Wish{DramCommand::power_up, first, banks_.earliest(DramCommand::power_up, first)};
  }
  if (rank.refreshing) return refresh_wish(rank, first);
  if (power_down_after_ == 0 || rank.requests > 0) return std::nullopt;
  return Wish{DramCommand::power_down, first,
              std::max(banks_.earliest(DramCommand::power_down, first),
                       rank.idle_since + power_down_after_)};
}

void DramRankUpkeep::issued(DramCommand command, std::uint32_t bank, Cycle at) {
  const std::uint32_t r = banks_.rank_of(bank);
  Rank& rank = ranks_[r];
  if (command == DramCommand::refresh || command == DramCommand::refresh_bank) {
    rank.refreshing = false;
    --rank.owed;
    if (command == DramCommand::refresh_bank) rank.turn = (rank.turn + 1) % banks_per_rank_;
    rank.refreshed_until = at + refresh_cycles_;
  } else if (command == DramCommand::power_down) {
    rank.down = true;
    rank.down_since = at;
  } else if (command == DramCommand::power_up) {
    rank.down = false;
    (banks_.open_banks(r) > 0 ? rank.down_active : rank.down_precharged) += at - rank.down_since;
  }
  update_blocked();
}

Cycle DramRankUpkeep::next_due() const {
  Cycle next = kNotDue;
  for (const Rank& rank : ranks_) next = std::min(next, rank.due);
  return next;
}

Cycle DramRankUpkeep::round() const {
  if (mode_ == DramRefresh::none) return 0;
  return mode_ == DramRefresh::per_bank ? period_ * banks_per_rank_ : period_;
}

Cycle DramRankUpkeep::powered_down(bool active, Cycle until) const {
  Cycle sum = 0;
  for (std::uint32_t r = 0; r < ranks_.size(); ++r) {
    const Rank& rank = ranks_[r];
    sum += active ? rank.down_active : rank.down_precharged;
    if (rank.down && (banks_.open_banks(r) > 0) == active && until > rank.down_since)
      sum += until - rank.down_since;
  }
  return sum;
}

}  // namespace chasm
