// What a DRAM did: counts and cycles of the memory clock, from which bandwidth and energy follow.
#pragma once

#include <array>
#include <cstdint>

#include "models/memory/dram/dram_command.h"
#include "models/memory/dram/latency_histogram.h"

namespace chasm {

// Why the data bus of a channel was not in use.
enum class DramLost {
  idle,        // no request was waiting
  refresh,     // the rank was being refreshed
  activates,   // the row had to be opened first, or the window of four activates was full
  turnaround,  // from reads to writes or back, or to another rank
  spacing      // bursts of one bank group, or the command bus
};
inline constexpr std::size_t kDramLost = 5;
inline constexpr std::array<const char*, kDramLost> kDramLostNames = {
    "idle", "refresh", "activates", "turnaround", "spacing"};

struct DramStats {
  std::array<std::uint64_t, kDramCommands> commands{};
  std::uint64_t reads = 0, writes = 0;  // requests answered
  std::uint64_t forwarded = 0;          // reads answered out of the write queue, without a burst
  LatencyHistogram read_latency;        // from acceptance to the end of the data
  Cycle bus_busy = 0;                   // data bus cycles with a beat, of all channels
  std::array<Cycle, kDramLost> lost{};  // the others, up to the end
  Cycle last_data = 0;                  // the end of the last burst
  std::uint64_t steps = 0;              // times the scheduler looked

  // Rank cycles by state; they add up to ranks x cycles.
  Cycle active_standby = 0, precharge_standby = 0;
  Cycle active_power_down = 0, precharge_power_down = 0;

  std::uint64_t count(DramCommand c) const { return commands[index_of(c)]; }
  std::uint64_t bursts() const {
    return count(DramCommand::read) + count(DramCommand::read_precharge) +
           count(DramCommand::write) + count(DramCommand::write_precharge);
  }
  // 1 - activates / bursts, as the simulators of the field define it: negative where rows closed by
  // refresh are opened twice. 0 of none.
  double row_hit_rate() const {
    const auto all = static_cast<double>(bursts());
    return all > 0 ? 1 - static_cast<double>(count(DramCommand::activate)) / all : 0;
  }
  void add(const DramStats&);  // another channel
};

}  // namespace chasm
