#include "mapper/dram_fit.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"
#include "models/arch/dram_link.h"
#include "mapper/build_program.h"

namespace chasm {
namespace {

constexpr std::uint64_t kLineBytes = 64;

std::uint64_t plus(std::uint64_t a, std::uint64_t b) { return std::min(a + b, kMostDramBytes); }

std::uint64_t capacity_of(const DramSpec& dram) {
  return dram.is_ideal() ? kMostDramBytes - 1 : bank_dram(dram).organisation.lines() * kLineBytes;
}

}  // namespace

std::uint64_t dram_bytes(std::uint64_t words, std::uint32_t bits) {
  if (bits > 0 && words > kMostDramBytes / bits) return kMostDramBytes;
  return ceil_div(packed_bytes(words, bits), kLineBytes) * kLineBytes;
}

std::uint64_t tensor_dram_bytes(const ArchSpec& arch, const Network& network,
                                const QuantizationPlan& plan, std::uint32_t tensor) {
  const bool constant = tensor < network.inputs.size() && network.inputs[tensor].constant;
  const Shape shape = network.tensor_shape(tensor);
  const std::uint64_t words = shape.size() * (constant ? 1 : network.batch);
  return dram_bytes(layout_of(arch.layout, shape).stored_words(words), plan.tensor_bits[tensor]);
}

std::uint64_t least_dram_bytes(const ArchSpec& arch, const Network& network,
                               const std::vector<std::uint32_t>& chunks,
                               const std::vector<MapJob>& jobs) {
  std::vector<LayerWidths> widths;
  for (const std::uint32_t chunk : chunks) widths.push_back(widths_of(arch.chunks[chunk]));
  const QuantizationPlan plan = plan_quantization(network, widths);
  std::uint64_t bytes = 0;
  for (std::uint32_t t = 0; t < network.tensor_count(); ++t)
    bytes = plus(bytes, tensor_dram_bytes(arch, network, plan, t));
  for (const MapJob& job : jobs)
    for (std::size_t o = 0; o < kOperands; ++o) {
      const TensorAccess& access = job.prototype.operation.access[o];
      if (!access.used || !access.is_parameter) continue;
      const std::uint64_t one = dram_bytes(access.words, job.prototype.placement[o].bits);
      bytes = one > kMostDramBytes / job.names.size() ? kMostDramBytes
                                                      : plus(bytes, one * job.names.size());
    }
  return bytes;
}

bool check_dram_capacity(const ArchSpec& arch, std::uint64_t bytes, std::uint64_t images,
                         Diagnostics& diagnostics) {
  const std::uint64_t capacity = capacity_of(arch.dram);
  if (bytes <= capacity / images) return true;
  diagnostics.infeasible(arch.name, "/dram",
                         fmt::format("{} image{} of {} bytes {} not fit in the {} bytes of {}",
                                     images, images == 1 ? "" : "s", bytes,
                                     images == 1 ? "does" : "do", capacity, arch.dram.standard),
                         arch.dram.is_ideal() ? "" : "use more channels or ranks, or fewer images");
  return false;
}

}  // namespace chasm
