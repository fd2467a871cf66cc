// The lines that a DMA loads for one operand, into buffer tiles or, past the buffer, into a FIFO
// (docs/microarchitecture.md, sections 2 and 4): which comes next, and from when.
#pragma once

#include <optional>

#include "models/arch/arch_spec.h"
#include "models/program/loop_cursor.h"
#include "mapper/walk_credit.h"
#include "mapper/walk_lines.h"
#include "mapper/walk_moves.h"

namespace chasm::walk {

class Loads {
 public:
  Loads(const Program&, const ChunkSpec&, Operand, Cycle begin);

  bool bypass() const { return bypass_; }
  bool has_line() const { return !lines_.done(); }
  // From when the next line may be requested, known only where there is one.
  Cycle ready() const {
    if (!has_line()) return kUnknown;
    if (!bypass_) return std::max(begin_, credit_.at());
    if (in_fifo_ < fifo_lines_) return begin_;
    return frees_.empty() ? kUnknown : frees_.front();
  }
  struct Taken {
    LineList::Line line;
    std::uint64_t tile;
    bool last;  // of its fill or tile
  };
  Taken take(Cycle now);

  // FIFO: a line leaves at that cycle.
  void line_leaves(Cycle at) { frees_.push_back(at); }
  // Buffer: all tiles before that one have ended; a line is in place.
  void tiles_ended(std::uint64_t before, Cycle at) { credit_.end(before, at); }
  bool in_place(std::uint64_t tile, Cycle at);  // true: its last line
  // The next tile that is all there, in order; kUnknown: not yet.
  Cycle next_ready();

  const LoopCursor& cursor() const { return cursor_; }
  // Tiles are told relative to `tile`.
  void save(Snapshot&, std::uint64_t tile) const;
  void shift(std::size_t loop, std::uint64_t iterations, Cycle cycles);

 private:
  bool advance();
  void next();
  void make_lines();

  const Program& program_;
  Operand operand_;
  bool bypass_;
  LoopCursor cursor_;
  std::optional<ParameterBlocks> blocks_;  // of parameters
  std::optional<Moves> moves_;             // of parameters past the buffer
  std::optional<ArrayTile> fill_;          // of other tensors past the buffer
  std::optional<BufferTile> tile_;         // else
  DimArray<std::uint64_t> extents_;        // of the tile
  Credit credit_;
  Cycle begin_, last_ready_;
  bool started_ = false, ended_ = false;
  std::uint64_t position_ = 0;  // of the tile whose lines come next
  LineList lines_;
  struct Tile {
    std::uint64_t lines_left = 0;
    Cycle at = 0;
  };
  Ring<Tile> tiles_;  // from `oldest_` on, not all there yet
  std::uint64_t oldest_ = 0;
  std::uint64_t fifo_lines_, in_fifo_ = 0;
  Ring<Cycle> frees_;
};

}  // namespace chasm::walk
