// Output tiles in the buffer (docs/microarchitecture.md, section 4): from when drains may enter
// them, which lines of spilled psums are loaded, and which lines are stored.
#pragma once

#include "models/program/geometry.h"
#include "models/program/residency_cursor.h"
#include "mapper/walk_basics.h"
#include "mapper/walk_lines.h"

namespace chasm::walk {

class Stores {
 public:
  Stores(const Program&, Cycle begin);

  struct Taken {
    LineList::Line line;
    std::uint64_t tile;
    bool complete;  // output-wide, else psum-wide
  };

  // From when drains and read-back of a tile may be requested.
  Cycle open(std::uint64_t tile);

  Cycle load_ready() const { return load_ready_; }  // of the next line of psums
  Taken take_load();
  bool loaded(std::uint64_t tile, Cycle at);  // one line; true: its last

  void ended(std::uint64_t tile, Cycle at);  // its last drain is written
  Cycle store_ready() const { return store_ready_; }
  Taken take_store();
  bool line_read(std::uint64_t tile, Cycle at);  // out of the buffer; true: its last
  void acknowledged(std::uint64_t tile, Cycle at);

  // When all is stored; kUnknown before.
  Cycle end() const {
    return exhausted_ && acknowledged_ == first_ + tiles_.size() ? acknowledged_at_ : kUnknown;
  }

  const LoopCursor& cursor() const { return cursor_.cursor(); }
  // Tiles are told relative to `tile`.
  void save(Snapshot&, std::uint64_t tile) const;
  void shift(std::size_t loop, std::uint64_t iterations, std::uint64_t steps, Cycle cycles);

 private:
  struct Tile {
    bool complete = false;
    LineList loads, stores;
    std::uint64_t to_load = 0, to_read = 0, to_store = 0;  // lines that are not yet
    Cycle slot_free = kUnknown, load_from = kUnknown, loaded_at = 0;
    Cycle ended = kUnknown, read_at = 0, acknowledged_at = 0;
  };
  bool append();
  bool reach(std::uint64_t tile) {
    while (tile - first_ >= tiles_.size()) {
      if (!append()) return false;
    }
    return true;
  }
  Tile& at(std::uint64_t tile) { return tiles_[tile - first_]; }
  void update();
  void find_load();
  void find_store();
  void make_lines(const Residency&, bool complete, LineList&);

  const Program& program_;
  ResidencyCursor cursor_;
  BufferTile buffer_;
  bool kept_, exhausted_ = false;
  std::uint64_t slots_;
  Cycle begin_;
  Ring<Tile> tiles_;
  std::uint64_t first_ = 0;  // number of the first of them
  std::uint64_t loading_ = 0, storing_ = 0;
  std::uint64_t gone_ = 0, acknowledged_ = 0;  // all tiles before these
  Cycle gone_at_, acknowledged_at_;
  Cycle load_ready_ = kUnknown, store_ready_ = kUnknown;
};

}  // namespace chasm::walk
