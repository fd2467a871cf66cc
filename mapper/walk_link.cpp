#include "mapper/walk_link.h"

#include "models/arch/dram_link.h"

namespace chasm::walk {

Link::Link(const ArchSpec& arch) {
  if (!arch.dram.is_ideal()) {
    banks_.emplace(arch);
    return;
  }
  constexpr std::uint64_t kLine = 64 * kBandwidthUnits;
  bandwidth_ = ideal_bandwidth(arch.dram);
  latency_ = arch.dram.latency_cycles;
  line_cycles_ = kLine / bandwidth_;
  line_part_ = kLine % bandwidth_;
  channels_.resize(arch.dram.channels);
}

}  // namespace chasm::walk
