// The handshake between a chunk's sequencer and its DMA: which tiles are on chip, which may be
// overwritten. Times are announced as soon as they are known, which is before they come
// (docs/microarchitecture.md, section 4).
#pragma once

#include <cstdint>

#include "base/units.h"
#include "models/program/operation.h"

namespace chasm {

// What the DMA tells the sequencer. `tile` counts the iterations of the DRAM loops that move the
// operand.
class TileConsumer {
 public:
  virtual ~TileConsumer() = default;
  virtual void tile_ready(Operand, std::uint64_t tile, Cycle at) = 0;  // in order of tiles
  // The next line of a bypassing operand with so many new words; `last` of its fill.
  virtual void fifo_line(Operand, std::uint64_t words, bool last, Cycle at) = 0;
  virtual void output_tile_open(std::uint64_t residency,
                                Cycle at) = 0;  // drains and read-back may start
  virtual void all_stored(Cycle at) = 0;        // every store is acknowledged
};

// What the sequencer tells the DMA.
class TileSupplier {
 public:
  virtual ~TileSupplier() = default;
  virtual void tiles_ended(Operand, std::uint64_t before_tile,
                           Cycle at) = 0;               // all tiles before that one
  virtual void fifo_line_taken(Operand, Cycle at) = 0;  // one line left the FIFO
  virtual void output_tile_ended(std::uint64_t residency,
                                 Cycle at) = 0;  // its last drain is written
};

}  // namespace chasm
