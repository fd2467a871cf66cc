#include "models/memory/dram/dram_stats.h"

#include <algorithm>

namespace chasm {

void DramStats::add(const DramStats& other) {
  for (std::size_t c = 0; c < kDramCommands; ++c) commands[c] += other.commands[c];
  for (std::size_t c = 0; c < kDramLost; ++c) lost[c] += other.lost[c];
  reads += other.reads;
  writes += other.writes;
  forwarded += other.forwarded;
  read_latency.add(other.read_latency);
  bus_busy += other.bus_busy;
  last_data = std::max(last_data, other.last_data);
  steps += other.steps;
  active_standby += other.active_standby;
  precharge_standby += other.precharge_standby;
  active_power_down += other.active_power_down;
  precharge_power_down += other.precharge_power_down;
}

}  // namespace chasm
