// Lowering: a mapped network becomes the programs the chunks execute, with every tensor at its
// place in DRAM.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/network.h"
#include "workloads/quantization.h"
#include "models/arch/arch_spec.h"
#include "models/program/program.h"
#include "mapper/mapping.h"

namespace chasm {

struct LoweredOperation {
  std::size_t layer = 0;    // index in the network
  std::uint32_t chunk = 0;  // index in the architecture
  Program program;
};

struct Lowered {
  std::vector<LoweredOperation> operations;  // in execution order, the parts of a layer consecutive
  QuantizationPlan quantization;
  std::vector<std::uint64_t> tensor_base;  // byte address, by tensor id
  std::uint64_t dram_bytes = 0;            // used; multiples of 64
};

// Checks the mapping against network and architecture and every program against its chunk. Faults
// of the mapping (missing or unknown layers and chunks, loops that make no sense) are invalid
// input, what does not fit is infeasible; they are reported at `file`, which names the mapping for
// the user. `images`: that the DRAM has to hold at a time.
std::optional<Lowered> lower(const ArchSpec&, const Network&, const Mapping&, Diagnostics&,
                             const std::string& file = "mapping", std::uint64_t images = 1);

}  // namespace chasm
