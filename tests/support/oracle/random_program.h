// A random legal program for an operation on a chunk.
#pragma once

#include "base/rng.h"
#include "models/arch/arch_spec.h"
#include "models/program/program.h"

namespace chasm::oracle {

// Without the regions of its operands in the buffer. The operation is flattened where the chunk is
// systolic.
Program random_program(Rng&, const ChunkSpec&, const Operation&, const LayoutSpec&);

}  // namespace chasm::oracle
