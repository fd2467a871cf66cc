#include "mapper/line_counts.h"

#include <algorithm>

#include "base/units.h"
#include "models/program/geometry.h"
#include "mapper/line_spans.h"
#include "mapper/operand_moves.h"

namespace chasm {
namespace {

using Positions = DimArray<std::uint64_t>;

// The temporal loops of one level over the tiles of one operand.
class TileWalk {
 public:
  struct Loops {
    std::vector<Loop> all;  // outermost first
    DimArray<DimTile> tiles;
  };

  TileWalk(const TensorAccess& access, Loops loops) : loops_(std::move(loops)) {
    for (const Dim d : kAllDims)
      (access.depends_on(d) && loops_.tiles[d].bound > 1 ? own_ : free_).push_back(d);
  }

  // visit(from, to, steady, again): the moves between two places of the tile, `steady` times while
  // no PE that was idle begins to work, `again` times while one does. `from` is null for the first.
  template <class Visit>
  void for_each_move(Visit visit) const {
    Positions from{}, to{};
    visit(nullptr, to, 1, 0);
    for (std::size_t l = 0; l < loops_.all.size(); ++l) {
      std::uint64_t all = 1, steady = 1;
      for (const Dim d : free_) {
        const MoveSums sums = free_sums(d, l);
        all *= sums.words;
        steady *= sums.kept;
      }
      if (all > 0) own_moves(l, 0, from, to, [&] { visit(&from, to, steady, all - steady); });
    }
  }

  Positions offsets(const Positions& at) const {
    Positions result;
    for (const Dim d : kAllDims) result[d] = at[d] * loops_.tiles[d].tile();
    return result;
  }

 private:
  // Positions that an iteration of the loops of a dimension outside of `loop` covers; with the loop
  // itself where `in`.
  std::uint64_t block(Dim d, std::size_t loop, bool in) const {
    std::uint64_t positions = 1;
    for (std::size_t l = in ? loop + 1 : loop; l < loops_.all.size(); ++l)
      if (loops_.all[l].dim == d) positions *= loops_.all[l].trips;
    return std::min(positions, loops_.tiles[d].positions());
  }

  MoveSums free_sums(Dim d, std::size_t loop) const {
    const auto factor = free_factor(loops_.tiles[d], FreeDim::delivered);
    if (loops_.all[loop].dim != d) return factor->sums({false, block(d, loop, false)}, {});
    MoveSums sums = factor->sums({true, block(d, loop, true)}, {});
    sums -= factor->sums({true, block(d, loop, false)}, {});
    return sums;
  }

  template <class Visit>
  void own_moves(std::size_t loop, std::size_t i, Positions& from, Positions& to,
                 const Visit& visit) const {
    if (i == own_.size()) return visit();
    const Dim d = own_[i];
    const std::uint64_t positions = loops_.tiles[d].positions(), outer = block(d, loop, false);
    const bool advances = loops_.all[loop].dim == d;
    const std::uint64_t step = advances ? block(d, loop, true) : outer;
    for (std::uint64_t at = advances ? step : 0; at < positions; at += step) {
      if (advances && at % outer == 0) continue;
      to[d] = at;
      from[d] = advances ? at - 1 : std::min(at + step, positions) - 1;
      own_moves(loop, i + 1, from, to, visit);
    }
    to[d] = from[d] = 0;
  }

  Loops loops_;
  std::vector<Dim> own_, free_;
};

DimArray<DimTile> tiles_of(const LevelNest& nest) {
  DimArray<DimTile> tiles;
  for (const Dim d : kAllDims) tiles[d] = nest.splits[d]->tile;
  return tiles;
}

TileWalk::Loops array_loops(const Program& program) {
  const LoopNest nest = to_nest(program);
  NestSplits splits(program.operation.bounds);
  return {{nest.loops.begin(), nest.loops.begin() + static_cast<std::ptrdiff_t>(nest.count)},
          tiles_of(splits.array_level(splits.numbers(nest)))};
}
TileWalk::Loops buffer_loops(const Program& program) {
  const LoopNest nest = to_nest(program);
  NestSplits splits(program.operation.bounds);
  return {{nest.loops.begin(), nest.loops.begin() + static_cast<std::ptrdiff_t>(nest.dram)},
          tiles_of(splits.buffer_level(splits.numbers(nest)))};
}

// Of the tiles in the buffer, or in the PEs where the operand bypasses it.
std::uint64_t loaded_lines(const Program& program, Operand operand) {
  const auto o = static_cast<std::size_t>(operand);
  const TensorAccess& access = program.operation.of(operand);
  const bool bypass = program.bypass_buffer[o];
  const TileWalk walk(access, bypass ? array_loops(program) : buffer_loops(program));
  const DimArray<std::uint64_t> extents = bypass ? array_tile(program) : buffer_tile(program);
  const auto whole = [&](const Positions& at) {
    if (access.is_parameter) return parameter_lines(program, operand, walk.offsets(at), extents);
    BufferTile tile(program, operand);
    ArrayTile array(program, operand);
    bypass ? array.move_to(walk.offsets(at)).new_words : tile.move_to(walk.offsets(at));
    return tensor_lines(access, program.placement[o],
                        bypass ? array.coordinates() : tile.coordinates(), false);
  };
  ArrayTile array(program, operand);
  std::uint64_t lines = 0;
  walk.for_each_move(
      [&](const Positions* from, const Positions& to, std::uint64_t steady, std::uint64_t again) {
        if (!from || again > 0) lines += (from ? again : 1) * whole(to);
        if (!from || steady == 0 || *from == to) return;
        if (access.is_parameter) {  // tiles are equal or disjoint
          lines += steady * whole(to);
        } else if (bypass) {
          array.move_to(walk.offsets(*from));
          array.move_to(walk.offsets(to));
          lines += steady * tensor_lines(access, program.placement[o], array.coordinates(), true);
        } else {
          BufferTile tile(program, operand);
          tile.move_to(walk.offsets(*from));
          tile.move_to(walk.offsets(to));
          lines += steady * tensor_lines(access, program.placement[o], tile.coordinates(), true);
        }
      });
  return lines;
}

// Every tile is stored once as outputs; before that it is stored, and loaded again, as psums
// whenever it leaves.
void count_outputs(const Program& program, LineCounts& lines) {
  constexpr auto o = static_cast<std::size_t>(Operand::output);
  const TensorAccess& access = program.operation.of(Operand::output);
  const TileWalk walk(access, buffer_loops(program));
  BufferTile tile(program, Operand::output);
  const auto whole = [&](const Positions& at, const Placement& placement) {
    tile.move_to(walk.offsets(at));
    return tensor_lines(access, placement, tile.coordinates(), false);
  };
  const bool spills = !program.operation.is_row_op();
  std::map<std::array<std::uint64_t, kDims>, std::uint64_t> residencies;
  walk.for_each_move(
      [&](const Positions* from, const Positions& to, std::uint64_t steady, std::uint64_t again) {
        if (!from || *from != to) residencies[to.values] += steady + again;
      });
  for (const auto& [at, times] : residencies) {
    const Positions to{at};
    lines.writes += whole(to, program.placement[o]);
    if (times == 1 || !spills) continue;
    const std::uint64_t psums = (times - 1) * whole(to, program.psum);
    lines.writes += psums;
    lines.reads += psums;
  }
}

}  // namespace

LineCounts count_lines(const Program& program) {
  LineCounts lines;
  for (const Operand operand : {Operand::input, Operand::weight}) {
    const bool loads =
        program.operation.of(operand).used && !program.kept[static_cast<std::size_t>(operand)];
    if (loads) lines.reads += loaded_lines(program, operand);
  }
  if (has_buffer_tiles(program, Operand::output)) count_outputs(program, lines);
  return lines;
}

}  // namespace chasm
