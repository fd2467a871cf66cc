// Direct evaluation of layers in plain integer code: what any mapping on any accelerator must
// produce bit for bit.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/parameters.h"
#include "workloads/tensors.h"

namespace chasm {

struct GoldenOutput {
  Tensor output;                // [N][C][H][W]
  std::uint64_t overflows = 0;  // psums that left the psum width
};

// `inputs`: one stored tensor an input of the layer.
GoldenOutput golden_layer(const Network&, const QuantizationPlan&, std::size_t layer,
                          const LayerParameters&, const std::vector<const Tensor*>& inputs);

// Computes the output of every layer into data.tensors; returns the overflows of each layer.
std::vector<std::uint64_t> golden_network(const Network&, const QuantizationPlan&,
                                          NetworkData& data);

}  // namespace chasm
