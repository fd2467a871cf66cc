// Whether a nest makes a legal program: the rules of models/program/verify.h, judged without making
// the program, as fast as a search needs it.
#pragma once

#include "models/program/program.h"
#include "models/program/verify.h"
#include "mapper/loop_nest.h"
#include "mapper/tile_words.h"

namespace chasm {

class NestLimits {
 public:
  // `prototype` gives the operation, the widths, and what bypasses the buffer or is kept there; it
  // has no buffer addresses.
  NestLimits(const Program& prototype, const ProgramLimits&);

  // Says what verify_program says of the program of the nest.
  bool legal(const LoopNest&) const;

  const Program& prototype() const { return prototype_; }
  const ProgramLimits& of_chunk() const { return limits_; }

  // The parts of it. Tiles are not clipped.
  bool may_lie_along_columns(Dim d) const { return columns_[d]; }
  bool may_lie_along_rows(Dim d) const { return rows_[d]; }
  bool register_files_hold(const DimArray<std::uint64_t>& tile) const;
  // Bytes of one tile of the operand in the buffer, 0 where it has none there.
  std::uint64_t buffer_bytes(std::size_t operand, const DimArray<std::uint64_t>& tile,
                             bool accumulates) const;
  bool has_tiles(std::size_t operand) const { return has_tiles_[operand]; }
  // Whether reductions must be complete in the PEs: the output bypasses the buffer.
  bool whole_reductions() const { return whole_reductions_; }

 private:
  bool loops_cover(const LoopNest&) const;
  bool array_holds(const LoopNest&) const;
  bool rows_in_order(const LoopNest&) const;
  bool buffer_holds(const LoopNest&) const;

  Program prototype_;
  ProgramLimits limits_;
  std::array<TileWords, kOperands> words_;  // of tiles in a register file
  DimArray<bool> columns_, rows_, accumulated_;
  std::array<bool, kOperands> has_tiles_{};
  bool whole_reductions_ = false, kept_well_ = true;
};

}  // namespace chasm
