#include "models/chunk/fold_skew.h"

#include <algorithm>

namespace chasm {
namespace {

constexpr Operand stationary_operand(Dataflow dataflow) {
  switch (dataflow) {
    case Dataflow::os:
      return Operand::output;
    case Dataflow::ws:
      return Operand::weight;
    case Dataflow::is:
      break;
  }
  return Operand::input;
}

}  // namespace

FoldSkew::FoldSkew(const Operation& operation, const ChunkSpec& chunk)
    : preload_(chunk.dataflow == Dataflow::os ? 0 : chunk.rows),
      fill_and_drain_(Cycle{chunk.rows} + chunk.cols - 2),
      overlap_(chunk.overlap_folds),
      stationary_(operation.of(stationary_operand(chunk.dataflow))) {}

Cycle FoldSkew::before_step(const DimArray<std::uint64_t>& offsets, Cycle cycles) {
  const bool same_fold = started_ && std::all_of(kAllDims.begin(), kAllDims.end(), [&](Dim d) {
                           return offsets[d] == offsets_[d] || !stationary_.depends_on(d);
                         });
  Cycle skew = 0;
  if (!same_fold) {
    const bool hidden = started_ && overlap_;
    skew = hidden ? preload_ - std::min(preload_, streamed_) : preload_ + fill_and_drain_;
    streamed_ = 0;
  }
  started_ = true;
  offsets_ = offsets;
  streamed_ += cycles;
  return skew;
}

}  // namespace chasm
