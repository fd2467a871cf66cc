#include "mapper/cost_bounds.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "models/arch/dram_link.h"

namespace chasm {
namespace {

constexpr auto kInput = static_cast<std::size_t>(Operand::input);
constexpr auto kOutput = static_cast<std::size_t>(Operand::output);
// The model's beats are rounded down by a trillionth, its sums as real numbers are.
constexpr double kLess = 1 - 1e-9;

// The indices below `bound` at which from + step x index lies from `low` to below `high`.
std::pair<std::int64_t, std::int64_t> indices_within(std::int64_t from, std::int64_t step,
                                                     std::uint64_t bound, std::int64_t low,
                                                     std::int64_t high) {
  const auto all = static_cast<std::int64_t>(bound);
  if (step <= 0) return {0, step == 0 ? std::min<std::int64_t>(all, 1) : all};
  const std::int64_t begin = from >= low ? 0 : (low - from + step - 1) / step;
  const std::int64_t end = from >= high ? 0 : (high - 1 - from) / step + 1;
  return {std::min(begin, all), std::min(end, all)};
}

// Stored coordinates of an axis that some iteration reads or writes. What lies in the padding is
// left out as soon as no other term brings it back, so that no more are held than are stored, or
// than a kernel reaches beyond.
double touched(const Axis& axis, const DimArray<std::uint64_t>& bounds) {
  const auto reach = [&](const Axis::Term& term) {
    return term.coefficient * static_cast<std::int64_t>(bounds[term.dim] - 1);
  };
  std::vector<Axis::Term> terms(axis.terms.begin(), axis.terms.end());
  std::stable_sort(terms.begin(), terms.end(),
                   [&](const auto& a, const auto& b) { return bounds[a.dim] < bounds[b.dim]; });
  std::int64_t up = 0, down = 0;  // what the terms left may add
  for (const Axis::Term& term : terms) {
    up += std::max<std::int64_t>(reach(term), 0);
    down += std::min<std::int64_t>(reach(term), 0);
  }
  std::set<std::int64_t> coordinates{axis.offset};
  for (const Axis::Term& term : terms) {
    up -= std::max<std::int64_t>(reach(term), 0);
    down -= std::min<std::int64_t>(reach(term), 0);
    std::set<std::int64_t> sums;
    for (const std::int64_t c : coordinates) {
      const auto [begin, end] =
          indices_within(c, term.coefficient, bounds[term.dim], -up, axis.extent - down);
      for (std::int64_t i = begin; i < end; ++i) sums.insert(c + term.coefficient * i);
    }
    coordinates = std::move(sums);
  }
  return static_cast<double>(
      std::count_if(coordinates.begin(), coordinates.end(),
                    [&](std::int64_t c) { return c >= 0 && c < axis.extent; }));
}

// 0 behind an image-to-column unit, where the model takes averages.
double touched_words(const Program& prototype, std::size_t o) {
  const TensorAccess& access = prototype.operation.access[o];
  if (!access.used || access.im2col ||
      (o == kInput && prototype.operation.of(Operand::input).im2col))
    return 0;
  double words = 1;
  for (const Axis& axis : access.axes) words *= touched(axis, prototype.operation.bounds);
  return words;
}

}  // namespace

// Each word comes to the array, and to the buffer, once at least; outputs leave once. Of the lines
// of DRAM only those of outputs count: others may be cut and shared in many ways.
CostBounds::CostBounds(const Program& prototype, const ChunkSpec& chunk, const ArchSpec& arch,
                       const CostModel& model)
    : bounds_(prototype.operation.bounds),
      columns_(chunk.cols),
      rows_(chunk.rows),
      lanes_(static_cast<double>(chunk.pe_operations(arithmetic_of(prototype.operation.kind)))) {
  const auto& width = chunk.bus_words_per_cycle;
  const std::array<double, kOperands> widths = {static_cast<double>(width.input),
                                                static_cast<double>(width.weight),
                                                static_cast<double>(width.output)};
  const EnergyWeights& weights = model.weights();
  double buffer_bits = 0, moved = 0;
  for (std::size_t o = 0; o < kOperands; ++o) {
    const double words = touched_words(prototype, o);
    const double bits = prototype.placement[o].bits;
    traffic_cycles_ = std::max(traffic_cycles_, words / widths[o]);
    const bool stored = has_buffer_tiles(prototype, kAllOperands[o]);
    if (!prototype.bypass_buffer[o]) buffer_bits += words * bits;
    if (stored) buffer_bits += words * bits;
    if (o == kOutput) {
      moved += words * (weights.drain.complete_word + weights.held_word);
      if (stored) moved += words * weights.store.complete_word;
    } else {
      moved += words * (weights.operand[o].fill_word + weights.operand[o].fill_receiver);
      if (stored) moved += words * weights.operand[o].load_word;
    }
  }
  const GlobalBufferSpec& buffer = arch.global_buffer;
  traffic_cycles_ = std::max(traffic_cycles_, buffer_bits / 8 / buffer.word_bytes / buffer.ports);
  const DramLink link = dram_link(arch);
  double output_lines = 0;
  if (has_buffer_tiles(prototype, Operand::output))
    output_lines =
        touched_words(prototype, kOutput) * prototype.placement[kOutput].dram_bits() / 512;
  traffic_cycles_ = std::max(traffic_cycles_, output_lines * 64 / link.bytes_per_cycle);
  ramp_ = link.latency_cycles;
  energy_ = model.least_energy() + (moved + weights.write_line * output_lines) * kLess;
  cycle_energy_ = weights.cycle;
}

// A dimension whose split is open takes at least its iterations over the PEs that are left.
CostBounds::Bound CostBounds::of(const DimArray<const Split*>& chosen) const {
  double columns = columns_, rows = rows_, issue = 1, open = 1, steps = 1;
  for (const Dim d : kAllDims) {
    if (!chosen[d]) {
      open *= static_cast<double>(bounds_[d]);
      continue;
    }
    const Split& s = *chosen[d];
    columns /= static_cast<double>(s.x);
    rows /= static_cast<double>(s.y);
    const BlockExtents blocks = block_extents(0, bounds_[d], s.array(), s.rf);
    issue *= static_cast<double>(blocks.times * blocks.whole + blocks.last);
    steps *= static_cast<double>(blocks.times + (blocks.last > 0 ? 1 : 0));
  }
  issue *= std::max(1.0, open / std::max(columns * rows, 1.0)) / lanes_;
  const double cycles = std::max(issue, traffic_cycles_) * kLess + ramp_;
  return {cycles, steps, energy_ + cycle_energy_ * cycles};
}

}  // namespace chasm
