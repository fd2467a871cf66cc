// The loop program a chunk executes: levels DRAM > global buffer > array (spatial x, y) > register
// file, each with its loops outermost first. It is all that mapper and hardware share. A program is
// compact: loops, never passes.
//
// The index of a dimension is the mixed-radix number of its loops, outermost most significant;
// iterations beyond the bound are clipped (imperfect factors). Spatial index j of a PE holds the
// contiguous block j of the register-file tile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "models/energy/activity.h"
#include "models/program/operation.h"
#include "models/program/tensor_layout.h"

namespace chasm {

struct Loop {
  Dim dim;
  std::uint64_t trips;
  bool operator==(const Loop&) const = default;
};

// Where a tensor of a program lives off chip and how wide its words are there.
struct Placement {
  std::uint64_t dram_base = 0;  // byte address, a multiple of 64
  std::uint32_t bits = 8;       // stored width of a word (DRAM and buffer)
  TensorLayout layout = {};     // of an activation in DRAM; parameters lie in order of use
  // Of an activation that is compressed in DRAM: what a word takes there on average, in 1/65536
  // bit. 0: it is stored as it is.
  std::uint64_t compressed = 0;

  static constexpr std::uint64_t kUnitsOfABit = 65536;
  std::uint64_t dram_units() const {  // of a word in DRAM, in 1/65536 bit
    return compressed > 0 ? compressed : bits * kUnitsOfABit;
  }
  double dram_bits() const {
    return static_cast<double>(dram_units()) / static_cast<double>(kUnitsOfABit);
  }
  bool operator==(const Placement&) const = default;
};

struct Program {
  Operation operation;
  std::vector<Loop> dram, buffer, spatial_x, spatial_y, rf;

  std::array<bool, kOperands> bypass_buffer{};  // DRAM -> prefetch FIFO -> bus
  std::array<std::uint32_t, kOperands>
      buffer_tiles{};  // tiles of each operand in the buffer: 1, or 2 (ping-pong)
  // First byte of each operand's tiles, or of its kept tensor, in the buffer: which bank a stream
  // of beats begins in. All 0 until the controller starts the program.
  std::array<std::uint64_t, kOperands> buffer_base{};
  // The whole tensor lies in the buffer (docs/microarchitecture.md, section 6): no tiles, no DRAM.
  std::array<bool, kOperands> kept{};
  std::array<Placement, kOperands> placement{};
  Placement psum;  // spilled partial sums: scratch space and psum width
  // Width at which the operands enter the PEs (register files); stored words that are wider are
  // requantised.
  std::array<std::uint32_t, kOperands> pe_bits{};
  // Share of the operations that are gated, because their input is zero, in 1/65536.
  std::uint64_t gated = 0;
  static constexpr std::uint64_t kAllGated = 65536;

  bool operator==(const Program&) const = default;
};

// Tile extents of each dimension below the loops of a level (unclipped).
DimArray<std::uint64_t> rf_tile(const Program&);      // of one PE
DimArray<std::uint64_t> array_tile(const Program&);   // of all PEs: rf x spatial
DimArray<std::uint64_t> buffer_tile(const Program&);  // of one DRAM iteration
DimArray<std::uint64_t> clipped(const DimArray<std::uint64_t>& tile,
                                const Operation&);  // to the bounds

// Distinct coordinates that a tile touches on an axis, padding counted, at most the axis's extent;
// and the words of a tensor's tile, the product over its axes: T_nom of docs/microarchitecture.md.
// 0 for an operand that is not used.
std::uint64_t distinct_coordinates(const Axis&, const DimArray<std::uint64_t>& tile);
std::uint64_t tile_words(const TensorAccess&, const DimArray<std::uint64_t>& tile);
// The same of a tile in the buffer (clipped to the bounds), where words are stored ones.
std::uint64_t buffer_words(const TensorAccess&, const DimArray<std::uint64_t>& tile);

// Whether a reduction loop runs over steps (DRAM or buffer level), so that partial sums may have to
// leave the PEs and come back: the output's buffer tile then is psum-wide, and the output cannot
// bypass the buffer. Never for row operations, whose statistics stay in the PEs.
bool accumulates_over_steps(const Program&);
std::uint32_t buffer_bits(const Program&,
                          Operand);  // width of an operand's words in its buffer tile

// Whether the operand has tiles in the buffer: it does not bypass it, and is not kept there whole.
bool has_buffer_tiles(const Program&, Operand);
// Takes the gated operations of a program out of what its PEs and weight registers did: their share
// of all operations, rounded half up.
void count_gated(const Program&, Activity&);
// Of the words a program moves: as they are stored, and in the PEs.
ActivityWidths activity_widths(const Program&);
// First byte of the space of these tiles: that of the first operand, in the order input, weight,
// output, that has any; 0 where none has.
std::uint64_t buffer_space_base(const Program&);

// The program as indented text, one loop a line, and back. parse(print(p)) == p. Problems of a text
// are diagnostics with line and column.
std::string print_program(const Program&);
std::optional<Program> parse_program(std::string_view text, const std::string& file, Diagnostics&);

}  // namespace chasm
