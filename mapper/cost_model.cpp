#include "mapper/cost_model.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"
#include "base/units.h"
#include "models/arch/dram_link.h"

namespace chasm {
namespace {

constexpr double kLineBytes = 64;
constexpr double kRegisterFile = 1, kNetwork = 2, kBuffer = 6, kDram = 200;  // energy of 16 bits
constexpr auto kOutput = static_cast<std::size_t>(Operand::output);

double real(std::uint64_t count) { return static_cast<double>(count); }

// Behind an image-to-column unit elements count instead of stored words: the search is too long for
// their edges.
Program without_im2col(Program program) {
  program.operation.of(Operand::input).im2col.reset();
  return program;
}

}  // namespace

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
  double first_load = 0, last_store = 0;
  double load_cycles = 0, store_cycles = 0;  // of the DMA at the buffer
  double network_bits = 0, buffer_bits = 0;
};

CostModel::CostModel(const Program& prototype, const ChunkSpec& chunk, const ArchSpec& arch)
    : prototype_(prototype),
      chunk_(chunk),
      buffer_(arch.global_buffer),
      counter_(without_im2col(prototype)),
      lanes_(chunk.pe_operations(arithmetic_of(prototype.operation.kind))),
      dram_latency_(dram_link(arch).latency_cycles),
      line_cycles_(kLineBytes / dram_link(arch).bytes_per_cycle) {
  const Operation& operation = prototype.operation;
  for (const Dim d : kAllDims)
    if (!operation.is_reduction(d)) output_words_ *= real(operation.bounds[d]);
  for (std::size_t o = 0; o < kOperands; ++o) {
    const TensorAccess& access = operation.access[o];
    for (const Axis& axis : access.axes) {
      axes_[o].push_back({static_cast<double>(axis.extent), axis.word_stride, std::nullopt});
      if (access.is_parameter && !axis.terms.empty()) axes_[o].back().dim = axis.terms[0].dim;
    }
    CHECK(axes_[o].size() <= Lengths{}.size(), "{} axes of {}", axes_[o].size(), operation.name);
  }
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

CostModel::ArrayLevel CostModel::array_level(const LoopNest& nest) const {
  const Operation& operation = prototype_.operation;
  ArrayLevel level;
  level.steps = 1;
  std::uint64_t pes = 1;
  for (const Dim d : kAllDims) {
    level.steps *= real(ceil_div(operation.bounds[d], nest.array(d)));
    if (operation.is_reduction(d)) pes *= nest.spatial(d);
  }
  for (std::size_t o = 0; o < kOutput; ++o)
    level.pe_words[o] = real(tile_words(operation.access[o], nest.rf));
  level.issue_cycles = real(step_cycles(nest, operation.bounds, lanes_));
  if (chunk_.interconnect == Interconnect::systolic) return level;  // in the skew there
  const bool tree = chunk_.spatial_reduction == SpatialReduction::adder_tree;
  level.reduction_latency =
      real(tree ? static_cast<std::uint64_t>(std::bit_width(pes - 1)) : pes - 1);
  return level;
}

CostModel::BufferLevel CostModel::buffer_level(const LoopNest& nest) const {
  const Operation& operation = prototype_.operation;
  BufferLevel level;
  counter_.prepare(nest, level.moves);
  if (folds_) level.folds = folds_->moves(counter_.array_level(nest));
  DimArray<std::uint64_t> positions;
  DimArray<std::uint64_t> tile;
  for (const Dim d : kAllDims) tile[d] = nest.array(d);
  for (std::size_t l = nest.dram; l < nest.count; ++l)
    tile[nest.loops[l].dim] *= nest.loops[l].trips;
  for (const Dim d : kAllDims) {
    positions[d] = ceil_div(operation.bounds[d], tile[d]);
    level.iterations *= real(positions[d]);
    if (operation.is_reduction(d)) continue;
    level.buffer_tiles *= real(positions[d]);
    level.array_tiles *= real(ceil_div(operation.bounds[d], nest.array(d)));
  }
  if (const auto& im2col = operation.of(Operand::input).im2col) {
    const auto split = [&](Dim d) { return DimTile{operation.bounds[d], tile[d], 1}; };
    level.box_words = sampled_box_words(*im2col, split(Dim::P), split(Dim::C));
    for (const Dim d : {Dim::N, Dim::G}) {
      level.box_words.whole *= real(operation.bounds[d]) / real(positions[d]);
      level.box_words.next *= real(operation.bounds[d]) / real(positions[d]);
    }
  }
  Lengths lengths{};
  const std::vector<Axis>& axes = operation.of(Operand::output).axes;
  for (std::size_t a = 0; a < axes.size(); ++a)
    lengths[a] = axes[a].terms.empty() ? 1
                                       : real(operation.bounds[axes[a].terms[0].dim]) /
                                             real(positions[axes[a].terms[0].dim]);
  level.output_lines = {lines(Operand::output, lengths, nest, prototype_.placement[kOutput].bits),
                        lines(Operand::output, lengths, nest, prototype_.psum.bits)};
  return level;
}

// Filling and draining a systolic array, once a fold (docs/microarchitecture.md, section 8).
double CostModel::skew_cycles(const Nest& nest) const {
  if (!nest.buffer.folds) return 0;
  std::uint64_t folds = nest.buffer.folds->first().filled;
  nest.buffer.folds->for_each_loop(
      nest.loops.loops.data(), nest.loops.count,
      [&](const MoveSums& sums, const auto&) { folds += sums.filled - sums.still; });
  const double preload = chunk_.dataflow == Dataflow::os ? 0 : chunk_.rows;
  const double whole = preload + chunk_.rows + chunk_.cols - 2;
  if (!chunk_.overlap_folds) return real(folds) * whole;
  const double streamed = nest.array.issue_cycles / real(folds);
  return whole + real(folds - 1) * std::max(0.0, preload - streamed);
}

// The axes of an activation as they lie in DRAM where the layout is not the canonical one: samples,
// blocks of channels, pixels, channels of a block.
void CostModel::lay_out(const std::vector<TensorAxis>& axes, const TensorLayout& layout,
                        const Lengths& lengths, Spans& spans) {
  const auto pixels = static_cast<std::int64_t>(layout.pixels);
  const std::int64_t sample = static_cast<std::int64_t>(layout.channels) * pixels;
  const auto block = static_cast<double>(layout.block);
  double channels = 1;
  std::size_t inside = 0;  // axes of pixels
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const TensorAxis& axis = axes[a];
    const auto stride = static_cast<double>(axis.word_stride);
    if (axis.word_stride % sample == 0)
      spans.add({lengths[a], 1, axis.extent, stride});
    else if (axis.word_stride % pixels == 0)
      channels *= lengths[a];
    else
      ++inside;
  }
  spans.add({std::max(1.0, channels / block), 1, static_cast<double>(layout.blocks()),
             static_cast<double>(layout.pixels) * block});
  for (std::size_t a = axes.size() - inside; a < axes.size(); ++a)
    spans.add({lengths[a], 1, axes[a].extent, static_cast<double>(axes[a].word_stride) * block});
  spans.add({std::min(channels, block), 1, block, 1});
}

// Lines that a transfer of those lengths covers: contiguous runs from the innermost axis outwards.
// Parameters lie in blocks of the array tile, in the order of use.
double CostModel::lines(Operand operand, const Lengths& lengths, const LoopNest& nest,
                        double bits) const {
  const std::vector<TensorAxis>& axes = axes_[static_cast<std::size_t>(operand)];
  const TensorLayout& layout = prototype_.placement[static_cast<std::size_t>(operand)].layout;
  Spans spans;
  if (!layout.canonical()) lay_out(axes, layout, lengths, spans);
  for (std::size_t a = 0; layout.canonical() && a < axes.size(); ++a) {
    const TensorAxis& axis = axes[a];
    double unit = 1;
    if (axis.dim)
      unit = real(std::min(nest.array(*axis.dim), prototype_.operation.bounds[*axis.dim]));
    spans.add({lengths[a], unit, axis.extent, static_cast<double>(axis.word_stride)});
  }
  double run = 1, runs = 1, pitch = 0;
  bool whole = true;
  for (std::size_t s = spans.count; s-- > 0;) {
    const Span& span = spans.all[s];
    if (whole) {
      run *= span.length;
    } else {
      run *= std::min(span.unit, span.length);
      runs *= std::max(1.0, span.length / span.unit);
      if (pitch == 0 && span.length > 1) pitch = span.stride;
    }
    // The next axis follows on without a gap; in a part of a larger tensor it may not.
    const bool joins = s == 0 || spans.all[s - 1].stride == span.stride * span.extent;
    whole = whole && span.length >= span.extent && joins;
  }
  const double bytes = run * bits / 8, pitch_bytes = std::max(bytes, pitch * bits / 8);
  return runs * std::min(1 + (bytes - 1) / kLineBytes, pitch_bytes / kLineBytes) + 0.5;
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
  const OperandMoves& moves = nest.buffer.moves.array[o];
  const bool bypass = prototype_.bypass_buffer[o], is_input = operand == Operand::input;
  const double bits = prototype_.placement[o].bits;
  const double width =
      is_input ? chunk_.bus_words_per_cycle.input : chunk_.bus_words_per_cycle.weight;
  double beats = 0, line_count = 0, kept_share = 0;
  std::uint64_t fill_count = 0, word_count = 0;
  const double density = is_input ? density_ : 1;
  const auto add = [&](std::uint64_t times, std::uint64_t words) {
    fill_count += times;
    word_count += words;
    const double each = real(words) / real(times) * density;
    const double buffer_beats = bypass ? 0 : std::ceil(each * bits / 8 / buffer_.word_bytes);
    beats += real(times) * std::max(std::ceil(each / width), buffer_beats);
    return real(times);
  };
  Lengths lengths{};
  if (moves.first().filled > 0) {
    for (std::size_t a = 0; a < moves.axes(); ++a) lengths[a] = moves.first_length(a);
    const double times = add(1, moves.first().words);
    if (bypass) line_count += times * lines(operand, lengths, nest.loops, bits);
  }
  moves.for_each_loop(
      nest.loops.loops.data(), nest.loops.count, [&](const MoveSums& sums, const auto& parts) {
        if (sums.filled == sums.still) return;
        const double times = add(sums.filled - sums.still, sums.words - sums.kept);
        kept_share = real(sums.pe_kept) / real(sums.pe_words);  // of the innermost at last
        if (!bypass) return;
        for (std::size_t a = 0; a < moves.axes(); ++a) lengths[a] = moves.length(a, parts);
        line_count += times * lines(operand, lengths, nest.loops, bits);
      });
  if (fill_count == 0) return;
  cost.fills[o] = real(fill_count);
  cost.bus_words[o] = real(word_count) * density;
  const double ahead = fills_ahead(operand, nest, kept_share);
  if (bypass) {
    const double fifo = std::max<double>(chunk_.prefetch_fifo_bytes, kLineBytes);
    const double window = (dram_latency_ + line_cycles_) * kLineBytes / fifo;
    beats = std::max(beats, line_count * std::max(line_cycles_, window));
    cost.loads[o] = cost.fills[o];
    cost.dram_words[o] = cost.bus_words[o];
    cost.dram_lines += line_count;
  } else {
    timing.buffer_beats += beats;
    timing.buffer_bits += cost.bus_words[o] * bits;
  }
  timing.network_bits += cost.bus_words[o] * bits;
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
  double all_words = 0, spilled_words = 0;
  double words() const { return all_words / (complete + spilled); }  // of one
};

CostModel::Outputs CostModel::outputs(const OperandMoves& moves, const Nest& nest,
                                      std::size_t count, double tiles) const {
  std::uint64_t times = moves.first().filled, words = moves.first().words;
  moves.for_each_loop(nest.loops.loops.data(), count, [&](const MoveSums& sums, const auto&) {
    times += sums.filled - sums.still;
    words += sums.words - sums.kept;
  });
  Outputs outputs{tiles, 0, output_words_, 0};
  if (prototype_.operation.is_row_op()) return outputs;  // written once, in the last pass
  outputs.spilled = real(times) - tiles;
  outputs.all_words = real(words);
  outputs.spilled_words = real(words) - output_words_;
  return outputs;
}

void CostModel::drains(const Nest& nest, Cost& cost, Timing& timing) const {
  const Outputs drained =
      outputs(nest.buffer.moves.array[kOutput], nest, nest.loops.count, nest.buffer.array_tiles);
  const double words = drained.words();
  const double out_bits = prototype_.placement[kOutput].bits, psum_bits = prototype_.psum.bits;
  const auto beats = [&](double bits, double width) {
    return std::max(std::ceil(words / width), std::ceil(words * bits / 8 / buffer_.word_bytes));
  };
  cost.fills[kOutput] = drained.complete + drained.spilled;
  cost.bus_words[kOutput] = drained.all_words;
  cost.psum_in_words = drained.spilled_words;
  const double drain = drained.complete * beats(out_bits, chunk_.bus_words_per_cycle.output) +
                       drained.spilled * beats(psum_bits, chunk_.bus_words_per_cycle.output);
  const double read_back = drained.spilled * beats(psum_bits, chunk_.bus_words_per_cycle.psum_in);
  const double latency =
      cost.fills[kOutput] * (chunk_.pipeline_depth + nest.array.reduction_latency) +
      drained.spilled * buffer_.latency_cycles;
  const double ahead = chunk_.double_buffered.psum ? 2 : 1;
  timing.array = std::max(
      {timing.array, drain, read_back, (cost.issue_cycles + drain + read_back + latency) / ahead});
  timing.buffer_beats += drain + read_back;
  const double moved_bits = output_words_ * out_bits + 2 * drained.spilled_words * psum_bits;
  timing.network_bits += moved_bits;
  timing.buffer_bits += moved_bits;
}

// New words of the input's box: pixels that follow each other share rows of the image, other moves
// bring all of it.
double CostModel::moved_box(const Nest& nest, Dim advancing,
                            const OperandMoves::Parts& parts) const {
  const OperandMoves& moves = nest.buffer.moves.buffer[static_cast<std::size_t>(Operand::input)];
  bool others_stay = true;
  for (std::size_t a = 0; a + 1 < moves.axes(); ++a)  // pixels are the last axis
    others_stay = others_stay && moves.stays(a, parts);
  return advancing == Dim::P && others_stay ? nest.buffer.box_words.next
                                            : nest.buffer.box_words.whole;
}

void CostModel::loads(Operand operand, const Nest& nest, Cost& cost, Timing& timing) const {
  const auto o = static_cast<std::size_t>(operand);
  if (!has_buffer_tiles(prototype_, operand)) return;
  const OperandMoves& moves = nest.buffer.moves.buffer[o];
  const double bits = prototype_.placement[o].bits;
  const bool box = prototype_.operation.access[o].im2col.has_value();
  double load_count = 0, word_count = 0, line_count = 0, first_lines = 0;
  Lengths lengths{};
  const auto add = [&](double times, double words) {
    const double moved =
        box ? 1 + words * bits / 8 / kLineBytes : lines(operand, lengths, nest.loops, bits);
    load_count += times;
    word_count += times * words;
    line_count += times * moved;
    if (first_lines == 0) first_lines = moved;
  };
  if (moves.first().filled > 0) {
    for (std::size_t a = 0; !box && a < moves.axes(); ++a) lengths[a] = moves.first_length(a);
    add(1, box ? nest.buffer.box_words.whole : real(moves.first().words));
  }
  std::size_t loop = 0;
  moves.for_each_loop(nest.loops.loops.data(), nest.loops.dram,
                      [&](const MoveSums& sums, const auto& parts) {
                        const Dim d = nest.loops.loops[loop++].dim;
                        if (sums.filled == sums.still) return;
                        const double times = real(sums.filled - sums.still);
                        if (box) return add(times, moved_box(nest, d, parts));
                        for (std::size_t a = 0; a < moves.axes(); ++a)
                          lengths[a] = moves.length(a, parts);
                        add(times, real(sums.words - sums.kept) / times);
                      });
  if (load_count == 0) return;
  cost.loads[o] = load_count;
  cost.dram_words[o] = word_count;
  cost.dram_lines += line_count;
  timing.first_load += first_lines * buffer_line_cycles_;
  timing.load_cycles += line_count * buffer_line_cycles_;
  const double bytes = cost.dram_words[o] * bits / 8;
  timing.buffer_beats += std::max(line_count, bytes / buffer_.word_bytes);
  timing.buffer_bits += bytes * 8;
  const double rest =
      (line_count - first_lines) * line_cycles_ + (cost.loads[o] - 1) * dram_latency_;
  if (nest.loops.buffer_tiles[o] == 1) {
    timing.serial += rest;
  } else {
    timing.pipelined = std::max(timing.pipelined, rest);
  }
}

void CostModel::stores(const Nest& nest, Cost& cost, Timing& timing) const {
  const Outputs stored =
      outputs(nest.buffer.moves.buffer[kOutput], nest, nest.loops.dram, nest.buffer.buffer_tiles);
  const double out_bits = prototype_.placement[kOutput].bits, psum_bits = prototype_.psum.bits;
  const auto [out_lines, psum_lines] = nest.buffer.output_lines;
  cost.loads[kOutput] = stored.complete + stored.spilled;
  cost.dram_words[kOutput] = stored.all_words;
  cost.psum_load_words = stored.spilled_words;
  const double line_count = stored.complete * out_lines + 2 * stored.spilled * psum_lines;
  cost.dram_lines += line_count;
  const double bits = output_words_ * out_bits + 2 * stored.spilled_words * psum_bits;
  timing.buffer_beats += std::max(line_count, bits / 8 / buffer_.word_bytes);
  timing.buffer_bits += bits;
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
  const double overlapped = std::max(inside, (inside + timing.pipelined) / 2);
  const double link =
      std::max({cost.dram_lines * line_cycles_, timing.load_cycles, timing.store_cycles});
  cost.cycles = std::max(overlapped + timing.serial + ramp,
                         link + inside / buffer.iterations + dram_latency_);

  cost.energy = least_energy() + (kNetwork * timing.network_bits + kBuffer * timing.buffer_bits +
                                  kDram * cost.dram_lines * kLineBytes * 8) /
                                     16;
  return cost;
}

double CostModel::least_energy() const {
  // An iteration reads both operands and reads and writes a psum.
  const double bits = prototype_.pe_bits[0] + prototype_.pe_bits[1] + 2.0 * prototype_.psum.bits;
  return kRegisterFile * static_cast<double>(prototype_.operation.iterations()) * bits / 16;
}

double CostModel::least_cycles() const {
  return static_cast<double>(prototype_.operation.iterations()) /
         (static_cast<double>(chunk_.pes()) * static_cast<double>(lanes_));
}

}  // namespace chasm
