// What a step on a systolic array costs beyond its iterations: filling and draining the array, once
// a fold (docs/microarchitecture.md, section 8).
#pragma once

#include "base/units.h"
#include "models/arch/arch_spec.h"
#include "models/program/operation.h"

namespace chasm {

class FoldSkew {
 public:
  FoldSkew(const Operation&, const ChunkSpec&);

  // Of the next step, at these offsets of the dimensions, whose iterations take `cycles`.
  Cycle before_step(const DimArray<std::uint64_t>& offsets, Cycle cycles);

 private:
  Cycle preload_, fill_and_drain_;
  bool overlap_;
  const TensorAccess& stationary_;
  bool started_ = false;
  DimArray<std::uint64_t> offsets_;  // of the running fold
  Cycle streamed_ = 0;               // cycles of its steps so far
};

}  // namespace chasm
