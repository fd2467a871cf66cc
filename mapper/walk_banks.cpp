#include "mapper/walk_banks.h"

namespace chasm::walk {

Banks::Banks(const ArchSpec& arch)
    : clocks_(machine_clocks(arch)),
      config_(bank_dram(arch.dram)),
      map_(DramAddressMap::of_checked(config_)),
      channels_(config_.organisation.channels) {
  for (Channel& channel : channels_) channel.banks.resize(config_.organisation.banks());
}

// When a column command of the row may come, from that cycle on.
Cycle Banks::open(Bank& bank, std::uint64_t row, bool write, Cycle from) const {
  const DramTiming& t = config_.timing;
  const Cycle refreshes = config_.controller.refresh == DramRefresh::none ? 0 : from / t.nREFI;
  if (refreshes != bank.refresh) {  // closes the row
    bank.refresh = refreshes;
    bank.row = bank.row_before = UINT64_MAX;
    bank.precharge = refreshes * t.nREFI + t.nRFC - std::min(t.nRFC, t.nRP);
  }
  if (bank.row == row) return std::max(from, bank.column);
  if (!write && bank.row_before == row && from <= bank.closed) {
    const Cycle column = std::max(from, bank.column_before);
    bank.column_before = column + t.nCCD_L;
    bank.column += t.nCCD_L;
    bank.precharge += t.nCCD_L;
    return column;
  }
  const bool closed = bank.row == UINT64_MAX;
  const Cycle activate =
      closed ? std::max(from, bank.precharge + t.nRP) : std::max(from, bank.precharge) + t.nRP;
  bank.row_before = bank.row;
  bank.column_before = bank.column;
  bank.closed = closed ? 0 : activate - t.nRP;
  bank.row = row;
  bank.precharge = activate + t.nRAS;
  bank.column = activate + (write ? t.nRCDWR : t.nRCD);
  return bank.column;
}

Cycle Banks::transfer(std::uint64_t line, bool write, Cycle now) {
  const DramTiming& t = config_.timing;
  const DramLocation at = map_.locate(line * 64);
  Channel& channel = channels_[at.channel];
  Bank& bank = channel.banks[at.bank_id];
  const Cycle arrived = clocks_.memory.cycle_at_or_after(clocks_.core.tick_of(now));
  Cycle column = open(bank, at.row, write, arrived);
  const Cycle latency = (write ? config_.write_data_end() : config_.read_data_end()) - t.nBL;
  const Cycle begin = std::max(column + latency, channel.bus_free);
  column = begin - latency;
  channel.bus_free = begin + t.nBL;
  if (bank.row != at.row)
    return clocks_.core.cycle_at_or_after(clocks_.memory.tick_of(begin + t.nBL));
  bank.column = std::max(bank.column, column + t.nCCD_L);
  bank.precharge = std::max(bank.precharge, write ? begin + t.nBL + t.nWR : column + t.nRTP);
  return clocks_.core.cycle_at_or_after(clocks_.memory.tick_of(begin + t.nBL));
}

// Rows that are open are left out: what repeats but for them is near enough.
void Banks::save(Snapshot& state) const {
  for (const Channel& channel : channels_)
    state.time(clocks_.core.cycle_at_or_after(clocks_.memory.tick_of(channel.bus_free)));
}

void Banks::shift(Cycle cycles) {
  const Cycle by = clocks_.memory.cycle_at_or_after(clocks_.core.tick_of(cycles));
  for (Channel& channel : channels_) {
    channel.bus_free += by;
    for (Bank& bank : channel.banks) {
      bank.column += by;
      bank.precharge += by;
      bank.closed += by;
      bank.column_before += by;
    }
  }
}

}  // namespace chasm::walk
