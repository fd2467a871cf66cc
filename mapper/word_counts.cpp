#include "mapper/word_counts.h"

#include "base/check.h"
#include "base/units.h"

namespace chasm {
namespace {

constexpr auto kInput = static_cast<std::size_t>(Operand::input);
constexpr auto kOutput = static_cast<std::size_t>(Operand::output);

Deliveries deliveries(const LoopNest& nest, const OperandMoves& moves, std::size_t loops) {
  const MoveSums& first = moves.first();
  Deliveries result{first.filled, first.words, first.pe_words};
  moves.for_each_loop(nest.loops.data(), loops, [&](const MoveSums& sums, const auto&) {
    result.times += sums.filled - sums.still;
    result.words += sums.words - sums.kept;
    result.receivers += sums.pe_words - sums.pe_kept;
  });
  return result;
}

void count_operand(const WordCounts& counts, const Program& program, std::size_t o,
                   Activity& activity) {
  const WordKind kind = o == kInput ? WordKind::input : WordKind::weight;
  const Deliveries &fills = counts.fills[o], &loads = counts.loads[o];
  const bool bypass = program.bypass_buffer[o];
  activity.register_file[kind] = {counts.operations, fills.receivers};
  activity.bus_words[kind] = fills.words;
  activity.bus_receivers[kind] = fills.receivers;
  activity.buffer[kind] = {bypass ? 0 : fills.words, loads.words};
  activity.dram[kind].reads = bypass ? fills.words : loads.words;
}

}  // namespace

Activity to_activity(const WordCounts& counts, const Program& program) {
  Activity activity;
  activity.pe_operations = counts.operations;
  for (std::size_t o = 0; o < kOutput; ++o)
    if (program.operation.access[o].used) count_operand(counts, program, o, activity);
  const OutputResidencies &drains = counts.drains, &stores = counts.stores;
  for (auto* words : {&activity.bus_words, &activity.bus_receivers}) {
    (*words)[WordKind::output] = drains.complete_words;
    (*words)[WordKind::psum] = 2 * drains.spilled_words;  // out and back
  }
  activity.reduction_words = minus(drains.held_words, drains.complete_words + drains.spilled_words);
  const std::uint64_t spilled = drains.spilled_words + stores.spilled_words;
  activity.buffer[WordKind::psum] = {spilled, spilled};
  activity.buffer[WordKind::output] = {stores.complete_words, drains.complete_words};
  activity.dram[WordKind::psum] = {stores.spilled_words, stores.spilled_words};
  activity.dram[WordKind::output].writes = stores.complete_words;
  count_gated(program, activity);
  if (program.operation.is_row_op()) return activity;
  const std::uint64_t psums = counts.operations + drains.spilled_words;
  activity.register_file[WordKind::psum] = {psums, psums};
  return activity;
}

WordCounter::WordCounter(const Program& prototype)
    : bounds_(prototype.operation.bounds),
      row_op_(prototype.operation.is_row_op()),
      factors_(prototype) {
  for (const Dim d : kAllDims) {
    operations_ *= bounds_[d];
    moves_output_[d] = !prototype.operation.is_reduction(d);
    if (moves_output_[d]) output_words_ *= bounds_[d];
  }
}

// Every output tile completes once, whatever the order: when the last reduction loop is at its
// last. All words of it then are outputs; whatever else leaves comes back.
OutputResidencies WordCounter::residencies(const LoopNest& nest, const OperandMoves& moves,
                                           bool buffer) const {
  const Deliveries all = deliveries(nest, moves, buffer ? nest.dram : nest.count);
  OutputResidencies result;
  result.complete = 1;
  DimArray<std::uint64_t> tile;
  for (const Dim d : kAllDims) tile[d] = nest.array(d);
  for (std::size_t l = nest.dram; buffer && l < nest.count; ++l)
    tile[nest.loops[l].dim] *= nest.loops[l].trips;
  for (const Dim d : kAllDims)
    if (moves_output_[d]) result.complete *= ceil_div(bounds_[d], tile[d]);
  result.complete_words = output_words_;
  result.held_words = output_words_;  // of a row operation, whose sums stay in the PEs
  if (row_op_) return result;
  result.spilled = minus(all.times, result.complete);
  result.spilled_words = minus(all.words, output_words_);
  result.held_words = all.receivers;
  return result;
}

WordCounts WordCounter::count(const LoopNest& nest, const Prepared& prepared) const {
  WordCounts counts;
  counts.steps = 1;
  for (const Dim d : kAllDims) counts.steps *= ceil_div(bounds_[d], nest.array(d));
  counts.operations = operations_;
  for (std::size_t o = 0; o < kOutput; ++o) {
    if (!factors_.used(o)) continue;
    counts.fills[o] = deliveries(nest, prepared.array[o], nest.count);
    if (factors_.buffered(o)) counts.loads[o] = deliveries(nest, prepared.buffer[o], nest.dram);
  }
  counts.drains = residencies(nest, prepared.array[kOutput], false);
  if (factors_.buffered(kOutput)) counts.stores = residencies(nest, prepared.buffer[kOutput], true);
  return counts;
}

}  // namespace chasm
