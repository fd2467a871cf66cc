#include "mapper/cost_model.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"
#include "base/units.h"
#include "models/arch/dram_link.h"
#include "mapper/ceiling.h"

namespace chasm {
namespace {

constexpr double kLineBytes = 64;
constexpr auto kOutput = static_cast<std::size_t>(Operand::output);

double real(std::uint64_t count) { return static_cast<double>(count); }

// Behind an image-to-column unit elements count instead of stored words: the search is too long for
// their edges.
Program without_im2col(Program program) {
  program.operation.of(Operand::input).im2col.reset();
  return program;
}

}  // namespace

// Lines of transfers that mostly are as long as those before them.
class CostModel::Lines {
 public:
  Lines(const LineEstimate& estimate, const LineEstimate::Tiles& tiles)
      : estimate_(estimate), tiles_(tiles) {
    lengths_.fill(-1);
  }
  double of(const Lengths& lengths) {
    if (lengths != lengths_) lines_ = estimate_.lines(tiles_, lengths), lengths_ = lengths;
    return lines_;
  }

 private:
  const LineEstimate& estimate_;
  const LineEstimate::Tiles& tiles_;
  Lengths lengths_;
  double lines_ = 0;
};

struct CostModel::Nest {
  const LoopNest& loops;
  const ArrayLevel& array;
  const BufferLevel& buffer;
};

// Sums on the way to the cycles.
struct CostModel::Timing {
  double array = 0;         // issue, and what limits it on its way into and out of the PEs
  double gap = 0;           // without issue, where the psum register file holds one tile
  double buffer_beats = 0;  // of all ports
  double serial = 0;        // DRAM transfers that no second buffer tile hides
  double pipelined =
      0;  // loads and stores that overlap: their time plus latencies, of the slowest operand
  double loaded = 0;  // loads that a second tile hides: one DMA brings the lines of both operands
  double first_load = 0, last_store = 0;
  double load_cycles = 0, store_cycles = 0;  // of the DMA at the buffer
};

CostModel::CostModel(const Program& prototype, const ChunkSpec& chunk, const ArchSpec& arch,
                     const EnergyWeights& weights)
    : prototype_(prototype),
      chunk_(chunk),
      buffer_(arch.global_buffer),
      weights_(weights),
      factors_(without_im2col(prototype)),
      lanes_(chunk.pe_operations(arithmetic_of(prototype.operation.kind))),
      dram_latency_(dram_link(arch).latency_cycles),
      line_cycles_(kLineBytes / dram_link(arch).bytes_per_cycle) {
  const Operation& operation = prototype.operation;
  for (const Dim d : kAllDims)
    if (!operation.is_reduction(d)) output_words_ *= real(operation.bounds[d]);
  for (const Dim d : kAllDims)
    if (operation.bounds[d] > 1) dims_.push_back(d);
  for (const Dim d : kAllDims) reduces_[d] = operation.is_reduction(d);
  for (std::size_t o = 0; o < kOperands; ++o) {
    const Placement& placement = prototype.placement[o];
    lines_[o] =
        LineEstimate(operation, operation.access[o], placement.layout, placement.dram_units());
  }
  psum_lines_ = LineEstimate(operation, operation.of(Operand::output), prototype.psum.layout,
                             prototype.psum.dram_units());
  const auto& width = chunk.bus_words_per_cycle;
  for (std::size_t o = 0; o < kOutput; ++o)
    fill_[o] = beats_of(o == 0 ? width.input : width.weight, prototype.placement[o].bits,
                        !prototype.bypass_buffer[o]);
  for (std::size_t o = 0; o < kOutput; ++o) pe_words_[o] = TileWords(operation.access[o]);
  drain_ = beats_of(width.output, prototype.placement[kOutput].bits, true);
  psum_drain_ = beats_of(width.output, prototype.psum.bits, true);
  psum_in_ = beats_of(width.psum_in, prototype.psum.bits, true);
  if (const auto& im2col = operation.of(Operand::input).im2col)
    density_ = Im2colElements(*im2col).density();
  if (chunk.interconnect == Interconnect::systolic)
    folds_.emplace(folds_of(operation, chunk.dataflow), Operand::output,
                   OperandFactors::Level::array);
  // A chunk has so many lines in flight at most.
  const double in_flight = (dram_latency_ + line_cycles_ + kLineBytes / buffer_.word_bytes) /
                           std::max<double>(1, chunk.dma_outstanding);
  line_cycles_ = std::max(line_cycles_, in_flight);
  // The DMA writes, and reads, one line of the buffer at a time.
  buffer_line_cycles_ = std::max(line_cycles_, std::ceil(kLineBytes / buffer_.word_bytes));
}

void CostModel::add_facts(Dim d, std::uint32_t up_to) const {
  for (std::size_t number = facts_[d].size(); number <= up_to; ++number) {
    Splits numbers{};
    numbers[d] = static_cast<std::uint32_t>(number);
    const DimTile& array = factors_.splits.array_level(numbers).splits[d]->tile;
    const DimTile& buffer = factors_.splits.buffer_level(numbers).splits[d]->tile;
    facts_[d].push_back({array.tile(), buffer.tile(), real(array.positions()),
                         real(buffer.positions()),
                         block_extents(0, array.bound, array.tile(), array.rf)});
  }
}

// A trillionth less, so that beats that are whole already are not rounded up.
double CostModel::beats_of(double words_per_cycle, double bits, bool buffered) const {
  constexpr double kLess = 1 - 1e-12;
  return std::max(kLess / words_per_cycle, buffered ? kLess * bits / 8 / buffer_.word_bytes : 0);
}

CostModel::ArrayLevel CostModel::array_level(const LoopNest& nest, const Splits& splits) const {
  ArrayLevel level;
  level.steps = 1;
  std::uint64_t pes = 1;
  DimArray<BlockExtents> blocks;
  for (const Dim d : dims_) {
    const DimFacts& dim = facts(d, splits);
    level.steps *= dim.steps;
    blocks[d] = dim.blocks;
    if (reduces_[d]) pes *= nest.spatial(d);
  }
  for (std::size_t o = 0; o < kOutput; ++o) level.pe_words[o] = real(pe_words_[o].of(nest.rf));
  level.issue_cycles = real(step_cycles(blocks, lanes_));
  if (chunk_.interconnect == Interconnect::systolic) return level;  // in the skew there
  const bool tree = chunk_.spatial_reduction == SpatialReduction::adder_tree;
  level.reduction_latency =
      real(tree ? static_cast<std::uint64_t>(std::bit_width(pes - 1)) : pes - 1);
  return level;
}

void CostModel::prepare(const Splits& splits, BufferLevel& level) const {
  const Operation& operation = prototype_.operation;
  factors_.moves(splits, level.moves);
  if (folds_) folds_->moves(factors_.splits.array_level(splits), level.folds);
  DimArray<double> positions{{1, 1, 1, 1, 1, 1, 1, 1}};
  level.iterations = level.buffer_tiles = level.array_tiles = 1;
  for (const Dim d : dims_) {
    const DimFacts& dim = facts(d, splits);
    level.array[d] = dim.array, level.tile[d] = dim.buffer;
    positions[d] = dim.positions;
    level.iterations *= dim.positions;
    if (reduces_[d]) continue;
    level.buffer_tiles *= dim.positions;
    level.array_tiles *= dim.steps;
  }
  if (const auto& im2col = operation.of(Operand::input).im2col) {
    const LevelNest buffer = factors_.splits.buffer_level(splits);
    level.box_words =
        sampled_box_words(*im2col, buffer.splits[Dim::P]->tile, buffer.splits[Dim::C]->tile);
    for (const Dim d : {Dim::N, Dim::G}) {
      level.box_words.whole *= real(operation.bounds[d]) / positions[d];
      level.box_words.next *= real(operation.bounds[d]) / positions[d];
    }
  }
  prepare_lines(positions, level);
}

// Lines of tiles of these sizes; `positions`: buffer tiles of each dimension.
void CostModel::prepare_lines(const DimArray<double>& positions, BufferLevel& level) const {
  const Operation& operation = prototype_.operation;
  for (std::size_t o = 0; o < kOutput; ++o) {
    const TensorAccess& access = operation.access[o];
    if (access.used && !access.im2col)
      lines_[o].prepare(prototype_.bypass_buffer[o] ? level.array : level.tile, level.array,
                        level.lines[o]);
  }
  if (!factors_.buffered(kOutput)) return;
  const std::vector<Axis>& axes = operation.of(Operand::output).axes;
  for (std::size_t a = 0; a < axes.size(); ++a)
    level.output_lengths[a] = axes[a].terms.empty() ? 1
                                                    : real(operation.bounds[axes[a].terms[0].dim]) /
                                                          positions[axes[a].terms[0].dim];
  lines_[kOutput].prepare(level.tile, level.array, level.lines[kOutput]);
}

// Filling and draining a systolic array, once a fold (docs/microarchitecture.md, section 8).
double CostModel::skew_cycles(const Nest& nest) const {
  if (!folds_) return 0;
  double folds = nest.buffer.folds.first().filled();
  nest.buffer.folds.for_each_loop(
      nest.loops.loops.data(), nest.loops.count,
      [&](const RealSums& sums, const auto&) { folds += sums.deliveries(); });
  const double preload = chunk_.dataflow == Dataflow::os ? 0 : chunk_.rows;
  const double whole = preload + chunk_.rows + chunk_.cols - 2;
  if (!chunk_.overlap_folds) return folds * whole;
  const double streamed = nest.array.issue_cycles / folds;
  return whole + (folds - 1) * std::max(0.0, preload - streamed);
}

// How many fills the register file lets run ahead: those whose words fit beside the tile in use.
double CostModel::fills_ahead(Operand operand, const Nest& nest, double kept_share) const {
  const auto o = static_cast<std::size_t>(operand);
  const bool is_input = operand == Operand::input;
  const double tile = nest.array.pe_words[o];
  double room =
      (is_input ? chunk_.double_buffered.input : chunk_.double_buffered.weight) ? tile : 0;
  if (is_input ? chunk_.fifo_buffered.input : chunk_.fifo_buffered.weight)
    room = (is_input ? chunk_.register_file_words.input : chunk_.register_file_words.weight) - tile;
  if (room <= 0) return 1;
  const double fill = tile * (1 - kept_share);
  return 1 + (fill > 0 ? std::floor(room / fill + 1e-9) : 1);
}

void CostModel::fills(Operand operand, const Nest& nest, Cost& cost, Timing& timing) const {
  const auto o = static_cast<std::size_t>(operand);
  if (!prototype_.operation.access[o].used) return;
  const Moves<RealSums>& moves = nest.buffer.moves.array[o];
  const bool bypass = prototype_.bypass_buffer[o], is_input = operand == Operand::input;
  double beats = 0, line_count = 0, fill_count = 0, word_count = 0;
  double receivers = 0, kept = 0, kept_of = 1;  // the latter of the innermost loop at last
  const double density = is_input ? density_ : 1;
  const auto add = [&](double times, double words) {
    fill_count += times;
    word_count += words;
    beats += times * ceiling(words / std::max(times, 1.0) * density * fill_[o]);
  };
  Lengths lengths{};
  Lines lines(lines_[o], nest.buffer.lines[o]);
  if (moves.first().filled() > 0) {
    for (std::size_t a = 0; a < moves.axes(); ++a) lengths[a] = moves.first_length(a);
    add(1, moves.first().words());
    receivers = moves.first().pe_words();
    if (bypass) line_count += lines.of(lengths);
  }
  const auto visit = [&](const RealSums& sums) {
    const double times = sums.deliveries();
    add(times, sums.new_words());
    receivers += sums.pe_new_words();
    if (times > 0) kept = sums.pe_kept(), kept_of = sums.pe_words();
    return times;
  };
  const Loop* const loops = nest.loops.loops.data();
  if (!bypass)
    moves.for_each_loop(loops, nest.loops.count,
                        [&](const RealSums& sums, const auto&) { visit(sums); });
  else
    moves.for_each_loop(loops, nest.loops.count, [&](const RealSums& sums, const auto& parts) {
      const double times = visit(sums);
      if (times == 0) return;
      parts.lengths(lengths);
      line_count += times * lines.of(lengths);
    });
  if (fill_count == 0) return;
  cost.fills[o] = fill_count;
  cost.bus_words[o] = word_count * density;
  cost.receivers[o] = receivers * density;
  const double ahead = fills_ahead(operand, nest, kept / kept_of);
  if (bypass) {
    const double fifo = std::max<double>(chunk_.prefetch_fifo_bytes, kLineBytes);
    const double window = (dram_latency_ + line_cycles_) * kLineBytes / fifo;
    beats = std::max(beats, line_count * std::max(line_cycles_, window));
    cost.loads[o] = cost.fills[o];
    cost.dram_words[o] = cost.bus_words[o];
    cost.read_lines += line_count;
  } else {
    timing.buffer_beats += beats;
  }
  // While a single psum tile drains, only the fills that may run ahead go on.
  const double hidden =
      std::min(cost.fills[o], cost.fills[kOutput]) * (ahead - 1) * beats / cost.fills[o];
  timing.array = std::max(timing.array, beats + timing.gap - std::min(timing.gap, hidden));
  const double latency = bypass ? 0 : cost.fills[o] * buffer_.latency_cycles;
  timing.array = std::max({timing.array, beats, (beats + latency + cost.issue_cycles) / ahead});
}

// Residencies in the PEs or the buffer, and their words.
struct CostModel::Outputs {
  double complete = 0, spilled = 0;  // residencies
  double all_words = 0, spilled_words = 0, held_words = 0;
  double words() const { return all_words / (complete + spilled); }  // of one
};

CostModel::Outputs CostModel::outputs(const Moves<RealSums>& moves, const Nest& nest,
                                      std::size_t count, double tiles) const {
  double times = moves.first().filled(), words = moves.first().words();
  double held = moves.first().pe_words();
  moves.for_each_loop(nest.loops.loops.data(), count, [&](const RealSums& sums, const auto&) {
    times += sums.deliveries();
    words += sums.new_words();
    held += sums.pe_new_words();
  });
  Outputs outputs{tiles, 0, output_words_, 0, output_words_};
  if (prototype_.operation.is_row_op()) return outputs;  // written once, in the last pass
  outputs.spilled = times - tiles;
  outputs.all_words = words;
  outputs.spilled_words = words - output_words_;
  outputs.held_words = held;
  return outputs;
}

void CostModel::drains(const Nest& nest, Cost& cost, Timing& timing) const {
  const Outputs drained =
      outputs(nest.buffer.moves.array[kOutput], nest, nest.loops.count, nest.buffer.array_tiles);
  const double words = drained.words();
  cost.fills[kOutput] = drained.complete + drained.spilled;
  cost.bus_words[kOutput] = drained.all_words;
  cost.psum_in_words = drained.spilled_words;
  cost.held_words = drained.held_words;
  const double drain =
      drained.complete * ceiling(words * drain_) + drained.spilled * ceiling(words * psum_drain_);
  const double read_back = drained.spilled * ceiling(words * psum_in_);
  const double latency =
      cost.fills[kOutput] * (chunk_.pipeline_depth + nest.array.reduction_latency) +
      drained.spilled * buffer_.latency_cycles;
  const double ahead = chunk_.psum_residencies();
  timing.array = std::max(
      {timing.array, drain, read_back, (cost.issue_cycles + drain + read_back + latency) / ahead});
  timing.buffer_beats += drain + read_back;
}

// New words of the input's box: pixels that follow each other share rows of the image, other moves
// bring all of it.
double CostModel::moved_box(const Nest& nest, Dim advancing,
                            const Moves<RealSums>::Parts& parts) const {
  const Moves<RealSums>& moves = nest.buffer.moves.buffer[static_cast<std::size_t>(Operand::input)];
  bool others_stay = true;
  for (std::size_t a = 0; a + 1 < moves.axes(); ++a)  // pixels are the last axis
    others_stay = others_stay && parts.stays(a);
  return advancing == Dim::P && others_stay ? nest.buffer.box_words.next
                                            : nest.buffer.box_words.whole;
}

void CostModel::loads(Operand operand, const Nest& nest, Cost& cost, Timing& timing) const {
  const auto o = static_cast<std::size_t>(operand);
  if (!has_buffer_tiles(prototype_, operand)) return;
  const Moves<RealSums>& moves = nest.buffer.moves.buffer[o];
  const double bits = prototype_.placement[o].bits;
  const double dram_bits = prototype_.placement[o].dram_bits();
  const bool box = prototype_.operation.access[o].im2col.has_value();
  double load_count = 0, word_count = 0, line_count = 0, first_lines = 0;
  Lengths lengths{};
  Lines lines(lines_[o], nest.buffer.lines[o]);
  const auto add = [&](double times, double words) {
    const double moved = box ? 1 + words * dram_bits / 8 / kLineBytes : lines.of(lengths);
    load_count += times;
    word_count += times * words;
    line_count += times * moved;
    if (first_lines == 0) first_lines = moved;
  };
  if (moves.first().filled() > 0) {
    for (std::size_t a = 0; !box && a < moves.axes(); ++a) lengths[a] = moves.first_length(a);
    add(1, box ? nest.buffer.box_words.whole : moves.first().words());
  }
  std::size_t loop = 0;
  moves.for_each_loop(nest.loops.loops.data(), nest.loops.dram,
                      [&](const RealSums& sums, const auto& parts) {
                        const Dim d = nest.loops.loops[loop++].dim;
                        if (sums.deliveries() == 0) return;
                        const double times = sums.deliveries();
                        if (box) return add(times, moved_box(nest, d, parts));
                        parts.lengths(lengths);
                        add(times, sums.new_words() / times);
                      });
  if (load_count == 0) return;
  cost.loads[o] = load_count;
  cost.dram_words[o] = word_count;
  cost.read_lines += line_count;
  timing.first_load += first_lines * buffer_line_cycles_;
  timing.load_cycles += line_count * buffer_line_cycles_;
  const double bytes = cost.dram_words[o] * bits / 8;
  timing.buffer_beats += std::max(line_count, bytes / buffer_.word_bytes);
  const double rest =
      (line_count - first_lines) * buffer_line_cycles_ + (cost.loads[o] - 1) * dram_latency_;
  if (nest.loops.buffer_tiles[o] == 1) {
    timing.serial += rest;
  } else {
    timing.loaded += rest;
  }
}

void CostModel::stores(const Nest& nest, Cost& cost, Timing& timing) const {
  if (!factors_.buffered(kOutput)) return;
  const Outputs stored =
      outputs(nest.buffer.moves.buffer[kOutput], nest, nest.loops.dram, nest.buffer.buffer_tiles);
  const double out_bits = prototype_.placement[kOutput].bits, psum_bits = prototype_.psum.bits;
  const BufferLevel& level = nest.buffer;
  const double out_lines = lines_[kOutput].lines(level.lines[kOutput], level.output_lengths);
  double psum_lines = 0;
  if (stored.spilled > 0) {
    LineEstimate::Tiles psums;
    psum_lines_.prepare(level.tile, level.array, psums);
    psum_lines = psum_lines_.lines(psums, level.output_lengths);
  }
  cost.loads[kOutput] = stored.complete + stored.spilled;
  cost.dram_words[kOutput] = stored.all_words;
  cost.psum_load_words = stored.spilled_words;
  const double line_count = stored.complete * out_lines + 2 * stored.spilled * psum_lines;
  cost.read_lines += stored.spilled * psum_lines;
  cost.write_lines = stored.complete * out_lines + stored.spilled * psum_lines;
  const double bits = output_words_ * out_bits + 2 * stored.spilled_words * psum_bits;
  timing.buffer_beats += std::max(line_count, bits / 8 / buffer_.word_bytes);
  timing.last_store = out_lines * buffer_line_cycles_ + dram_latency_;
  timing.store_cycles =
      (stored.complete * out_lines + stored.spilled * psum_lines) * buffer_line_cycles_;
  timing.load_cycles += stored.spilled * psum_lines * buffer_line_cycles_;
  const double rest =
      (line_count - out_lines) * buffer_line_cycles_ +
      (stored.complete + 3 * stored.spilled - 1) * (dram_latency_ + buffer_.latency_cycles);
  if (nest.loops.buffer_tiles[kOutput] == 1) {
    timing.serial += rest;
  } else {
    timing.pipelined = std::max(timing.pipelined, rest);
  }
}

Cost CostModel::evaluate(const LoopNest& loops, const ArrayLevel& array,
                         const BufferLevel& buffer) const {
  const Nest nest{loops, array, buffer};
  Cost cost;
  Timing timing;
  cost.steps = array.steps;
  cost.issue_cycles = timing.array = array.issue_cycles + skew_cycles(nest);
  drains(nest, cost, timing);
  fills(Operand::input, nest, cost, timing);
  fills(Operand::weight, nest, cost, timing);
  loads(Operand::input, nest, cost, timing);
  loads(Operand::weight, nest, cost, timing);
  stores(nest, cost, timing);

  // With two tiles, loading, computing and storing overlap but for the first and the last tile;
  // each tile is loaded while the one before computes, so half of what does not fit the shadow
  // shows.
  const double ports = timing.buffer_beats / buffer_.ports;
  const double inside = std::max(timing.array, ports);
  const double ramp = timing.first_load + dram_latency_ + timing.last_store;
  timing.pipelined = std::max(timing.pipelined, timing.loaded);
  const double overlapped = std::max(inside, (inside + timing.pipelined) / 2);
  const double link =
      std::max({cost.dram_lines() * line_cycles_, timing.load_cycles, timing.store_cycles});
  cost.cycles = std::max(overlapped + timing.serial + ramp,
                         link + inside / buffer.iterations + dram_latency_);

  cost.energy = energy(cost);
  return cost;
}

double CostModel::energy(const Cost& cost) const {
  double pj = weights_.operations + weights_.cycle * cost.cycles +
              weights_.read_line * cost.read_lines + weights_.write_line * cost.write_lines;
  for (std::size_t o = 0; o < kOutput; ++o) {
    const EnergyWeights::Moves& moves = weights_.operand[o];
    pj += moves.fill_word * cost.bus_words[o] + moves.fill_receiver * cost.receivers[o];
    if (!prototype_.bypass_buffer[o]) pj += moves.load_word * cost.dram_words[o];
  }
  return pj + weights_.drain.complete_word * output_words_ +
         weights_.drain.spilled_word * cost.psum_in_words + weights_.held_word * cost.held_words +
         weights_.store.complete_word * (cost.dram_words[kOutput] - cost.psum_load_words) +
         weights_.store.spilled_word * cost.psum_load_words;
}

double CostModel::least_cycles() const {
  return static_cast<double>(prototype_.operation.iterations()) /
         (static_cast<double>(chunk_.pes()) * static_cast<double>(lanes_));
}

}  // namespace chasm
