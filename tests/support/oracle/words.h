// Which words a block of iterations touches, found by running over all of them.
#pragma once

#include <cstdint>
#include <vector>

#include "models/program/program.h"

namespace chasm::oracle {

using Words = std::vector<std::uint64_t>;  // word numbers of a tensor: sorted, each once

struct Range {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t size() const { return end > begin ? end - begin : 0; }
  bool operator==(const Range&) const = default;
};
using Block = DimArray<Range>;  // the iterations begin <= index < end of every dimension

std::uint64_t iterations(const Block&);  // 0 when any dimension is empty

// What a block touches of one operand. Padding is no part of the words; it is of the coordinates of
// a flattened input, whose padding has a place in the matrix.
struct Tile {
  Words words;
  std::vector<std::vector<std::int64_t>>
      coordinates;  // per axis: the stored ones, sorted, each once
};
Tile tile_of(const TensorAccess&, const Block&);

using Index = DimArray<std::uint64_t>;
std::int64_t coordinate_of(const Axis&, const Index&);
// Counts `index` up within the block, last dimension fastest; false after the last iteration.
bool next_in(const Block&, Index&);
Index first_of(const Block&);

// One step of a program: the block of every PE (idle PEs have an empty one).
struct Step {
  std::size_t dram_iteration;  // number of the existing DRAM iteration it belongs to
  std::vector<Block> pes;
};
std::vector<Step> all_steps(const Program&);

// The iterations of each DRAM iteration.
std::vector<Block> dram_iterations(const std::vector<Step>&);

using TilesOfSteps = std::vector<std::vector<Tile>>;  // [step][PE]
TilesOfSteps tiles_of_steps(const TensorAccess&, const std::vector<Step>&);
Words union_of(const std::vector<Tile>&);

// Distinct coordinates on all axes of a tile with these extents that is not clipped, padding
// counted, at most the axis: the words a ring slot has room for.
std::uint64_t nominal_words(const TensorAccess&, const DimArray<std::uint64_t>& extents);
// Product of the trips of each dimension over these levels.
DimArray<std::uint64_t> extents_of(const std::vector<const std::vector<Loop>*>& levels);

Words unite(const Words&, const Words&);
Words without(const Words&, const Words&);  // a \ b
Words common(const Words&, const Words&);

}  // namespace chasm::oracle
