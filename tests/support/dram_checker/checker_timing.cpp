#include "tests/support/dram_checker/checker_timing.h"

#include <algorithm>

namespace chasm::testing_support {

// JESD79-3F (DDR3-1600K, 4 Gb), JESD79-4B (DDR4-2400R and 3200AA, 8 Gb), JESD209-4B (LPDDR4-3200,
// 8 Gb), JESD209-5B (LPDDR5-6400, 8 Gb, bank groups), JESD235B class (HBM2 at 2 Gb/s).
const std::vector<CheckerTiming>& checker_timings() {
  static const std::vector<CheckerTiming> all = [] {
    CheckerTiming ddr3{};
    ddr3.standard = "DDR3-1600";
    ddr3.bank_groups = 1, ddr3.banks_per_group = 8;
    ddr3.act_length = ddr3.column_length = ddr3.row_length = 1;
    ddr3.burst = 4, ddr3.cl = 11, ddr3.cwl = 8;
    ddr3.rcd = ddr3.rcd_write = ddr3.rp = ddr3.rp_all = 11;
    ddr3.ras = 28, ddr3.rc = 39, ddr3.rrd_s = ddr3.rrd_l = 5, ddr3.faw = 24;
    ddr3.ccd_s = ddr3.ccd_l = 4, ddr3.wr = 12, ddr3.wtr_s = ddr3.wtr_l = 6, ddr3.rtp = 6;
    ddr3.bus_turn = 2, ddr3.rank_switch = 2, ddr3.refi = 6240, ddr3.rfc = 208;
    ddr3.ppd = 1, ddr3.xp = 5, ddr3.cke = 4;

    CheckerTiming slow4 = ddr3;
    slow4.standard = "DDR4-2400";
    slow4.bank_groups = 4, slow4.banks_per_group = 4;
    slow4.cl = 16, slow4.cwl = 12;
    slow4.rcd = slow4.rcd_write = slow4.rp = slow4.rp_all = 16;
    slow4.ras = 39, slow4.rc = 55, slow4.rrd_s = 4, slow4.rrd_l = 6, slow4.faw = 26;
    slow4.ccd_s = 4, slow4.ccd_l = 6, slow4.wr = 18, slow4.wtr_s = 3, slow4.wtr_l = 9;
    slow4.rtp = 9, slow4.refi = 9363, slow4.rfc = 421, slow4.xp = 8, slow4.cke = 6;

    CheckerTiming fast4 = slow4;
    fast4.standard = "DDR4-3200";
    fast4.cl = 22, fast4.cwl = 16;
    fast4.rcd = fast4.rcd_write = fast4.rp = fast4.rp_all = 22;
    fast4.ras = 52, fast4.rc = 74, fast4.rrd_s = 4, fast4.rrd_l = 8, fast4.faw = 34;
    fast4.ccd_l = 8, fast4.wr = 24, fast4.wtr_s = 4, fast4.wtr_l = 12, fast4.rtp = 12;
    fast4.refi = 12480, fast4.rfc = 560, fast4.xp = 10, fast4.cke = 8;

    CheckerTiming low4{};
    low4.standard = "LPDDR4-3200";
    low4.bank_groups = 1, low4.banks_per_group = 8;
    low4.act_length = low4.column_length = 4, low4.row_length = 2;
    low4.burst = 8, low4.cl = 28, low4.cwl = 14, low4.rcd = low4.rcd_write = 29;
    low4.rp = 29, low4.rp_all = 34, low4.ras = 68, low4.rc = 97;
    low4.rrd_s = low4.rrd_l = 16, low4.faw = 64, low4.ccd_s = low4.ccd_l = 8, low4.wr = 29;
    low4.wtr_s = low4.wtr_l = 16, low4.rtp = 12, low4.bus_turn = 2, low4.rank_switch = 2;
    low4.refi = 6246, low4.rfc = 448, low4.refi_bank = 780, low4.rfc_bank = 224, low4.ppd = 4;
    low4.dqsck = 6, low4.dqss = 1, low4.xp = 12, low4.cke = 12;

    CheckerTiming low5{};
    low5.standard = "LPDDR5-6400";
    low5.bank_groups = 4, low5.banks_per_group = 4;
    low5.act_length = 2, low5.column_length = low5.row_length = 1;
    low5.burst = 2, low5.cl = 17, low5.cwl = 9, low5.rcd = low5.rcd_write = 15;
    low5.rp = 15, low5.rp_all = 17, low5.ras = 34, low5.rc = 49;
    low5.rrd_s = low5.rrd_l = 4, low5.faw = 16, low5.ccd_s = 2, low5.ccd_l = 4, low5.wr = 28;
    low5.wtr_s = 5, low5.wtr_l = 10, low5.rtp = 6, low5.bus_turn = 1, low5.rank_switch = 2;
    low5.refi = 3124, low5.rfc = 168, low5.refi_bank = 195, low5.rfc_bank = 96, low5.ppd = 2;
    low5.xp = 6, low5.cke = 6;

    CheckerTiming hbm{};
    hbm.standard = "HBM2";
    hbm.bank_groups = 4, hbm.banks_per_group = 4;
    hbm.act_length = hbm.column_length = hbm.row_length = 1;
    hbm.burst = 2, hbm.cl = 14, hbm.cwl = 5, hbm.rcd = 14, hbm.rcd_write = 12;
    hbm.rp = hbm.rp_all = 14, hbm.ras = 34, hbm.rc = 48, hbm.rrd_s = hbm.rrd_l = 4, hbm.faw = 15;
    hbm.ccd_s = 2, hbm.ccd_l = 4, hbm.wr = 16, hbm.wtr_s = 6, hbm.wtr_l = 8, hbm.rtp = 5;
    hbm.bus_turn = 2, hbm.rank_switch = 2, hbm.refi = 3900, hbm.rfc = 350;
    hbm.refi_bank = 243, hbm.rfc_bank = 160, hbm.ppd = 1, hbm.xp = 8, hbm.cke = 8;
    return std::vector<CheckerTiming>{ddr3, slow4, fast4, low4, low5, hbm};
  }();
  return all;
}

const CheckerTiming& checker_timing(const std::string& standard) {
  const auto& all = checker_timings();
  return *std::find_if(all.begin(), all.end(),
                       [&](const CheckerTiming& t) { return t.standard == standard; });
}

}  // namespace chasm::testing_support
