// Which words of a tensor in DRAM a tile holds, in address order (docs/microarchitecture.md,
// section 4): rows of an activation in its layout, blocks of parameters. Lines are cut elsewhere.
#pragma once

#include <cstdint>
#include <vector>

#include "models/program/geometry.h"

namespace chasm {

// The tile of an activation: axes by what they move. A row, the words between whose first and last
// no other row lies, is all coordinates but the innermost axis fixed (channel_major), or the
// channels of a pixel in one block (the other layouts).
class TileRows {
 public:
  // With `only_new`, words that are kept on every axis are left out.
  TileRows(const TensorAccess&, const TensorLayout&, const std::vector<AxisCoordinates>&,
           bool only_new);

  // visit(base, words): base + each of `words` (ascending, not empty) is a row.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Position& sample : samples_)
      for (const Block& block : blocks_) {
        const std::uint64_t first =
            (sample.value * blocks_of_sample_ + block.number) * pixels_of_block_;
        for (const Position& pixel : pixels_) {
          const bool kept = sample.kept && pixel.kept;
          const std::vector<std::uint64_t>& words = kept ? block.fresh : block.all;
          if (!words.empty()) visit((first + pixel.value) * block_words_, words);
        }
      }
  }

 private:
  // What some axes add to the number of a word together, in some unit, and whether that is held
  // already on all of them.
  struct Position {
    std::uint64_t value;
    bool kept;
  };
  using Positions = std::vector<Position>;
  struct Block {
    std::uint64_t number;
    std::vector<std::uint64_t> all, fresh;  // words of a row: all, those that are not kept
  };
  static void combine(Positions&, const AxisCoordinates&, std::uint64_t stride);
  Block block_of(std::uint64_t number, const Position* begin, const Position* end,
                 bool only_new) const;
  void canonical(const TensorAccess&, const std::vector<AxisCoordinates>&, bool only_new);
  void by_pixel(const TensorAccess&, const TensorLayout&, const std::vector<AxisCoordinates>&,
                bool only_new);

  // The canonical order is one sample with one block of one word.
  std::uint64_t blocks_of_sample_ = 1, pixels_of_block_ = 0, block_words_ = 1;
  Positions samples_, pixels_;  // of canonical ones: rows
  std::vector<Block> blocks_;
};

// A parameter tensor, stored block after block, a block being an array tile.
class ParameterBlocks {
 public:
  ParameterBlocks(const Program&, Operand);

  // visit(first, words): the blocks whose indices lie in [offsets, offsets + extents) of each
  // dimension.
  template <class Visit>
  void for_each(const DimArray<std::uint64_t>& offsets, const DimArray<std::uint64_t>& extents,
                const Visit& visit) const {
    walk(0, 0, 1, offsets, extents, visit);
  }

 private:
  struct Part {  // outermost dimension first
    Dim dim;
    std::uint64_t bound, block, inner;  // inner: indices of all inner dimensions
  };
  // `before` words lie before, whole slices of the outer dimensions; a block has `slice` words for
  // one index of the inner ones.
  template <class Visit>
  void walk(std::size_t part, std::uint64_t before, std::uint64_t slice,
            const DimArray<std::uint64_t>& offsets, const DimArray<std::uint64_t>& extents,
            const Visit& visit) const {
    if (part == parts_.size()) return visit(before, slice);
    const Part& p = parts_[part];
    const std::uint64_t end = std::min(offsets[p.dim] + extents[p.dim], p.bound);
    for (std::uint64_t at = offsets[p.dim]; at < end; at += p.block)
      walk(part + 1, before + at * slice * p.inner, slice * std::min(p.block, p.bound - at),
           offsets, extents, visit);
  }

  std::vector<Part> parts_;
};

}  // namespace chasm
