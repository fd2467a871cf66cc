// Which words of an activation are channels, which are pixels, and how they lie in DRAM.
#pragma once

#include "base/rng.h"
#include "models/arch/arch_spec.h"
#include "models/program/program.h"

namespace chasm::oracle {

// `before` is the access before flattening, `now` the one of the program.
TensorLayout random_layout(Rng&, const LayoutSpec&, const TensorAccess& before,
                           const TensorAccess& now);

// Words of the tensor in DRAM, with the padding of its blocks.
std::uint64_t words_in_dram(const TensorAccess&, const TensorLayout&);

}  // namespace chasm::oracle
