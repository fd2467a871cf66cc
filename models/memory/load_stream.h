// The lines of one operand that a DMA loads, tile after tile: buffer tiles, or the fills of an
// operand that bypasses the buffer. Knows which line comes next and from when it may be requested;
// moves nothing itself.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "models/program/credit_ring.h"
#include "models/program/loop_cursor.h"
#include "models/memory/line_map.h"

namespace chasm {

class LoadStream {
 public:
  LoadStream(const Program&, Operand, Cycle begin);

  bool bypass() const { return bypass_; }
  bool has_line() const { return next_line_ < lines_.size(); }
  // From when the next line may be requested; none when that is not known, or there is no line
  // left.
  std::optional<Cycle> ready_at() const;
  struct Taken {
    LineTransfer line;
    std::uint64_t tile;
    bool last;  // of its tile or fill
  };
  Taken take_line();

  void tiles_ended(std::uint64_t before_tile, Cycle at) { credits_.ended_before(before_tile, at); }
  // A line of `tile` is in place at that cycle.
  void line_in_place(std::uint64_t tile, Cycle at);
  // The next tile, in order, that has become ready, with its cycle and offsets.
  struct Ready {
    std::uint64_t tile;
    Cycle at;
    DimArray<std::uint64_t> offsets;
  };
  std::optional<Ready> next_ready();

 private:
  struct Tile {
    std::uint64_t number;
    std::uint64_t lines_left;
    Cycle at;
    DimArray<std::uint64_t> offsets;
  };
  void prepare();  // the lines of the next tile that has any
  bool advance();  // to the next position; false at the end
  void make_lines();

  const Program& program_;
  Operand operand_;
  bool bypass_;
  LoopCursor cursor_;
  std::optional<ArrayTile> fill_;   // bypass
  std::optional<BufferTile> tile_;  // buffered
  CreditRing credits_;
  Cycle begin_;
  std::uint64_t position_ = 0;  // number of the tile the cursor stands on
  bool started_ = false, ended_ = false;
  std::vector<LineTransfer> lines_;
  std::size_t next_line_ = 0;
  std::deque<Tile> tiles_;  // buffered: not ready yet
  Cycle last_ready_;
};

}  // namespace chasm
