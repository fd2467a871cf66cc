#include "mapper/walk_link.h"

#include <cmath>

namespace chasm::walk {
namespace {

std::uint64_t parts(double bytes_per_cycle) {
  return std::max<std::uint64_t>(1,
                                 static_cast<std::uint64_t>(std::round(bytes_per_cycle * 65536)));
}

}  // namespace

Link::Link(const ArchSpec& arch) {
  if (!arch.dram.is_ideal()) {
    banks_.emplace(arch);
    return;
  }
  constexpr std::uint64_t kLine = 64 * 65536;
  bandwidth_ = parts(arch.dram.bandwidth_bytes_per_cycle);
  latency_ = arch.dram.latency_cycles;
  line_cycles_ = kLine / bandwidth_;
  line_part_ = kLine % bandwidth_;
  channels_.resize(arch.dram.channels);
}

}  // namespace chasm::walk
