// The timing of the standards as the checker knows it: typed from the tables of the standards, not
// taken from the model's data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace chasm::testing_support {

struct CheckerTiming {
  std::string standard;
  std::int64_t bank_groups, banks_per_group;
  // Clock cycles. A command of several cycles counts from its last one.
  std::int64_t act_length, column_length, row_length;
  std::int64_t burst, cl, cwl, rcd, rcd_write, rp, rp_all, ras, rc, rrd_s, rrd_l, faw, ccd_s, ccd_l;
  std::int64_t wr, wtr_s, wtr_l, rtp, bus_turn, rank_switch, refi, rfc, refi_bank, rfc_bank, ppd;
  std::int64_t dqsck, dqss, xp, cke;
};

const std::vector<CheckerTiming>& checker_timings();
const CheckerTiming& checker_timing(const std::string& standard);

}  // namespace chasm::testing_support
