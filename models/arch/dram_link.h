// The DRAM of an architecture as the rest of the machine sees it.
#pragma once

#include <optional>
#include <string>

#include "base/clock_domain.h"
#include "models/arch/arch_spec.h"

namespace chasm {

// The configuration behind a standard other than "ideal". Problems are reported at /dram.
std::optional<DramConfig> read_bank_dram(const DramSpec&, const std::string& file, Diagnostics&);
// The same of a checked architecture.
DramConfig bank_dram(const DramSpec&);

// Clocks with a common tick. The memory's is the core's where the DRAM is ideal.
struct MachineClocks {
  ClockDomain core, memory;
};
// Throws Error (invalid input) where they have none.
MachineClocks machine_clocks(const ArchSpec&);

// What a channel of the ideal DRAM moves, in 1/65536 byte a core cycle: the bandwidth of its
// specification, rounded. Every time and every bound follows from this number.
std::uint64_t ideal_bandwidth(const DramSpec&);
inline constexpr std::uint64_t kBandwidthUnits = 65536;  // of a byte a cycle

// Of all channels together, in core cycles.
struct DramLink {
  double bytes_per_cycle = 0;  // peak
  double latency_cycles = 0;   // of an idle memory, the row not open: request to data
};
DramLink dram_link(const ArchSpec&);

}  // namespace chasm
