// A DRAM as plain numbers: organisation, timing constraints, supply currents, and how its
// controller behaves (docs/formats.md, "DRAM"). Cycles are those of the memory clock. One request
// is a 64-byte line and one burst of the channel's bus.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace chasm {

struct DramOrganisation {
  std::uint32_t channels = 1, ranks = 1, bank_groups = 1, banks_per_group = 8;
  std::uint32_t rows = 65536, columns = 1024;  // of a bank; a column is as wide as the bus
  std::uint32_t bus_bits = 64;                 // of a channel, all its devices together
  std::uint32_t devices_per_rank = 8;          // for energy: currents are those of one device
  std::uint32_t burst_length = 8;              // beats

  std::uint32_t banks_per_rank() const { return bank_groups * banks_per_group; }
  std::uint32_t banks() const { return ranks * banks_per_rank(); }  // of a channel
  std::uint32_t lines_per_row() const { return columns * (bus_bits / 8) / 64; }
  std::uint64_t lines() const {  // of all channels
    return std::uint64_t{channels} * banks() * rows * lines_per_row();
  }
};

// Names as in the standards, cycles. Where a standard has no bank groups, _L equals _S.
struct DramTiming {
  std::uint32_t nBL = 4;  // data bus cycles of a burst
  std::uint32_t nCL = 16, nCWL = 12, nRCD = 16, nRCDWR = 16, nRP = 16, nRPab = 16, nRAS = 39;
  std::uint32_t nRC = 55, nRRD_S = 4, nRRD_L = 6, nFAW = 26, nCCD_S = 4, nCCD_L = 6;
  std::uint32_t nWR = 18, nWTR_S = 3, nWTR_L = 9, nRTP = 9;
  std::uint32_t nRTW = 2;   // bus cycles between the end of read data and write data
  std::uint32_t nRTRS = 2;  // bus cycles between data of different ranks
  std::uint32_t nREFI = 9363, nRFC = 421;
  std::uint32_t nREFIpb = 0, nRFCpb = 0;  // per-bank refresh; 0: the standard has none
  std::uint32_t nPPD = 1;                 // precharge to precharge
  std::uint32_t nDQSCK = 0, nDQSS = 0;    // data strobe delays of reads and writes
  std::uint32_t nXP = 8, nCKE = 6;        // power-down exit, and least stay
};

// Cycles a command occupies the command bus. Constraints hold between the last cycles of commands.
struct DramCommandCycles {
  std::uint32_t activate = 1, column = 1, row = 1;  // row: precharge, refresh, power-down
};

// Currents of one device on one supply, mA, by the names of the standards.
struct DramRail {
  std::string name, source;
  double volts = 0;
  double idd0 = 0, idd2n = 0, idd2p = 0, idd3n = 0, idd3p = 0, idd4r = 0, idd4w = 0, idd5b = 0;
  double idd5pb = 0;  // 0: not given
};

struct DramPower {
  std::vector<DramRail> rails;
  double io_read_pj_per_bit = 0, io_write_pj_per_bit = 0;
  std::string io_source;
};

enum class DramScheduler { fr_fcfs, fcfs };
enum class DramPagePolicy { open, closed, timeout };
enum class DramWrites { watermark, unified };
enum class DramRefresh { all_bank, per_bank, none };

struct DramControllerSpec {
  DramScheduler scheduler = DramScheduler::fr_fcfs;
  DramPagePolicy page_policy = DramPagePolicy::open;
  std::uint32_t page_timeout = 200;  // cycles without a burst after which `timeout` closes a row
  std::uint32_t read_queue = 32, write_queue = 32;  // entries
  DramWrites writes = DramWrites::watermark;
  std::uint32_t write_high = 26, write_low = 6;  // entries at which a drain starts and ends
  DramRefresh refresh = DramRefresh::all_bank;
  std::uint32_t refresh_postpone = 0;    // refreshes that may be owed while requests wait
  std::uint32_t power_down_after = 0;    // idle cycles after which a rank powers down; 0: never
  std::uint32_t row_hit_limit = 128;     // hits that may overtake an older request of their bank
  std::uint32_t write_age_limit = 4096;  // cycles after which a waiting write forces a drain
};

struct DramConfig {
  std::string name, description;
  std::uint64_t clock_hz = 1'200'000'000;
  DramOrganisation organisation;
  DramCommandCycles command_cycles;
  DramTiming timing;
  DramPower power;
  std::string mapping;  // as written: a name such as "RoBaCoBg", or the JSON of a bit list
  DramControllerSpec controller;

  double peak_bytes_per_cycle() const {  // of all channels
    return 64.0 / timing.nBL * organisation.channels;
  }
  double cycle_ns() const { return 1e9 / static_cast<double>(clock_hz); }
  // From RD to the end of its data, from WR to the end of its data, from the command's first cycle.
  std::uint32_t read_data_end() const {
    return command_cycles.column - 1 + timing.nCL + timing.nDQSCK + timing.nBL;
  }
  std::uint32_t write_data_end() const {
    return command_cycles.column - 1 + timing.nCWL + timing.nDQSS + timing.nBL;
  }
};

// A shipped name or a path of a document, changed by `changes` (a JSON merge patch), which
// diagnostics call `changes_name`. Everything that cannot hold is reported.
std::optional<DramConfig> load_dram(const std::string& name_or_path, const Json& changes,
                                    const std::string& changes_name, Diagnostics&);

std::vector<std::string> dram_names();
std::string_view dram_text(std::string_view name);  // empty when there is none of that name
std::string_view dram_schema();

}  // namespace chasm
