#include "tests/support/dram_checker/dram_checker.h"

#include <algorithm>

namespace chasm::testing_support {
namespace {

bool is_read(const CheckedCommand& c) { return c.name == "RD" || c.name == "RDA"; }
bool is_write(const CheckedCommand& c) { return c.name == "WR" || c.name == "WRA"; }
bool is_column(const CheckedCommand& c) { return is_read(c) || is_write(c); }
bool is_precharge(const CheckedCommand& c) { return c.name == "PRE" || c.name == "PREA"; }
bool is_refresh(const CheckedCommand& c) { return c.name == "REF" || c.name == "REFB"; }
bool of_whole_rank(const CheckedCommand& c) {
  return c.name == "PREA" || c.name == "REF" || c.name == "PDE" || c.name == "PDX";
}
bool same_bank(const CheckedCommand& a, const CheckedCommand& b) {
  return a.rank == b.rank && a.group == b.group && a.bank == b.bank;
}

}  // namespace

std::int64_t DramChecker::length(const CheckedCommand& c) const {
  if (c.name == "ACT") return t_.act_length;
  return is_column(c) ? t_.column_length : t_.row_length;
}

std::int64_t DramChecker::data_begin(const CheckedCommand& c) const {
  return last_cycle(c) + (is_read(c) ? t_.cl + t_.dqsck : t_.cwl + t_.dqss);
}

void DramChecker::command(const CheckedCommand& now) {
  check_rows(now);
  for (const CheckedCommand& earlier : past_) {
    check_bus(earlier, now);
    if (earlier.rank == now.rank) check_rank(earlier, now);
    const bool meets = earlier.rank == now.rank &&
                       (of_whole_rank(earlier) || of_whole_rank(now) || same_bank(earlier, now));
    if (meets) check_bank(earlier, now);
  }
  if (now.name == "ACT") check_four_activates(now);
  if (is_refresh(now)) check_refresh_interval(now);
  update(now);
}

// What all ranks share: the command bus and the data bus.
void DramChecker::check_bus(const CheckedCommand& earlier, const CheckedCommand& now) {
  require(now.cycle >= earlier.cycle + length(earlier), "command bus");
  if (!is_column(earlier) || !is_column(now)) return;
  const bool other_rank = earlier.rank != now.rank;
  const std::int64_t gap = data_begin(now) - data_end(earlier);
  require(gap >= 0, "data bus");
  if (other_rank) require(gap >= t_.rank_switch, "tRTRS");
}

// Between banks of a rank, and for the rank as a whole.
void DramChecker::check_rank(const CheckedCommand& earlier, const CheckedCommand& now) {
  const bool same_group = earlier.group == now.group;
  const bool both_activate = earlier.name == "ACT" && now.name == "ACT";
  if (both_activate) require(apart(earlier, now, t_.rrd_s), "tRRD_S");
  if (both_activate && same_group) require(apart(earlier, now, t_.rrd_l), "tRRD_L");
  if ((is_read(earlier) && is_read(now)) || (is_write(earlier) && is_write(now))) {
    require(apart(earlier, now, t_.ccd_s), "tCCD_S");
    if (same_group) require(apart(earlier, now, t_.ccd_l), "tCCD_L");
  }
  if (is_write(earlier) && is_read(now)) {
    const std::int64_t after_data = last_cycle(now) - data_end(earlier);
    require(after_data >= t_.wtr_s, "tWTR_S");
    if (same_group) require(after_data >= t_.wtr_l, "tWTR_L");
  }
  // Counted to where write data begin without the delay of their strobe.
  if (is_read(earlier) && is_write(now))
    require(last_cycle(now) + t_.cwl - data_end(earlier) >= t_.bus_turn, "tRTW");
  if (is_precharge(earlier) && is_precharge(now)) require(apart(earlier, now, t_.ppd), "tPPD");
  if (earlier.name == "REFB" && (is_refresh(now)))
    require(apart(earlier, now, t_.rfc_bank), "tRFCpb");
  if ((earlier.name == "REFB" && now.name == "ACT") ||
      (earlier.name == "ACT" && now.name == "REFB"))
    require(apart(earlier, now, t_.rrd_s), "tRRD of REFB");
  if (earlier.name == "PDX")
    require(apart(earlier, now, now.name == "PDE" ? t_.cke : t_.xp), "tXP");
  if (earlier.name == "PDE" && now.name == "PDX") require(apart(earlier, now, t_.cke), "tCKE");
  if (now.name == "PDE") {
    if (is_read(earlier)) require(last_cycle(now) > data_end(earlier), "data before PDE");
    if (is_write(earlier))
      require(last_cycle(now) > data_end(earlier) + t_.wr, "write recovery before PDE");
  }
}

// Between commands that concern one bank.
void DramChecker::check_bank(const CheckedCommand& earlier, const CheckedCommand& now) {
  const bool row_command = now.name == "ACT" || is_refresh(now);
  if (earlier.name == "ACT") {
    if (now.name == "RD" || now.name == "RDA") require(apart(earlier, now, t_.rcd), "tRCD");
    if (is_write(now)) require(apart(earlier, now, t_.rcd_write), "tRCD of writes");
    if (is_precharge(now)) require(apart(earlier, now, t_.ras), "tRAS");
    if (row_command) require(apart(earlier, now, t_.rc), "tRC");
  }
  if (earlier.name == "RD" && is_precharge(now)) require(apart(earlier, now, t_.rtp), "tRTP");
  if (earlier.name == "WR" && is_precharge(now))
    require(last_cycle(now) >= data_end(earlier) + t_.wr, "tWR");
  if (!row_command) return;
  if (earlier.name == "PRE") require(apart(earlier, now, t_.rp), "tRP");
  if (earlier.name == "PREA") require(apart(earlier, now, t_.rp_all), "tRPab");
  if (earlier.name == "REF") require(apart(earlier, now, t_.rfc), "tRFC");
  if (earlier.name == "REFB" && same_bank(earlier, now))
    require(apart(earlier, now, t_.rfc_bank), "tRFCpb");
  if (earlier.name == "RDA" || earlier.name == "WRA") check_own_precharge(earlier, now);
}

// The device precharges itself when it may, and not before tRAS.
void DramChecker::check_own_precharge(const CheckedCommand& earlier, const CheckedCommand& now) {
  std::int64_t begins = is_read(earlier) ? last_cycle(earlier) + t_.rtp : data_end(earlier) + t_.wr;
  const auto activate = std::find_if(past_.rbegin(), past_.rend(), [&](const CheckedCommand& c) {
    return c.name == "ACT" && same_bank(c, earlier) && c.cycle < earlier.cycle;
  });
  if (activate != past_.rend()) begins = std::max(begins, last_cycle(*activate) + t_.ras);
  require(last_cycle(now) >= begins + t_.rp, "tRP after auto-precharge");
}

void DramChecker::check_rows(const CheckedCommand& now) {
  const BankKey bank = {now.rank, now.group, now.bank};
  const auto open = open_.find(bank);
  const bool is_open = open != open_.end();
  require(!down_[now.rank] || now.name == "PDX", "command in power-down");
  if (now.name == "PDX") require(down_[now.rank], "PDX without PDE");
  if (now.name == "ACT") require(!is_open, "ACT of an open bank");
  if (now.name == "PRE") require(is_open, "PRE of a closed bank");
  if (now.name == "REFB") require(!is_open, "REFB of an open bank");
  if (is_column(now)) require(is_open && open->second == now.row, "wrong row");
  if (now.name == "REF")
    for (const auto& [key, row] : open_) require(key[0] != now.rank, "REF with an open bank");
}

void DramChecker::check_four_activates(const CheckedCommand& now) {
  std::vector<const CheckedCommand*> activates;
  for (const CheckedCommand& earlier : past_)
    if (earlier.name == "ACT" && earlier.rank == now.rank) activates.push_back(&earlier);
  if (activates.size() >= 4) require(apart(*activates[activates.size() - 4], now, t_.faw), "tFAW");
}

// At most eight refreshes may be owed: nine intervals between two, and what closing the rows takes.
void DramChecker::check_refresh_interval(const CheckedCommand& now) {
  const bool one = now.name == "REFB";
  const auto before = refreshed_.find(now.rank);
  const std::int64_t since = before == refreshed_.end() ? 0 : before->second.cycle;
  const std::int64_t slack = 2 * t_.rc + t_.wr + t_.cwl;
  require(now.cycle - since <= 9 * (one ? t_.refi_bank : t_.refi) + slack, "tREFI");
}

void DramChecker::update(const CheckedCommand& now) {
  const BankKey bank = {now.rank, now.group, now.bank};
  if (now.name == "ACT") open_[bank] = now.row;
  if (now.name == "PRE" || now.name == "RDA" || now.name == "WRA") open_.erase(bank);
  if (now.name == "PREA")
    for (auto at = open_.begin(); at != open_.end();)
      at = at->first[0] == now.rank ? open_.erase(at) : std::next(at);
  if (is_refresh(now)) refreshed_.insert_or_assign(now.rank, now);
  if (now.name == "PDE") down_[now.rank] = true;
  if (now.name == "PDX") down_[now.rank] = false;
  past_.push_back(now);
  const std::int64_t reach = std::max({t_.rfc, t_.rfc_bank, t_.rc, t_.faw}) + t_.rc + t_.wr + 64;
  while (past_.front().cycle < now.cycle - reach) past_.pop_front();
}

std::string DramChecker::text() const {
  std::string text;
  for (const auto& [name, count] : violations_) text += name + ": " + std::to_string(count) + "\n";
  return text;
}

}  // namespace chasm::testing_support
