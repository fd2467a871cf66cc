// A random legal program for an operation on a chunk.
#pragma once

#include "base/rng.h"
#include "models/arch/arch_spec.h"
#include "models/program/program.h"

namespace chasm::oracle {

// Without the regions of its operands in the buffer. `order` and `block_channels` are the layout of
// all activations; the operation is flattened where the chunk is systolic.
struct ActivationOrder {
  TensorLayout::Order order;
  std::uint32_t block_channels;
};
Program random_program(Rng&, const ChunkSpec&, const Operation&, const ActivationOrder&);

}  // namespace chasm::oracle
