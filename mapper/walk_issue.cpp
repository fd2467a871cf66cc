#include "mapper/walk_issue.h"

namespace chasm::walk {

Issue::Issue(const Program& program, const ChunkSpec& chunk, Cycle begin)
    : operation_(program.operation),
      cursor_(program, program.dram.size() + program.buffer.size()),
      lanes_(chunk.pe_operations(arithmetic_of(program.operation.kind))),
      advanced_(cursor_.depth()),
      end_(begin),
      systolic_(chunk.interconnect == Interconnect::systolic),
      overlap_(chunk.overlap_folds) {
  CHECK(lanes_ > 0, "\"{}\" cannot run on \"{}\"", operation_.name, chunk.name);
  const DimArray<std::uint64_t> rf = rf_tile(program);
  for (const Dim d : kAllDims)
    if (rf[d] > 1) extents_.push_back({d, rf[d]});
  if (!systolic_) return;
  preload_ = chunk.dataflow == Dataflow::os ? 0 : chunk.rows;
  fill_and_drain_ = Cycle{chunk.rows} + chunk.cols - 2;
  const Operand stays = chunk.dataflow == Dataflow::os   ? Operand::output
                        : chunk.dataflow == Dataflow::ws ? Operand::weight
                                                         : Operand::input;
  for (const Dim d : kAllDims)
    if (operation_.of(stays).depends_on(d)) stationary_.push_back(d);
}

// A fold is filled and drained once; with overlap just what the fold before does not hide.
Cycle Issue::skew(Cycle cycles) {
  const DimArray<std::uint64_t>& at = cursor_.offsets();
  const bool same = in_fold_ && std::all_of(stationary_.begin(), stationary_.end(),
                                            [&](Dim d) { return at[d] == fold_[d]; });
  Cycle paid = 0;
  if (!same) {
    paid = in_fold_ && overlap_ ? preload_ - std::min(preload_, streamed_)
                                : preload_ + fill_and_drain_;
    streamed_ = 0;
  }
  in_fold_ = true;
  fold_ = at;
  streamed_ += cycles;
  return paid;
}

void Issue::issue(Cycle start) {
  std::uint64_t iterations = 1;
  for (const Extent& e : extents_)
    iterations *= std::min(e.rf, operation_.bounds[e.dim] - cursor_.offsets()[e.dim]);
  const Cycle cycles = ceil_div(iterations, lanes_);
  end_ = start + cycles + (systolic_ ? skew(cycles) : 0);
  ++step_;
  done_ = !cursor_.advance();
  if (!done_) advanced_ = std::min(advanced_, cursor_.outermost_changed());
}

void Issue::save(Snapshot& state) const {
  state.number(done_ ? 1 : 0);
  state.time(end_);
  state.number(std::min(streamed_, preload_));
}

void Issue::shift(std::size_t loop, std::uint64_t iterations, std::uint64_t steps, Cycle cycles) {
  const DimArray<std::uint64_t> before = cursor_.offsets();
  cursor_.skip(loop, iterations);
  for (const Dim d : kAllDims) fold_[d] += cursor_.offsets()[d] - before[d];
  step_ += steps;
  end_ += cycles;
}

}  // namespace chasm::walk
