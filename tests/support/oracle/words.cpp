#include "tests/support/oracle/words.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "tests/support/oracle/im2col.h"

namespace chasm::oracle {
namespace {

// The contribution of one level to the index of every dimension: the mixed-radix number of its
// loops, outermost most significant, for the loop values `digits`.
Index number_of(const std::vector<Loop>& loops, const std::vector<std::uint64_t>& digits) {
  Index number{};
  for (std::size_t i = 0; i < loops.size(); ++i) {
    number[loops[i].dim] = number[loops[i].dim] * loops[i].trips + digits[i];
  }
  return number;
}

// All loop values of a level in lexicographic order; one empty tuple when it has no loops.
std::vector<std::vector<std::uint64_t>> all_digits(const std::vector<Loop>& loops) {
  std::vector<std::vector<std::uint64_t>> tuples = {{}};
  for (const Loop& loop : loops) {
    std::vector<std::vector<std::uint64_t>> longer;
    for (const auto& tuple : tuples) {
      for (std::uint64_t digit = 0; digit < loop.trips; ++digit) {
        longer.push_back(tuple);
        longer.back().push_back(digit);
      }
    }
    tuples = std::move(longer);
  }
  return tuples;
}

// outer * extent of the level + inner, dimension by dimension.
Index joined(const Index& outer, const std::vector<Loop>& level, const Index& inner) {
  const Index extents = extents_of({&level});
  Index number;
  for (const Dim d : kAllDims) number[d] = outer[d] * extents[d] + inner[d];
  return number;
}

Block block_at(const Program& program, const Index& tile_number) {
  const Index rf = extents_of({&program.rf});
  Block block;
  for (const Dim d : kAllDims) {
    const std::uint64_t bound = program.operation.bounds[d];
    block[d].begin = std::min(bound, tile_number[d] * rf[d]);
    block[d].end = std::min(bound, (tile_number[d] + 1) * rf[d]);
  }
  return block;
}

// PE by PE, row after row: x is the outer digit of the spatial index, y the inner one.
std::vector<Block> pe_blocks(const Program& program, const Index& step_number) {
  std::vector<Block> pes;
  for (const auto& y : all_digits(program.spatial_y)) {
    for (const auto& x : all_digits(program.spatial_x)) {
      const Index column = joined(step_number, program.spatial_x, number_of(program.spatial_x, x));
      const Index pe = joined(column, program.spatial_y, number_of(program.spatial_y, y));
      pes.push_back(block_at(program, pe));
    }
  }
  return pes;
}

// Whether the first iteration below the loops counted by `number` exists.
bool exists(const Program& program, const Index& number,
            const std::vector<const std::vector<Loop>*>& inner_levels) {
  const Index inner = extents_of(inner_levels);
  return std::all_of(kAllDims.begin(), kAllDims.end(),
                     [&](Dim d) { return number[d] * inner[d] < program.operation.bounds[d]; });
}

}  // namespace

std::uint64_t iterations(const Block& block) {
  std::uint64_t product = 1;
  for (const Range& range : block.values) product *= range.size();
  return product;
}

Index first_of(const Block& block) {
  Index index;
  for (const Dim d : kAllDims) index[d] = block[d].begin;
  return index;
}

bool next_in(const Block& block, Index& index) {
  for (std::size_t d = kDims; d-- > 0;) {
    if (++index.values[d] < block.values[d].end) return true;
    index.values[d] = block.values[d].begin;
  }
  return false;
}

std::int64_t coordinate_of(const Axis& axis, const Index& index) {
  std::int64_t coordinate = axis.offset;
  for (const Axis::Term& term : axis.terms) {
    coordinate += term.coefficient * static_cast<std::int64_t>(index[term.dim]);
  }
  return coordinate;
}

Tile tile_of(const TensorAccess& access, const Block& block) {
  std::set<std::uint64_t> words;
  std::vector<std::set<std::int64_t>> coordinates(access.axes.size());
  Index index = first_of(block);
  for (bool more = iterations(block) > 0; more; more = next_in(block, index)) {
    if (const auto word = array_word(access, index)) words.insert(*word);
    for (std::size_t a = 0; a < access.axes.size(); ++a) {
      const std::int64_t coordinate = coordinate_of(access.axes[a], index);
      if (coordinate >= 0 && coordinate < access.axes[a].extent) coordinates[a].insert(coordinate);
    }
  }
  Tile tile{{words.begin(), words.end()}, {}};
  for (const auto& axis : coordinates) tile.coordinates.emplace_back(axis.begin(), axis.end());
  return tile;
}

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

std::vector<Step> all_steps(const Program& program) {
  std::vector<Step> steps;
  std::size_t dram_iteration = 0;
  for (const auto& outer : all_digits(program.dram)) {
    const Index dram = number_of(program.dram, outer);
    if (!exists(program, dram,
                {&program.buffer, &program.spatial_x, &program.spatial_y, &program.rf})) {
      continue;
    }
    for (const auto& inner : all_digits(program.buffer)) {
      const Index number = joined(dram, program.buffer, number_of(program.buffer, inner));
      if (!exists(program, number, {&program.spatial_x, &program.spatial_y, &program.rf})) continue;
      steps.push_back({dram_iteration, pe_blocks(program, number)});
    }
    ++dram_iteration;
  }
  return steps;
}

std::vector<Block> dram_iterations(const std::vector<Step>& steps) {
  std::vector<Block> blocks;
  for (const Step& step : steps) {
    if (step.dram_iteration == blocks.size()) blocks.push_back(step.pes[0]);
    Block& whole = blocks[step.dram_iteration];
    for (const Block& pe : step.pes) {
      if (iterations(pe) == 0) continue;
      for (const Dim d : kAllDims) {
        whole[d].begin = std::min(whole[d].begin, pe[d].begin);
        whole[d].end = std::max(whole[d].end, pe[d].end);
      }
    }
  }
  return blocks;
}

DimArray<std::uint64_t> extents_of(const std::vector<const std::vector<Loop>*>& levels) {
  DimArray<std::uint64_t> extents = ones();
  for (const std::vector<Loop>* level : levels) {
    for (const Loop& loop : *level) extents[loop.dim] *= loop.trips;
  }
  return extents;
}

std::uint64_t nominal_words(const TensorAccess& access, const DimArray<std::uint64_t>& extents) {
  std::uint64_t words = 1;
  for (const Axis& axis : access.axes) {
    std::set<std::int64_t> distinct = {0};
    for (const Axis::Term& term : axis.terms) {
      std::set<std::int64_t> moved;
      for (const std::int64_t at : distinct) {
        for (std::uint64_t i = 0; i < extents[term.dim]; ++i) {
          moved.insert(at + term.coefficient * static_cast<std::int64_t>(i));
        }
      }
      distinct = std::move(moved);
    }
    words *= std::min<std::uint64_t>(distinct.size(), static_cast<std::uint64_t>(axis.extent));
  }
  return words;
}

Words unite(const Words& a, const Words& b) {
  Words result;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}

Words without(const Words& a, const Words& b) {
  Words result;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}

Words common(const Words& a, const Words& b) {
  Words result;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}

}  // namespace chasm::oracle
