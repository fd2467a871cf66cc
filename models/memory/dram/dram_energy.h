// Energy of a DRAM from its supply currents, command by command: what a command adds to standing
// by, standing by in each state, and the data pins apart from the core.
#pragma once

#include <string>
#include <vector>

#include "models/memory/dram/dram_config.h"
#include "models/memory/dram/dram_stats.h"

namespace chasm {

// Of all devices of a rank.
struct DramUnitEnergy {
  double activate = 0;         // pJ, with the precharge that ends it
  double read = 0, write = 0;  // pJ a burst
  double refresh = 0, refresh_bank = 0;
  double active_standby = 0, precharge_standby = 0;        // pJ a cycle
  double active_power_down = 0, precharge_power_down = 0;  // pJ a cycle
  double io_read = 0, io_write = 0;                        // pJ a burst, of the pins
};
DramUnitEnergy dram_unit_energy(const DramConfig&);

struct DramEnergyLine {
  std::string action;
  std::uint64_t count = 0;
  double unit_pj = 0;
  bool io = false;
  double total_pj() const { return static_cast<double>(count) * unit_pj; }
};
// Every action there is, in a fixed order, also those that did not happen.
std::vector<DramEnergyLine> dram_energy(const DramConfig&, const DramStats&);

}  // namespace chasm
