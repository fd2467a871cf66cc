// Which words of an activation are channels, rows and columns.
#pragma once

#include "base/rng.h"
#include "models/program/program.h"

namespace chasm::oracle {

// Axes of the tensor in this order: the batch (if there is one), channels, rows, columns. `before`
// is the access before flattening, `now` the one of the program.
void random_shape(Rng&, const TensorAccess& before, const TensorAccess& now, TensorLayout&);

// Words of the tensor in DRAM, with the padding of its blocks.
std::uint64_t words_in_dram(const TensorAccess&, const TensorLayout&);

}  // namespace chasm::oracle
