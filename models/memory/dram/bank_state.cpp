#include "models/memory/dram/bank_state.h"

namespace chasm {

DramBankState::DramBankState(const DramConfig& config)
    : ranks_(config.organisation.ranks),
      banks_per_rank_(config.organisation.banks_per_rank()),
      four_activates_(config.timing.nFAW) {
  const DramOrganisation& o = config.organisation;
  for (std::size_t c = 0; c < kDramCommands; ++c)
    length_[c] = command_cycles(config, static_cast<DramCommand>(c));
  for (const DramConstraint& row : dram_constraints(config))
    rules_[index_of(row.before)].push_back(
        {static_cast<std::uint32_t>(index_of(row.after)), row.level, row.cycles});
  constexpr std::uint32_t kNode = kDramCommands;
  const std::uint32_t groups = o.ranks * o.bank_groups;
  for (std::uint32_t b = 0; b < o.banks(); ++b)
    places_.push_back({(o.ranks + groups + b) * kNode, (o.ranks + b / o.banks_per_group) * kNode,
                       b / banks_per_rank_ * kNode});
  next_.assign((o.ranks + groups + o.banks()) * kNode, 0);
  row_.assign(o.banks(), kClosed);
  open_.assign(o.ranks, 0);
  since_.assign(o.ranks, 0);
  active_.assign(o.ranks, 0);
  activates_.assign(o.ranks, {});
  oldest_activate_.assign(o.ranks, 0);
}

void DramBankState::issue(DramCommand command, std::uint32_t bank, std::uint32_t row, Cycle at) {
  const std::size_t c = index_of(command);
  const Place place = places_[bank];
  bus_free_ = at + length_[c];
  for (const Rule& rule : rules_[c]) {
    const Cycle earliest = at + rule.cycles;
    switch (rule.level) {
      case DramLevel::bank:
        apply(place.bank, rule.after, earliest);
        break;
      case DramLevel::bank_group:
        apply(place.bank_group, rule.after, earliest);
        break;
      case DramLevel::rank:
        apply(place.rank, rule.after, earliest);
        break;
      case DramLevel::other_ranks:
        for (std::uint32_t r = 0; r < ranks_; ++r)
          if (r * kDramCommands != place.rank)
            apply(r * static_cast<std::uint32_t>(kDramCommands), rule.after, earliest);
        break;
    }
  }
  if (command == DramCommand::activate) {
    note_activate(bank, at);
    set_row(bank, row, at);
  } else if (command == DramCommand::precharge || command == DramCommand::read_precharge ||
             command == DramCommand::write_precharge) {
    set_row(bank, kClosed, at);
  } else if (command == DramCommand::precharge_all) {
    const std::uint32_t first = rank_of(bank) * banks_per_rank_;
    for (std::uint32_t b = first; b < first + banks_per_rank_; ++b) set_row(b, kClosed, at);
  }
}

// The fifth activate of a rank waits until nFAW after the first.
void DramBankState::note_activate(std::uint32_t bank, Cycle at) {
  const std::uint32_t rank = rank_of(bank);
  std::uint32_t& oldest = oldest_activate_[rank];
  activates_[rank][oldest] = at + four_activates_;
  oldest = (oldest + 1) % 4;
  apply(places_[bank].rank, index_of(DramCommand::activate), activates_[rank][oldest]);
}

void DramBankState::set_row(std::uint32_t bank, std::uint32_t row, Cycle at) {
  const bool was_open = row_[bank] != kClosed;
  const bool is_open = row != kClosed;
  row_[bank] = row;
  if (was_open == is_open) return;
  const std::uint32_t rank = rank_of(bank);
  if (is_open && open_[rank]++ == 0) since_[rank] = at;
  if (!is_open && --open_[rank] == 0) active_[rank] += at - since_[rank];
}

}  // namespace chasm
