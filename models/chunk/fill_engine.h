// Delivers the tiles of one operand (input or weight) over its bus into the register files: which
// fill comes next, from when it may be requested, and which fills the issue stage may count on
// (docs/microarchitecture.md, section 2).
#pragma once

#include <deque>
#include <optional>

#include "base/units.h"
#include "models/arch/arch_spec.h"
#include "models/program/credit_ring.h"
#include "models/program/geometry.h"
#include "models/program/loop_cursor.h"
#include "models/program/word_mover.h"

namespace chasm {

// Words of a PE's register file that fills may count on.
std::uint64_t ring_words(const ChunkSpec&, const Program&, Operand);

class FillEngine {
 public:
  struct Fill {
    std::uint64_t first_step = 0;
    std::uint64_t tile = 0;  // buffer tile that holds its words
    std::uint64_t words = 0, receivers = 0;
    DimArray<std::uint64_t> offsets;
  };
  struct Delivered {
    std::uint64_t first_step;
    Cycle end;      // the words are in the register files
    Cycle on_chip;  // their buffer tile (or last FIFO line) was there
  };

  // `mover` may be null; it is told here of the moves to tiles that bring no new words, which are
  // no fills.
  // `ring_words`: what the register file of a PE holds, tiles or not.
  FillEngine(const Program&, Operand, std::uint64_t ring_words, Cycle begin, WordMover* mover);

  // The fill that is being delivered, or none when all are.
  const std::optional<Fill>& current() const { return current_; }
  bool bypass() const { return bypass_; }

  // From when the current fill may be requested, as far as register-file credit and the bus go;
  // none: not known yet.
  std::optional<Cycle> credit() const;
  // The buffer tile of the current fill: when it is ready, if known. A kept operand is there from
  // the beginning.
  std::optional<Cycle> tile_ready() const;

  void add_ready(std::uint64_t tile, Cycle at);
  void port_taken(Cycle until) { port_end_ = until; }
  // The current fill is delivered; the next one becomes current. Returns the buffer tile up to
  // which (exclusive) all have ended at port_end().
  std::uint64_t complete(Cycle end, Cycle on_chip);
  Cycle port_end() const { return port_end_; }

  // Issue stage: does a fill begin at this step? The steps before have ended at `before_end`.
  enum class At { none, pending, delivered };
  At reach(std::uint64_t step, Cycle before_end);
  const Delivered& delivered() const { return delivered_.front(); }
  void consume() { delivered_.pop_front(); }

 private:
  void prepare();

  Operand operand_;
  WordMover* mover_;
  bool bypass_, kept_;
  LoopCursor cursor_;
  std::size_t dram_depth_;
  ArrayTile tile_;
  CreditRing credits_;
  Cycle begin_, port_end_;
  bool started_ = false;
  std::uint64_t step_ = 0, tile_number_ = 0;
  std::optional<Fill> current_;
  std::deque<Delivered> delivered_;  // not consumed by the issue stage
  std::deque<Cycle> ready_;          // of buffer tiles from ready_base_ on
  std::uint64_t ready_base_ = 0;
};

}  // namespace chasm
