// Exact word sets of the tiles of an operand (docs/microarchitecture.md, section 1), as products
// over axes: each dimension moves at most one axis of a tensor, so unions, intersections and sums
// over PEs factor.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "models/program/program.h"

namespace chasm {

// Distinct stored words that a block of these extents at index 0 touches (padding not counted).
std::uint64_t stored_words(const TensorAccess&, const DimArray<std::uint64_t>& extents);

// One coordinate of a tile on one axis.
struct TileCoordinate {
  std::int64_t value;
  bool kept;  // already held from the tile before
};
using AxisCoordinates = std::vector<TileCoordinate>;  // ascending

// The stored coordinates that the whole operation touches, by axis; none kept.
std::vector<AxisCoordinates> whole_tile(const Operation&, const TensorAccess&);

// What changes in the register files when the array moves from one step to the next.
struct RegisterFileDelta {
  std::uint64_t new_words = 0;   // distinct words that must be delivered
  std::uint64_t receivers = 0;   // (word, PE) pairs delivered
  std::uint64_t tile_words = 0;  // T: the largest tile of a PE, per-axis maximum
  std::uint64_t ring_words = 0;  // N: ring words the delivery takes, per-axis bound
  bool operator==(const RegisterFileDelta&) const = default;
};

// The register-file tiles of one operand over the whole array, step after step.
class ArrayTile {
 public:
  ArrayTile(const Program&, Operand);

  // Moves to the step at these dimension offsets; the delta is against the previous call (nothing
  // held before the first).
  RegisterFileDelta move_to(const DimArray<std::uint64_t>& offsets);
  // Coordinates of the union tile, per axis, against the tile before the last move_to: kept only
  // where every PE keeps it. A word is new when it is not kept on all axes, or when all_new().
  std::vector<AxisCoordinates> coordinates() const;
  bool all_new() const { return all_new_; }

  std::uint64_t union_words() const;  // distinct words of the current tile
  std::uint64_t pe_words() const;     // the same, summed over PEs

 private:
  struct AxisState {  // of one axis at one position of its dimensions
    std::uint64_t position = 0;
    std::uint64_t total = 0, kept = 0;        // union over PEs
    std::uint64_t pe_total = 0, pe_kept = 0;  // sums over the PE positions of the axis
    std::uint64_t pe_largest = 0, pe_least_kept = 0;
  };
  struct AxisDims {
    std::vector<Dim> dims;
    bool block = false;  // one dimension, coefficient 1, no padding: tiles are equal or disjoint
    std::uint64_t positions_inner = 1;  // positions of the second dimension
  };
  using PeSets = std::vector<std::vector<std::int64_t>>;

  std::uint64_t position_of(std::size_t axis, const DimArray<std::uint64_t>& offsets) const;
  DimArray<std::uint64_t> offsets_at(std::size_t axis, std::uint64_t position) const;
  PeSets pe_sets(std::size_t axis, std::uint64_t position) const;
  AxisState compute(std::size_t axis, std::uint64_t position, std::uint64_t previous) const;
  AxisState compute_block(std::size_t axis, std::uint64_t position, std::uint64_t previous) const;
  std::uint64_t active(Dim, const DimArray<std::uint64_t>& offsets) const;
  std::uint64_t stored_elements(const DimArray<std::uint64_t>& offsets);  // through im2col

  const TensorAccess& access_;
  DimArray<std::uint64_t> bounds_, rf_, array_, spatial_;
  std::vector<AxisDims> axis_dims_;
  std::vector<Dim> free_dims_;  // spatial dimensions the operand does not depend on
  std::vector<AxisState> state_;
  std::vector<std::uint64_t> previous_;  // position of each axis one move before; kNowhere at first
  std::vector<std::uint64_t> free_active_;
  bool all_new_ = true;
  std::vector<std::unordered_map<std::uint64_t, AxisState>> cache_;  // looked up, never iterated
  std::unordered_map<std::uint64_t, std::uint64_t> element_cache_;   // the same
};

// The buffer tile of one operand: all words touched in one iteration of the DRAM loops.
class BufferTile {
 public:
  BufferTile(const Program&, Operand);

  // Moves to the DRAM iteration at these offsets; the number of words that B(i-1) does not hold.
  std::uint64_t move_to(const DimArray<std::uint64_t>& offsets);
  std::uint64_t words() const;
  const std::vector<AxisCoordinates>& coordinates() const { return axes_; }
  const DimArray<std::uint64_t>& offsets() const { return offsets_; }

 private:
  const TensorAccess& access_;
  DimArray<std::uint64_t> bounds_, tile_, offsets_;
  std::vector<AxisCoordinates> axes_;
  bool first_ = true;
};

}  // namespace chasm
