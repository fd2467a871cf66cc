#include "mapper/cost_model.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/units.h"
#include "models/arch/dram_link.h"

namespace chasm {
namespace {

constexpr double kLineBytes = 64;
constexpr double kRegisterFile = 1, kNetwork = 2, kBuffer = 6, kDram = 200;  // energy of 16 bits
constexpr auto kOutput = static_cast<std::size_t>(Operand::output);

DimArray<std::uint64_t> buffer_extents(const LoopNest& nest, const Operation& operation) {
  DimArray<std::uint64_t> tile;
  for (const Dim d : kAllDims) tile[d] = nest.array(d);
  for (std::size_t l = nest.dram; l < nest.count; ++l)
    tile[nest.loops[l].dim] *= nest.loops[l].trips;
  return clipped(tile, operation);
}

TemporalLoops temporal_loops_of(const LoopNest& nest, const Operation& operation) {
  TemporalLoops temporal;
  DimArray<std::uint64_t> block;
  for (const Dim d : kAllDims) block[d] = nest.array(d);
  temporal.count = nest.count;
  for (std::size_t l = nest.count; l-- > 0;) {
    const Loop& loop = nest.loops[l];
    temporal.loops[l] = {loop.dim, loop.trips, block[loop.dim], 1};
    block[loop.dim] *= loop.trips;
  }
  DimArray<double> outside;
  outside.values.fill(1);
  for (std::size_t l = 0; l < nest.count; ++l) {
    TemporalLoops::Level& loop = temporal.loops[l];
    const auto blocks = static_cast<double>(ceil_div(operation.bounds[loop.dim], loop.block));
    loop.average_trips = blocks / outside[loop.dim];
    outside[loop.dim] = blocks;
  }
  return temporal;
}

std::array<OperandShape, kOperands> shapes_of(const Operation& operation) {
  return {OperandShape(operation, Operand::input), OperandShape(operation, Operand::weight),
          OperandShape(operation, Operand::output)};
}

std::array<Tile, kOperands> tiles_of(const std::array<OperandShape, kOperands>& shapes,
                                     const DimArray<std::uint64_t>& rf,
                                     const DimArray<std::uint64_t>& spatial) {
  return {Tile(shapes[0], rf, spatial), Tile(shapes[1], rf, spatial), Tile(shapes[2], rf, spatial)};
}

}  // namespace

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
      shapes_(shapes_of(prototype.operation)),
      lanes_(chunk.pe_operations(arithmetic_of(prototype.operation.kind))),
      dram_latency_(dram_link(arch).latency_cycles),
      line_cycles_(kLineBytes / dram_link(arch).bytes_per_cycle) {
  // A chunk has so many lines in flight at most.
  const double in_flight = (dram_latency_ + line_cycles_ + kLineBytes / buffer_.word_bytes) /
                           std::max<double>(1, chunk.dma_outstanding);
  line_cycles_ = std::max(line_cycles_, in_flight);
  // The DMA writes, and reads, one line of the buffer at a time.
  buffer_line_cycles_ = std::max(line_cycles_, std::ceil(kLineBytes / buffer_.word_bytes));
}

CostModel::ArrayLevel CostModel::array_level(const LoopNest& nest) const {
  DimArray<std::uint64_t> spatial;
  for (const Dim d : kAllDims) spatial[d] = nest.spatial(d);
  std::uint64_t pes = 1;
  for (const Dim d : kAllDims) {
    if (prototype_.operation.is_reduction(d)) pes *= spatial[d];
  }
  const bool tree = chunk_.spatial_reduction == SpatialReduction::adder_tree;
  const bool systolic = chunk_.interconnect == Interconnect::systolic;  // in the skew there
  const auto latency =
      static_cast<double>(systolic ? 0
                          : tree   ? static_cast<std::uint64_t>(std::bit_width(pes - 1))
                                   : pes - 1);
  return {tiles_of(shapes_, nest.rf, spatial), tiles_of(shapes_, nest.rf, ones()),
          issue_cycles(nest), latency};
}

CostModel::BufferLevel CostModel::buffer_level(const LoopNest& nest) const {
  const DimArray<std::uint64_t> extents = buffer_extents(nest, prototype_.operation);
  BufferLevel level{tiles_of(shapes_, extents, ones())};
  if (const auto& im2col = prototype_.operation.of(Operand::input).im2col)
    level.box_words = static_cast<double>(im2col->largest_box(extents));
  return level;
}

// Exact: a dimension's tiles have two lengths, the whole and the last one; every combination is
// counted.
double CostModel::issue_cycles(const LoopNest& nest) const {
  struct Case {
    double count;
    std::uint64_t iterations;
  };
  std::vector<Case> cases{{1, 1}};
  for (const Dim d : kAllDims) {
    const std::uint64_t bound = prototype_.operation.bounds[d], block = nest.array(d);
    const std::uint64_t blocks = ceil_div(bound, block), rf = nest.rf[d];
    const std::uint64_t last = std::min(rf, bound - (blocks - 1) * block);
    std::vector<Case> next;
    for (const Case& c : cases) {
      if (last == rf) {
        next.push_back({c.count * static_cast<double>(blocks), c.iterations * rf});
      } else {
        if (blocks > 1)
          next.push_back({c.count * static_cast<double>(blocks - 1), c.iterations * rf});
        next.push_back({c.count, c.iterations * last});
      }
    }
    cases = std::move(next);
  }
  double cycles = 0;
  for (const Case& c : cases) {
    cycles += c.count * static_cast<double>(ceil_div(c.iterations, lanes_));
  }
  return cycles;
}

// Filling and draining a systolic array, once a fold (docs/microarchitecture.md, section 8).
double CostModel::skew_cycles(const TemporalLoops& temporal, const ArrayLevel& level) const {
  if (chunk_.interconnect != Interconnect::systolic) return 0;
  const auto stationary =
      static_cast<std::size_t>(chunk_.dataflow == Dataflow::os   ? Operand::output
                               : chunk_.dataflow == Dataflow::ws ? Operand::weight
                                                                 : Operand::input);
  double folds = 0;
  for_each_move(shapes_[stationary], level.tiles[stationary], temporal, temporal.count,
                [&](double times, double, const auto&, bool moves) { folds += moves ? times : 0; });
  const double preload = chunk_.dataflow == Dataflow::os ? 0 : chunk_.rows;
  const double whole = preload + chunk_.rows + chunk_.cols - 2;
  if (!chunk_.overlap_folds) return folds * whole;
  return whole + (folds - 1) * std::max(0.0, preload - level.issue_cycles / folds);
}

// The axes of an activation as they lie in DRAM where the layout is not the canonical one: samples,
// blocks of channels, pixels, channels of a block.
void CostModel::lay_out(const OperandShape& shape, const TensorLayout& layout,
                        const std::array<double, kMaxAxes>& lengths, Spans& spans) {
  const auto pixels = static_cast<std::int64_t>(layout.pixels);
  const std::int64_t sample = static_cast<std::int64_t>(layout.channels) * pixels;
  const auto block = static_cast<double>(layout.block);
  double channels = 1;
  std::size_t inside = 0;  // axes of pixels
  for (std::size_t a = 0; a < shape.axes.size(); ++a) {
    const AxisShape& axis = shape.axes[a];
    const auto stride = static_cast<double>(axis.word_stride);
    const auto extent = static_cast<double>(axis.extent);
    if (axis.word_stride % sample == 0)
      spans.add({lengths[a], 1, extent, stride});
    else if (axis.word_stride % pixels == 0)
      channels *= lengths[a];
    else
      ++inside;
  }
  spans.add({std::max(1.0, channels / block), 1, static_cast<double>(layout.blocks()),
             static_cast<double>(layout.pixels) * block});
  for (std::size_t a = shape.axes.size() - inside; a < shape.axes.size(); ++a) {
    const AxisShape& axis = shape.axes[a];
    spans.add({lengths[a], 1, static_cast<double>(axis.extent),
               static_cast<double>(axis.word_stride) * block});
  }
  spans.add({std::min(channels, block), 1, block, 1});
}

// Lines that a transfer of those lengths covers: contiguous runs from the innermost axis outwards.
// Parameters lie in blocks of the array tile, in the order of use.
double CostModel::lines(Operand operand, const std::array<double, kMaxAxes>& lengths,
                        const LoopNest& nest, double bits) const {
  const OperandShape& shape = shapes_[static_cast<std::size_t>(operand)];
  const TensorLayout& layout = prototype_.placement[static_cast<std::size_t>(operand)].layout;
  Spans spans;
  if (!layout.canonical()) lay_out(shape, layout, lengths, spans);
  for (std::size_t a = 0; layout.canonical() && a < shape.axes.size(); ++a) {
    const AxisShape& axis = shape.axes[a];
    double unit = 1;
    if (shape.is_parameter && axis.terms > 0)
      unit = static_cast<double>(std::min(nest.array(axis.first), shape.bounds[axis.first]));
    spans.add({lengths[a], unit, static_cast<double>(axis.extent),
               static_cast<double>(axis.word_stride)});
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
    whole = whole && span.length >= span.extent;
  }
  const double bytes = run * bits / 8, pitch_bytes = std::max(bytes, pitch * bits / 8);
  return runs * std::min(1 + (bytes - 1) / kLineBytes, pitch_bytes / kLineBytes) + 0.5;
}

// Residencies of outputs in the PEs or, over the DRAM loops alone, in the buffer; and how many
// different ones there are: the others come back.
CostModel::Residencies CostModel::residencies(const Tile& tile, const TemporalLoops& temporal,
                                              std::size_t count) const {
  Residencies result{0, 1};
  for_each_move(
      shapes_[kOutput], tile, temporal, count,
      [&](double times, double, const auto&, bool moves) { result.all += moves ? times : 0; });
  for (std::size_t l = 0; l < count; ++l) {
    const TemporalLoops::Level& loop = temporal.loops[l];
    if (shapes_[kOutput].depends_on(loop.dim)) result.distinct *= loop.average_trips;
  }
  return result;
}

void CostModel::fills(Operand operand, const LoopNest& nest, const TemporalLoops& temporal,
                      const ArrayLevel& level, Cost& cost, Timing& timing) const {
  const auto o = static_cast<std::size_t>(operand);
  if (!shapes_[o].used) return;
  const bool bypass = prototype_.bypass_buffer[o], is_input = operand == Operand::input;
  const double bits = prototype_.placement[o].bits;
  const double width =
      is_input ? chunk_.bus_words_per_cycle.input : chunk_.bus_words_per_cycle.weight;
  double beats = 0, line_count = 0;
  for_each_move(shapes_[o], level.tiles[o], temporal, temporal.count,
                [&](double times, double words, const auto& lengths, bool) {
                  if (words <= 0 || times <= 0) return;
                  cost.fills[o] += times;
                  cost.bus_words[o] += times * words;
                  const double buffer_beats =
                      bypass ? 0 : std::ceil(words * bits / 8 / buffer_.word_bytes);
                  beats += times * std::max(std::ceil(words / width), buffer_beats);
                  if (bypass) line_count += times * lines(operand, lengths, nest, bits);
                });
  // How many fills the register file lets run ahead: those whose words fit beside the tile in use.
  double ahead = 1;
  const double tile = level.pe_tiles[o].words();
  double room =
      (is_input ? chunk_.double_buffered.input : chunk_.double_buffered.weight) ? tile : 0;
  if (is_input ? chunk_.fifo_buffered.input : chunk_.fifo_buffered.weight)
    room = (is_input ? chunk_.register_file_words.input : chunk_.register_file_words.weight) - tile;
  if (room > 0) {
    double innermost = 0;
    bool first = true;
    for_each_move(shapes_[o], level.pe_tiles[o], temporal, temporal.count,
                  [&](double, double words, const auto&, bool) {
                    if (!first && innermost == 0) innermost = words;
                    first = false;
                  });
    ahead += innermost > 0 ? std::floor(room / innermost + 1e-9) : 1;
  }
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

void CostModel::drains(const TemporalLoops& temporal, const ArrayLevel& level, Cost& cost,
                       Timing& timing) const {
  const auto [all, distinct] = residencies(level.tiles[kOutput], temporal, temporal.count);
  const double words = level.tiles[kOutput].words();
  const double out_bits = prototype_.placement[kOutput].bits, psum_bits = prototype_.psum.bits;
  const auto beats = [&](double bits, double width) {
    return std::max(std::ceil(words / width), std::ceil(words * bits / 8 / buffer_.word_bytes));
  };
  // Row operations write their outputs once, in the last pass.
  const double spilled = prototype_.operation.is_row_op() ? 0 : all - distinct;
  cost.fills[kOutput] = distinct + spilled;
  cost.bus_words[kOutput] = (distinct + spilled) * words;
  cost.psum_in_words = spilled * words;
  const double drain = distinct * beats(out_bits, chunk_.bus_words_per_cycle.output) +
                       spilled * beats(psum_bits, chunk_.bus_words_per_cycle.output);
  const double read_back = spilled * beats(psum_bits, chunk_.bus_words_per_cycle.psum_in);
  const double latency = (distinct + spilled) * (chunk_.pipeline_depth + level.reduction_latency) +
                         spilled * buffer_.latency_cycles;
  const double ahead = chunk_.double_buffered.psum ? 2 : 1;
  timing.array = std::max(
      {timing.array, drain, read_back, (cost.issue_cycles + drain + read_back + latency) / ahead});
  timing.buffer_beats += drain + read_back;
  const double moved_bits = words * (distinct * out_bits + 2 * spilled * psum_bits);
  timing.network_bits += moved_bits;
  timing.buffer_bits += moved_bits;
}

void CostModel::loads(Operand operand, const LoopNest& nest, const TemporalLoops& temporal,
                      const BufferLevel& level, Cost& cost, Timing& timing) const {
  const auto o = static_cast<std::size_t>(operand);
  if (!shapes_[o].used || prototype_.bypass_buffer[o]) return;
  const double bits = prototype_.placement[o].bits;
  double line_count = 0, first_lines = 0;
  for_each_move(shapes_[o], level.tiles[o], temporal, nest.dram,
                [&](double times, double words, const auto& lengths, bool) {
                  if (words <= 0 || times <= 0) return;
                  // The axes number elements there; boxes count as wholly new.
                  const bool box = prototype_.operation.of(operand).im2col.has_value();
                  cost.loads[o] += times;
                  cost.dram_words[o] += times * (box ? level.box_words : words);
                  const double moved = box ? 1 + level.box_words * bits / 8 / kLineBytes
                                           : lines(operand, lengths, nest, bits);
                  if (first_lines == 0) first_lines = moved;
                  line_count += times * moved;
                });
  cost.dram_lines += line_count;
  timing.first_load += first_lines * buffer_line_cycles_;
  timing.load_cycles += line_count * buffer_line_cycles_;
  const double bytes = cost.dram_words[o] * bits / 8;
  timing.buffer_beats += std::max(line_count, bytes / buffer_.word_bytes);
  timing.buffer_bits += bytes * 8;
  const double rest =
      (line_count - first_lines) * line_cycles_ + (cost.loads[o] - 1) * dram_latency_;
  if (nest.buffer_tiles[o] == 1) {
    timing.serial += rest;
  } else {
    timing.pipelined = std::max(timing.pipelined, rest);
  }
}

void CostModel::stores(const LoopNest& nest, const TemporalLoops& temporal,
                       const BufferLevel& level, Cost& cost, Timing& timing) const {
  const auto [all, distinct] = residencies(level.tiles[kOutput], temporal, nest.dram);
  const double spilled = prototype_.operation.is_row_op() ? 0 : all - distinct;
  std::array<double, kMaxAxes> lengths{};
  for (std::size_t a = 0; a < shapes_[kOutput].axes.size(); ++a) {
    lengths[a] = level.tiles[kOutput].length(a);
  }
  const double words = level.tiles[kOutput].words();
  const double out_bits = prototype_.placement[kOutput].bits, psum_bits = prototype_.psum.bits;
  const double out_lines = lines(Operand::output, lengths, nest, out_bits);
  const double psum_lines = lines(Operand::output, lengths, nest, psum_bits);
  cost.loads[kOutput] = distinct + spilled;
  cost.dram_words[kOutput] = (distinct + spilled) * words;
  cost.psum_load_words = spilled * words;
  const double line_count = distinct * out_lines + 2 * spilled * psum_lines;
  cost.dram_lines += line_count;
  const double bits = words * (distinct * out_bits + 2 * spilled * psum_bits);
  timing.buffer_beats += std::max(line_count, bits / 8 / buffer_.word_bytes);
  timing.buffer_bits += bits;
  timing.last_store = out_lines * buffer_line_cycles_ + dram_latency_;
  timing.store_cycles = (distinct * out_lines + spilled * psum_lines) * buffer_line_cycles_;
  timing.load_cycles += spilled * psum_lines * buffer_line_cycles_;
  const double rest = (line_count - out_lines) * buffer_line_cycles_ +
                      (distinct + 3 * spilled - 1) * (dram_latency_ + buffer_.latency_cycles);
  if (nest.buffer_tiles[kOutput] == 1) {
    timing.serial += rest;
  } else {
    timing.pipelined = std::max(timing.pipelined, rest);
  }
}

Cost CostModel::evaluate(const LoopNest& nest, const ArrayLevel& array,
                         const BufferLevel& buffer) const {
  const TemporalLoops temporal = temporal_loops_of(nest, prototype_.operation);
  Cost cost;
  Timing timing;
  cost.steps = 1;
  double iterations = 1;  // of the DRAM loops
  for (std::size_t l = 0; l < temporal.count; ++l) {
    cost.steps *= temporal.loops[l].average_trips;
    if (l < nest.dram) iterations *= temporal.loops[l].average_trips;
  }
  cost.issue_cycles = timing.array = array.issue_cycles + skew_cycles(temporal, array);
  drains(temporal, array, cost, timing);
  fills(Operand::input, nest, temporal, array, cost, timing);
  fills(Operand::weight, nest, temporal, array, cost, timing);
  loads(Operand::input, nest, temporal, buffer, cost, timing);
  loads(Operand::weight, nest, temporal, buffer, cost, timing);
  stores(nest, temporal, buffer, cost, timing);

  // With two tiles, loading, computing and storing overlap but for the first and the last tile;
  // each tile is loaded while the one before computes, so half of what does not fit the shadow
  // shows.
  const double ports = timing.buffer_beats / buffer_.ports;
  const double inside = std::max(timing.array, ports);
  const double ramp = timing.first_load + dram_latency_ + timing.last_store;
  const double overlapped = std::max(inside, (inside + timing.pipelined) / 2);
  const double link =
      std::max({cost.dram_lines * line_cycles_, timing.load_cycles, timing.store_cycles});
  cost.cycles =
      std::max(overlapped + timing.serial + ramp, link + inside / iterations + dram_latency_);

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
