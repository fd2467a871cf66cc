#include "models/memory/dram/constraint_table.h"

#include <algorithm>
#include <initializer_list>

namespace chasm {
namespace {

using C = DramCommand;
using Commands = std::initializer_list<DramCommand>;

class Table {
 public:
  explicit Table(const DramConfig& config)
      : config_(config),
        t_(config.timing),
        read_end_(t_.nCL + t_.nDQSCK + t_.nBL),
        write_end_(t_.nCWL + t_.nDQSS + t_.nBL) {}

  std::vector<DramConstraint> take() {
    bank();
    bank_group();
    rank_activates();
    rank_bursts();
    refreshes();
    power_down();
    if (config_.organisation.ranks > 1) other_ranks();
    return std::move(rows_);
  }

 private:
  // `cycles` from the last cycle of the command before to the last cycle of the one after.
  void add(Commands before, Commands after, DramLevel level, std::uint32_t cycles) {
    for (const C b : before)
      for (const C a : after) {
        const std::uint32_t later = cycles + command_cycles(config_, b);
        const std::uint32_t length = command_cycles(config_, a);
        if (later > length) rows_.push_back({b, a, level, later - length});
      }
  }

  void bank() {
    const auto level = DramLevel::bank;
    add({C::activate}, kReads, level, t_.nRCD);
    add({C::activate}, kWrites, level, t_.nRCDWR);
    add({C::activate}, {C::precharge}, level, t_.nRAS);
    add({C::activate}, {C::activate, C::refresh_bank}, level, t_.nRC);
    add({C::read}, {C::precharge}, level, t_.nRTP);
    add({C::write}, {C::precharge}, level, write_end_ + t_.nWR);
    add({C::precharge}, {C::activate, C::refresh_bank}, level, t_.nRP);
    // The device delays its own precharge until nRAS is met, which nRC stands for.
    add({C::read_precharge}, {C::activate, C::refresh_bank}, level, t_.nRTP + t_.nRP);
    add({C::write_precharge}, {C::activate, C::refresh_bank}, level, write_end_ + t_.nWR + t_.nRP);
    add({C::refresh_bank}, {C::activate}, level, t_.nRFCpb);
  }

  void bank_group() {
    const auto level = DramLevel::bank_group;
    add({C::activate}, {C::activate}, level, t_.nRRD_L);
    add(kReads, kReads, level, t_.nCCD_L);
    add(kWrites, kWrites, level, t_.nCCD_L);
    add(kWrites, kReads, level, write_end_ + t_.nWTR_L);
  }

  void rank_activates() {
    const auto level = DramLevel::rank;
    add({C::activate}, {C::activate}, level, t_.nRRD_S);
    add({C::activate}, {C::precharge_all}, level, t_.nRAS);
    add({C::read}, {C::precharge_all}, level, t_.nRTP);
    add({C::write}, {C::precharge_all}, level, write_end_ + t_.nWR);
    add({C::precharge_all}, {C::activate, C::refresh, C::refresh_bank}, level, t_.nRPab);
    add({C::precharge, C::precharge_all}, {C::precharge, C::precharge_all}, level, t_.nPPD);
  }

  void rank_bursts() {
    const auto level = DramLevel::rank;
    add(kReads, kReads, level, t_.nCCD_S);
    add(kWrites, kWrites, level, t_.nCCD_S);
    add(kReads, kWrites, level, difference(read_end_ + t_.nRTW, t_.nCWL));
    add(kWrites, kReads, level, write_end_ + t_.nWTR_S);
  }

  void refreshes() {
    const auto level = DramLevel::rank;
    add({C::activate}, {C::refresh}, level, t_.nRC);
    add({C::precharge}, {C::refresh}, level, t_.nRP);
    add({C::read_precharge}, {C::refresh}, level, t_.nRTP + t_.nRP);
    add({C::write_precharge}, {C::refresh}, level, write_end_ + t_.nWR + t_.nRP);
    add({C::refresh}, {C::activate, C::refresh, C::refresh_bank}, level, t_.nRFC);
    if (t_.nRFCpb == 0) return;
    add({C::refresh_bank}, {C::refresh, C::refresh_bank}, level, t_.nRFCpb);
    add({C::refresh_bank}, {C::activate}, level, t_.nRRD_S);
    add({C::activate}, {C::refresh_bank}, level, t_.nRRD_S);
  }

  // Data must have passed, and written data been stored, before the clock stops.
  void power_down() {
    const auto level = DramLevel::rank;
    add({C::activate, C::precharge, C::precharge_all, C::refresh, C::refresh_bank}, {C::power_down},
        level, 1);
    add(kReads, {C::power_down}, level, read_end_ + 1);
    add(kWrites, {C::power_down}, level, write_end_ + t_.nWR + 1);
    add({C::power_down}, {C::power_up}, level, t_.nCKE);
    add({C::power_up}, {C::power_down}, level, t_.nCKE);
    add({C::power_up},
        {C::activate, C::precharge, C::precharge_all, C::read, C::read_precharge, C::write,
         C::write_precharge, C::refresh, C::refresh_bank},
        level, t_.nXP);
  }

  // Bursts of two ranks keep nRTRS cycles of the data bus between them.
  void other_ranks() {
    const auto level = DramLevel::other_ranks;
    add(kReads, kReads, level, t_.nBL + t_.nRTRS);
    add(kWrites, kWrites, level, t_.nBL + t_.nRTRS);
    add(kReads, kWrites, level, difference(read_end_ + t_.nRTRS, t_.nCWL + t_.nDQSS));
    add(kWrites, kReads, level, difference(write_end_ + t_.nRTRS, t_.nCL + t_.nDQSCK));
  }

  static std::uint32_t difference(std::uint32_t a, std::uint32_t b) { return a > b ? a - b : 0; }

  static constexpr Commands kReads = {C::read, C::read_precharge};
  static constexpr Commands kWrites = {C::write, C::write_precharge};
  const DramConfig& config_;
  const DramTiming& t_;
  std::uint32_t read_end_, write_end_;  // from a command's last cycle to the end of its data
  std::vector<DramConstraint> rows_;
};

}  // namespace

std::uint32_t command_cycles(const DramConfig& config, DramCommand command) {
  if (command == C::activate) return config.command_cycles.activate;
  return is_column(command) ? config.command_cycles.column : config.command_cycles.row;
}

std::vector<DramConstraint> dram_constraints(const DramConfig& config) {
  return Table(config).take();
}

}  // namespace chasm
