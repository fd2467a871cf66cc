#include <algorithm>
#include <limits>
#include <set>

#include "base/units.h"
#include "tests/support/oracle/im2col.h"
#include "tests/support/oracle/planners.h"

namespace chasm::oracle {
namespace {

// The coordinates of a block on an axis, padding among them.
std::vector<std::int64_t> padded_coordinates(const Axis& axis, const Block& block) {
  std::set<std::int64_t> coordinates;
  Index index = first_of(block);
  for (bool more = iterations(block) > 0; more; more = next_in(block, index))
    coordinates.insert(coordinate_of(axis, index));
  return {coordinates.begin(), coordinates.end()};
}

// Per axis the largest tile of the PEs that work in step s, and the smallest part of it kept since
// the step before.
void count_one_step(const TensorAccess& access, const TilesOfSteps& tiles,
                    const std::vector<Step>& steps, std::size_t s, const Readings& readings,
                    Ring& ring) {
  const auto woke = [&](std::size_t e) {
    return s > 0 && iterations(steps[s].pes[e]) > 0 && iterations(steps[s - 1].pes[e]) == 0;
  };
  const auto coordinates = [&](std::size_t step, std::size_t e, std::size_t axis) {
    return readings.padding_counts ? padded_coordinates(access.axes[axis], steps[step].pes[e])
                                   : tiles[step][e].coordinates[axis];
  };
  std::uint64_t largest = 1, kept = 1;
  for (std::size_t axis = 0; axis < access.axes.size(); ++axis) {
    std::size_t most = 0, least = std::numeric_limits<std::size_t>::max();
    for (std::size_t e = 0; e < tiles[s].size(); ++e) {
      if (iterations(steps[s].pes[e]) == 0) continue;
      const auto now = coordinates(s, e, axis);
      most = std::max(most, now.size());
      if (readings.idle_pes_do_not_count && woke(e)) continue;
      std::size_t same = 0;
      if (s > 0) {
        const auto before = coordinates(s - 1, e, axis);
        for (const std::int64_t c : now) {
          same += static_cast<std::size_t>(std::count(before.begin(), before.end(), c));
        }
      }
      least = std::min(least, same);
    }
    largest *= most;
    kept *= std::min(least, most);
  }
  if (s == 0) kept = 0;
  for (std::size_t e = 0; e < tiles[s].size() && !readings.idle_pes_do_not_count; ++e)
    if (woke(e)) kept = 0;
  ring.tile.push_back(largest);
  ring.fresh.push_back(minus(largest, kept));
}

class OperandPlanner {
 public:
  OperandPlanner(const ArchSpec& arch, const ChunkSpec& chunk, const Program& program,
                 const std::vector<Step>& steps, Operand operand, const Readings& readings)
      : arch_(arch),
        readings_(readings),
        program_(program),
        steps_(steps),
        index_(static_cast<std::size_t>(operand)),
        access_(program.operation.of(operand)),
        layout_(stored_access(access_), program.placement[index_],
                extents_of({&program.spatial_x, &program.spatial_y, &program.rf}),
                readings.parameters_lie_in_rows),
        tiles_(tiles_of_steps(access_, steps)) {
    const bool input = operand == Operand::input;
    bus_words_ = input ? chunk.bus_words_per_cycle.input : chunk.bus_words_per_cycle.weight;
    const auto& twice = chunk.double_buffered;
    const std::uint64_t tile = nominal_words(access_, extents_of({&program.rf}));
    ring_words_ = ((input ? twice.input : twice.weight) ? 2 : 1) * tile;
    const auto& words = chunk.register_file_words;
    if (input && chunk.fifo_buffered.input) ring_words_ = words.input;
    if (!input && chunk.fifo_buffered.weight) ring_words_ = words.weight;
  }

  OperandPlan plan() {
    plan_.used = true;
    plan_.bypass = program_.bypass_buffer[index_];
    plan_.serial_loads = readings_.loads_wait_for_each_other;
    plan_fills();
    plan_loads();
    return std::move(plan_);
  }

 private:
  std::uint32_t bits() const { return program_.placement[index_].bits; }

  void plan_fills() {
    Ring& ring = plan_.registers;
    ring.capacity = ring_words_;
    plan_.last_fill.resize(steps_.back().dram_iteration + 1);
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      count_one_step(access_, tiles_, steps_, s, readings_, ring);
      const bool filled = plan_fill(s);
      ring.filled.push_back(filled);
      if (filled) plan_.last_fill[steps_[s].dram_iteration] = plan_.fills.size() - 1;
      plan_.latest_fill.push_back(plan_.fills.empty() ? std::nullopt
                                                      : std::optional(plan_.fills.size() - 1));
    }
  }

  bool plan_fill(std::size_t s) {
    Words delivered;
    std::uint64_t receivers = 0;
    for (std::size_t e = 0; e < tiles_[s].size(); ++e) {
      const Words before = s == 0 ? Words{} : tiles_[s - 1][e].words;
      const Words fresh = without(tiles_[s][e].words, before);
      delivered = unite(delivered, fresh);
      receivers += fresh.size();
    }
    if (delivered.empty()) return false;
    Fill fill{s, steps_[s].dram_iteration, delivered.size(), receivers, 0, {}};
    fill.beats = beats_of(fill.words, bits(), bus_words_, arch_.global_buffer.word_bytes);
    if (plan_.bypass) fill.lines = layout_.transfer(delivered);
    plan_.fills.push_back(fill);
    return true;
  }

  // What each DRAM iteration needs in the buffer: the words of its steps, or the box under its part
  // of the matrix.
  struct BufferTiles {
    std::vector<Words> held;
    std::uint64_t nominal = 0;  // words that one has room for
  };

  BufferTiles tiles_of_words() const {
    BufferTiles tiles;
    tiles.held.resize(steps_.back().dram_iteration + 1);
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      Words& tile = tiles.held[steps_[s].dram_iteration];
      tile = unite(tile, union_of(tiles_[s]));
    }
    // The buffer has room for what exists of a tile, the register files for all of it.
    DimArray<std::uint64_t> extents =
        extents_of({&program_.buffer, &program_.spatial_x, &program_.spatial_y, &program_.rf});
    for (const Dim d : kAllDims) extents[d] = std::min(extents[d], program_.operation.bounds[d]);
    tiles.nominal = nominal_words(access_, extents);
    return tiles;
  }

  BufferTiles tiles_of_boxes() const {
    BufferTiles tiles;
    const TensorAccess stored = stored_access(access_);
    for (const Block& iteration : dram_iterations(steps_)) {
      const Block box = stored_box(*access_.im2col, iteration);
      DimArray<std::uint64_t> extents;
      for (const Dim d : kAllDims) extents[d] = box[d].size();
      tiles.held.push_back(tile_of(stored, box).words);
      tiles.nominal = std::max(tiles.nominal, nominal_words(stored, extents));
    }
    return tiles;
  }

  void plan_loads() {
    if (plan_.bypass) return;
    const auto [held, nominal] = access_.im2col ? tiles_of_boxes() : tiles_of_words();
    Ring& ring = plan_.buffer;
    ring.capacity = program_.buffer_tiles[index_] * nominal;
    for (std::size_t i = 0; i < held.size(); ++i) {
      Words fresh = i == 0 ? held[0] : without(held[i], held[i - 1]);
      if (program_.kept[index_]) fresh.clear();
      ring.tile.push_back(held[i].size());
      ring.fresh.push_back(fresh.size());
      ring.filled.push_back(!fresh.empty());
      plan_.loads.push_back({fresh.size(), layout_.transfer(fresh)});
    }
  }

  const ArchSpec& arch_;
  const Readings& readings_;
  const Program& program_;
  const std::vector<Step>& steps_;
  std::size_t index_;
  const TensorAccess& access_;
  Layout layout_;
  TilesOfSteps tiles_;
  std::uint32_t bus_words_ = 1;
  std::uint64_t ring_words_ = 0;
  OperandPlan plan_;
};

}  // namespace

bool Ring::has_room(std::size_t step, std::size_t ended) const {
  if (ended >= step) return true;
  std::optional<std::size_t>
      oldest;  // the first step of the fill that the oldest step in use reads
  for (std::size_t a = 0; a <= ended; ++a) {
    if (filled[a]) oldest = a;
  }
  std::uint64_t held = oldest ? tile[*oldest] : 0;
  for (std::size_t j = oldest ? *oldest + 1 : 0; j <= step; ++j) {
    if (filled[j]) held += fresh[j];
  }
  return held <= capacity;
}

OperandPlan plan_operand(const ArchSpec& arch, const ChunkSpec& chunk, const Program& program,
                         const std::vector<Step>& steps, Operand operand,
                         const Readings& readings) {
  return OperandPlanner(arch, chunk, program, steps, operand, readings).plan();
}

}  // namespace chasm::oracle
