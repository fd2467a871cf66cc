// How many 64-byte lines the transfers of an operand cover on average (docs/microarchitecture.md,
// section 4), from the lengths of what they bring alone: a search is too long for the places of
// every tile (mapper/line_counts.h looks at those).
//
// A transfer is a box of words: pieces of side by side words, at equal distances along one axis,
// those groups at equal distances along the next, and so on. A piece that begins anywhere among the
// multiples of some bits covers 1 + (its bits - those bits) / 512 lines on average; a piece and the
// next share a line the more often the nearer they lie.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/program/program.h"

namespace chasm {

class LineEstimate {
 public:
  static constexpr std::size_t kAxes = 8;
  using Lengths = std::array<double, kAxes>;  // coordinates along each axis of the access

  LineEstimate() = default;  // nothing may be asked
  // `units` of Placement a word.
  LineEstimate(const Operation&, const TensorAccess&, const TensorLayout&, std::uint64_t units);

  // What all transfers of tiles of one size have in common.
  struct Tiles {
    struct Along {
      double stride = 0;  // lines from one coordinate to the next
      double share = 1;   // of one of the operation's coordinates: of a parameter a block is one
      double whole = 1;   // coordinates that there are
      bool joins = true;  // the next axis outwards follows on without a gap
      // Where tiles begin, and coordinates: multiples of the lowest bit, in units of Placement.
      std::uint64_t starts = 0, coordinates = 0;
    };
    std::array<Along, kAxes + 2> along;  // innermost first
    double piece = 0;                    // lines of one coordinate of all axes
    std::uint64_t channel_grain = 0;     // tiles begin at multiples of so many channels; 0: at 0
    DimArray<std::uint64_t> size{}, block{};  // what they were made ready for
  };
  // Of tiles of these indices of each dimension; parameters lie in blocks, the array tiles. The
  // tiles are new, or others of the same estimate.
  void prepare(const DimArray<std::uint64_t>& tile, const DimArray<std::uint64_t>& block,
               Tiles&) const;

  double lines(const Tiles&, const Lengths&) const;

 private:
  // An axis of the tensor as it lies in DRAM.
  struct Span {
    enum class Kind { axis, channel_blocks, channels_in_block } kind = Kind::axis;
    std::size_t axis = 0;  // of the access; the others have no single one
    std::uint64_t whole = 1;
    std::uint64_t stride = 1;  // words
  };
  struct Moves;
  Moves moves(const Axis&, const DimArray<std::uint64_t>& tile) const;
  void prepare_blocks(Tiles&) const;
  void prepare_plain(Tiles&) const;

  bool is_parameter_ = false;
  DimArray<std::uint64_t> bounds_;
  std::vector<Axis> axes_;
  std::vector<Dim> dims_;                      // of the axes
  std::uint64_t base_ = 0, word_ = 0;          // in units of Placement
  std::vector<Span> spans_;                    // innermost first, of more than one coordinate
  std::array<Tiles::Along, kAxes + 2> plain_;  // of the spans, but for what a tile changes
  bool rows_ = true;                           // the innermost axis goes along a row of memory
  std::vector<std::size_t> channels_;          // axes whose channels lie in blocks
  std::uint64_t block_ = 1, pixels_ = 1;
  double crossings_ = 0;  // share of the ends of blocks that a tile may cross
};

}  // namespace chasm
