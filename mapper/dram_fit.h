// Whether what a network keeps in DRAM fits there: weights, every tensor of every image, and
// scratch for spilled sums (docs/microarchitecture.md, section 5). The one check of it for all
// commands.
#pragma once

#include <cstdint>
#include <vector>

#include "base/diagnostic.h"
#include "workloads/network.h"
#include "workloads/quantization.h"
#include "models/arch/arch_spec.h"
#include "mapper/map_jobs.h"

namespace chasm {

// More than any memory has; sums of bytes end there.
inline constexpr std::uint64_t kMostDramBytes = std::uint64_t{1} << 62;

// What a tensor of so many words takes in DRAM: whole lines.
std::uint64_t dram_bytes(std::uint64_t words, std::uint32_t bits);

// Bytes of the tensor of that id, of all samples of an image.
std::uint64_t tensor_dram_bytes(const ArchSpec&, const Network&, const QuantizationPlan&,
                                std::uint32_t tensor);

// What is needed whatever the mapping is: all but scratch. `chunks`: that of every layer.
std::uint64_t least_dram_bytes(const ArchSpec&, const Network&,
                               const std::vector<std::uint32_t>& chunks,
                               const std::vector<MapJob>&);

// `bytes`: of an image. What does not fit is infeasible. An ideal memory ends where addresses do.
bool check_dram_capacity(const ArchSpec&, std::uint64_t bytes, std::uint64_t images, Diagnostics&);

}  // namespace chasm
