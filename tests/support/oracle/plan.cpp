#include "tests/support/oracle/plan.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "base/units.h"

namespace chasm::oracle {
namespace {

using TilesOfSteps = std::vector<std::vector<Tile>>;  // [step][PE]

TilesOfSteps tiles_of_steps(const TensorAccess& access, const std::vector<Step>& steps) {
  TilesOfSteps tiles;
  for (const Step& step : steps) {
    tiles.emplace_back();
    for (const Block& block : step.pes) tiles.back().push_back(tile_of(access, block));
  }
  return tiles;
}

Words union_of(const std::vector<Tile>& tiles) {
  Words all;
  for (const Tile& tile : tiles) all = unite(all, tile.words);
  return all;
}

std::uint64_t beats_of(std::uint64_t words, std::uint32_t bits, std::uint32_t bus_words,
                       std::uint32_t word_bytes) {
  return std::max(ceil_div(words, bus_words), ceil_div(packed_bytes(words, bits), word_bytes));
}

// Per axis the largest tile of the PEs that work in step s, and the smallest part of it kept since
// the step before.
void count_one_step(const TilesOfSteps& tiles, const std::vector<Step>& steps, std::size_t s,
                    std::size_t axes, Ring& ring) {
  std::uint64_t largest = 1, kept = 1;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    std::size_t most = 0, least = std::numeric_limits<std::size_t>::max();
    for (std::size_t e = 0; e < tiles[s].size(); ++e) {
      if (iterations(steps[s].pes[e]) == 0) continue;
      const auto& now = tiles[s][e].coordinates[axis];
      std::size_t same = 0;
      if (s > 0) {
        const auto& before = tiles[s - 1][e].coordinates[axis];
        for (const std::int64_t c : now) {
          same += static_cast<std::size_t>(std::count(before.begin(), before.end(), c));
        }
      }
      most = std::max(most, now.size());
      least = std::min(least, same);
    }
    largest *= most;
    kept *= least;
  }
  if (s == 0) kept = 0;
  for (std::size_t e = 0; e < tiles[s].size() && s > 0; ++e) {
    const bool woke = iterations(steps[s].pes[e]) > 0 && iterations(steps[s - 1].pes[e]) == 0;
    if (woke) kept = 0;
  }
  ring.tile.push_back(largest);
  ring.fresh.push_back(minus(largest, kept));
}

class OperandPlanner {
 public:
  OperandPlanner(const ArchSpec& arch, const ChunkSpec& chunk, const Program& program,
                 const std::vector<Step>& steps, Operand operand)
      : arch_(arch),
        program_(program),
        steps_(steps),
        index_(static_cast<std::size_t>(operand)),
        access_(program.operation.of(operand)),
        layout_(access_, program.placement[index_],
                extents_of({&program.spatial_x, &program.spatial_y, &program.rf})),
        tiles_(tiles_of_steps(access_, steps)) {
    const bool input = operand == Operand::input;
    bus_words_ = input ? chunk.bus_words_per_cycle.input : chunk.bus_words_per_cycle.weight;
    slots_ = (input ? chunk.double_buffered.input : chunk.double_buffered.weight) ? 2 : 1;
  }

  OperandPlan plan() {
    plan_.used = true;
    plan_.bypass = program_.bypass_buffer[index_];
    plan_fills();
    plan_loads();
    return std::move(plan_);
  }

 private:
  std::uint32_t bits() const { return program_.placement[index_].bits; }

  void plan_fills() {
    Ring& ring = plan_.registers;
    ring.capacity = slots_ * nominal_words(access_, extents_of({&program_.rf}));
    plan_.last_fill.resize(steps_.back().dram_iteration + 1);
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      count_one_step(tiles_, steps_, s, access_.axes.size(), ring);
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

  // The buffer has room for what exists of a tile, the register files for all of it.
  DimArray<std::uint64_t> buffer_extents() const {
    DimArray<std::uint64_t> extents =
        extents_of({&program_.buffer, &program_.spatial_x, &program_.spatial_y, &program_.rf});
    for (const Dim d : kAllDims) {
      extents[d] = std::min(extents[d], program_.operation.bounds[d]);
    }
    return extents;
  }

  void plan_loads() {
    if (plan_.bypass) return;
    std::vector<Words> held(steps_.back().dram_iteration + 1);
    for (std::size_t s = 0; s < steps_.size(); ++s) {
      Words& tile = held[steps_[s].dram_iteration];
      tile = unite(tile, union_of(tiles_[s]));
    }
    Ring& ring = plan_.buffer;
    ring.capacity = program_.buffer_tiles[index_] * nominal_words(access_, buffer_extents());
    for (std::size_t i = 0; i < held.size(); ++i) {
      const Words fresh = i == 0 ? held[0] : without(held[i], held[i - 1]);
      ring.tile.push_back(held[i].size());
      ring.fresh.push_back(fresh.size());
      ring.filled.push_back(!fresh.empty());
      plan_.loads.push_back({fresh.size(), layout_.transfer(fresh)});
    }
  }

  const ArchSpec& arch_;
  const Program& program_;
  const std::vector<Step>& steps_;
  std::size_t index_;
  const TensorAccess& access_;
  Layout layout_;
  TilesOfSteps tiles_;
  std::uint32_t bus_words_ = 1, slots_ = 1;
  OperandPlan plan_;
};

class OutputPlanner {
 public:
  OutputPlanner(const ArchSpec& arch, const ChunkSpec& chunk, const Program& program, Plan& plan)
      : arch_(arch),
        chunk_(chunk),
        program_(program),
        plan_(plan),
        access_(program.operation.of(Operand::output)),
        tiles_(tiles_of_steps(access_, plan.steps)) {}

  void run() {
    CHECK(!program_.bypass_buffer[static_cast<std::size_t>(Operand::output)],
          "outputs that bypass the buffer are not modelled");
    plan_.psum_slots = chunk_.double_buffered.psum ? 2 : 1;
    plan_.output_slots = program_.buffer_tiles[static_cast<std::size_t>(Operand::output)];
    find_residencies();
    find_output_tiles();
    for (std::size_t j = 0; j < plan_.residencies.size(); ++j) decide_residency(j);
    for (std::size_t r = 0; r < plan_.output_tiles.size(); ++r) decide_output_tile(r);
  }

 private:
  Placement outputs() const {
    return program_.placement[static_cast<std::size_t>(Operand::output)];
  }
  Layout layout(const Placement& placement) const { return {access_, placement, ones()}; }

  void find_residencies() {
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      const Words words = union_of(tiles_[s]);
      if (s == 0 || words != plan_.residencies.back().words) {
        plan_.residencies.push_back({s, s, words, 0, 0, false, false, false, 0, 0});
      }
      plan_.residencies.back().last_step = s;
      plan_.residency_of.push_back(plan_.residencies.size() - 1);
    }
    for (Residency& residency : plan_.residencies) residency.held = words_held(residency);
  }

  // A PE that worked in any step of the residency holds psums until the drain, even if it idles in
  // the last step.
  std::uint64_t words_held(const Residency& residency) const {
    std::uint64_t held = 0;
    for (std::size_t e = 0; e < plan_.steps[0].pes.size(); ++e) {
      Words of_pe;
      for (std::size_t s = residency.first_step; s <= residency.last_step; ++s) {
        of_pe = unite(of_pe, tiles_[s][e].words);
      }
      held += of_pe.size();
    }
    return held;
  }

  void find_output_tiles() {
    std::vector<Words> of_iteration(plan_.steps.back().dram_iteration + 1);
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      Words& tile = of_iteration[plan_.steps[s].dram_iteration];
      tile = unite(tile, union_of(tiles_[s]));
    }
    std::vector<std::size_t> tile_of_iteration;
    for (const Words& words : of_iteration) {
      if (plan_.output_tiles.empty() || plan_.output_tiles.back().words != words) {
        plan_.output_tiles.push_back({words, std::nullopt, false, false, {}, {}});
      }
      tile_of_iteration.push_back(plan_.output_tiles.size() - 1);
    }
    for (Residency& residency : plan_.residencies) {
      residency.output_tile = tile_of_iteration[plan_.steps[residency.first_step].dram_iteration];
      CHECK(residency.output_tile ==
                tile_of_iteration[plan_.steps[residency.last_step].dram_iteration],
            "a residency spans two output tiles");
    }
  }

  bool seen_before(std::size_t j) const {
    const auto& all = plan_.residencies;
    return std::any_of(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(j),
        [&](const Residency& other) { return !common(other.words, all[j].words).empty(); });
  }
  bool seen_after(std::size_t j) const {
    const auto& all = plan_.residencies;
    return std::any_of(
        all.begin() + static_cast<std::ptrdiff_t>(j) + 1, all.end(),
        [&](const Residency& other) { return !common(other.words, all[j].words).empty(); });
  }

  void decide_residency(std::size_t j) {
    Residency& residency = plan_.residencies[j];
    const bool row_op = program_.operation.is_row_op();
    residency.complete = !seen_after(j);
    residency.drains = residency.complete || !row_op;
    residency.read_back = seen_before(j) && !row_op;
    const std::uint64_t words = residency.words.size();
    const Placement width = residency.complete ? outputs() : program_.psum;
    const auto& bus = chunk_.bus_words_per_cycle;
    const std::uint32_t word_bytes = arch_.global_buffer.word_bytes;
    residency.read_back_beats = beats_of(words, program_.psum.bits, bus.psum_in, word_bytes);
    residency.drain_beats = beats_of(words, width.bits, bus.output, word_bytes);
    if (residency.drains) plan_.output_tiles[residency.output_tile].last_drain = j;
  }

  void decide_output_tile(std::size_t r) {
    OutputTile& tile = plan_.output_tiles[r];
    bool before = false, after = false;
    for (std::size_t other = 0; other < plan_.output_tiles.size(); ++other) {
      const bool same = !common(plan_.output_tiles[other].words, tile.words).empty();
      before = before || (same && other < r);
      after = after || (same && other > r);
    }
    tile.complete = !after;
    tile.load_psums = before && !program_.operation.is_row_op();
    if (tile.load_psums) tile.psum_lines = layout(program_.psum).transfer(tile.words);
    if (tile.last_drain) {
      tile.store_lines = layout(tile.complete ? outputs() : program_.psum).transfer(tile.words);
    }
  }

  const ArchSpec& arch_;
  const ChunkSpec& chunk_;
  const Program& program_;
  Plan& plan_;
  const TensorAccess& access_;
  TilesOfSteps tiles_;
};

// Product of the spatial trips of reduction dimensions.
std::uint64_t reducing_pes(const Program& program) {
  std::uint64_t product = 1;
  for (const std::vector<Loop>* level : {&program.spatial_x, &program.spatial_y}) {
    for (const Loop& loop : *level) {
      if (program.operation.is_reduction(loop.dim)) product *= loop.trips;
    }
  }
  return product;
}

std::uint64_t reduction_latency(const ChunkSpec& chunk, std::uint64_t pes) {
  if (pes == 1) return 0;
  CHECK(chunk.spatial_reduction != SpatialReduction::none, "no way to add psums of {} PEs", pes);
  if (chunk.spatial_reduction == SpatialReduction::chain) return pes - 1;
  std::uint64_t depth = 0;
  while ((std::uint64_t{1} << depth) < pes) ++depth;
  return depth;
}

std::uint64_t issue_cycles(const ChunkSpec& chunk, const Step& step, std::uint64_t reducing) {
  std::uint64_t most = 0;
  for (const Block& block : step.pes) most = std::max(most, iterations(block));
  std::uint64_t cycles = ceil_div(most, chunk.lanes);
  if (chunk.interconnect == Interconnect::systolic) {
    cycles += chunk.rows + chunk.cols - 2;
    if (reducing > 1) cycles += chunk.rows;
  }
  return cycles;
}

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

Plan make_plan(const ArchSpec& arch, const ChunkSpec& chunk, const Program& program) {
  Plan plan;
  plan.steps = all_steps(program);
  CHECK(!plan.steps.empty(), "a program without steps");
  const std::uint64_t reducing = reducing_pes(program);
  for (const Step& step : plan.steps) plan.issue.push_back(issue_cycles(chunk, step, reducing));
  for (const Operand operand : {Operand::input, Operand::weight}) {
    if (!program.operation.of(operand).used) continue;
    plan.operands[static_cast<std::size_t>(operand)] =
        OperandPlanner(arch, chunk, program, plan.steps, operand).plan();
  }
  OutputPlanner(arch, chunk, program, plan).run();
  plan.drain_delay = chunk.pipeline_depth + reduction_latency(chunk, reducing);
  return plan;
}

}  // namespace chasm::oracle
