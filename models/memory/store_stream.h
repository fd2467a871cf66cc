// The output side of a DMA: buffer output tiles are opened (their slot is free, spilled psums are
// loaded again) and, once written, stored line by line. Knows which line comes next and from when
// it may move; moves nothing itself. Tiles of a kept output have no lines, and slots that are
// always free: they only come and go.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "base/units.h"
#include "models/program/residency_cursor.h"
#include "models/memory/line_map.h"

namespace chasm {

class OutputStream {
 public:
  OutputStream(const Program&, Cycle begin);

  struct Taken {
    LineTransfer line;
    std::uint64_t residency;
    bool complete;  // output-wide words, else psum-wide
  };

  // Psum loads, in order of residencies.
  std::optional<Cycle> load_ready_at() const;
  Taken take_load();
  void load_in_place(std::uint64_t residency, Cycle at);  // one line

  // Stores.
  void ended(std::uint64_t residency, Cycle at);  // its last drain is written
  std::optional<Cycle> store_ready_at() const;
  Taken take_store();
  void line_read(std::uint64_t residency, Cycle at);     // one line with words has left the buffer
  void acknowledged(std::uint64_t residency, Cycle at);  // one line is in DRAM

  // The next residency, in order, whose drains may start, and from when.
  struct Open {
    std::uint64_t residency;
    Cycle at;
    bool loaded;
  };
  std::optional<Open> next_open();
  // The residency whose store has just left the buffer entirely, once each.
  struct Left {
    std::uint64_t residency;
    bool complete;
  };
  std::optional<Left> next_left();
  // When every store is acknowledged and every residency has ended; none before.
  std::optional<Cycle> all_stored() const;

 private:
  struct Tile {
    Residency residency;
    bool loads = false, stores = false, complete = false;
    std::vector<LineTransfer> load_lines, store_lines;
    std::size_t loads_taken = 0, loads_in_place = 0;
    std::size_t stores_taken = 0, lines_read = 0, lines_acknowledged = 0;
    std::optional<Cycle> slot_free, load_from, ended;
    Cycle loaded_at = 0, read_at = 0, acknowledged_at = 0;
    Cycle gone_at = 0;              // this one and all before have left the buffer
    std::size_t lines_to_read = 0;  // store lines with words: a mere tail has nothing in the buffer
    bool open = false, left = false;

    bool read_out() const { return ended && lines_read == lines_to_read; }
    bool stored() const { return ended && lines_acknowledged == store_lines.size(); }
  };
  void append();  // the next residency from the cursor
  std::size_t count_gone();
  void update();  // slots that have come free
  Tile& at(std::uint64_t residency);
  std::vector<LineTransfer> lines_of(const Residency&, bool complete);

  const Program& program_;
  ResidencyCursor cursor_;
  BufferTile tile_;
  bool kept_;
  std::uint64_t slots_;
  Cycle begin_;
  bool exhausted_ = false;
  std::deque<Tile> tiles_;               // from the oldest that is not done with
  Cycle last_gone_, last_acknowledged_;  // of the residencies that are done with
};

}  // namespace chasm
