#include "mapper/walk_link.h"

#include <cmath>

#include "models/arch/dram_link.h"

namespace chasm::walk {
namespace {

std::uint64_t parts(double bytes_per_cycle) {
  return std::max<std::uint64_t>(1,
                                 static_cast<std::uint64_t>(std::round(bytes_per_cycle * 65536)));
}

}  // namespace

Link::Link(const ArchSpec& arch) {
  const DramSpec& dram = arch.dram;
  if (dram.is_ideal()) {
    bandwidth_ = parts(dram.bandwidth_bytes_per_cycle);
    latency_ = dram.latency_cycles;
    channels_.resize(dram.channels);
  } else {
    const DramLink link = dram_link(arch);
    bandwidth_ = parts(link.bytes_per_cycle);
    latency_ = static_cast<Cycle>(link.latency_cycles);
    channels_.resize(1);
  }
  constexpr std::uint64_t kLine = 64 * 65536;
  line_cycles_ = kLine / bandwidth_;
  line_part_ = kLine % bandwidth_;
}

}  // namespace chasm::walk
