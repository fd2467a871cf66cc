// Fills of one operand (docs/microarchitecture.md, section 2): which step they are for, when they
// may be requested, and when the issue stage has what it needs.
#pragma once

#include "models/arch/arch_spec.h"
#include "models/program/loop_cursor.h"
#include "mapper/walk_credit.h"
#include "mapper/walk_moves.h"

namespace chasm::walk {

class Fills {
 public:
  Fills(const Program&, const ChunkSpec&, const GlobalBufferSpec&, Operand, Cycle begin);

  bool done() const { return done_; }  // no fill is left
  bool bypass() const { return bypass_; }
  std::uint64_t first_step() const { return first_step_; }
  std::uint64_t words() const { return words_; }
  std::uint64_t beats() const { return beats_; }
  std::uint64_t width() const { return width_; }
  // The buffer tile of the fill, or of the end of the program.
  std::uint64_t tile() const { return tile_number_; }

  // From when the fill, or the next line of it, may be requested, as far as registers and bus go.
  Cycle credit() const { return std::max(credit_.at(), port_end_); }
  Cycle request() const { return std::max(credit(), tile_ready()); }
  Cycle tile_ready() const {
    if (kept_) return begin_;
    const std::uint64_t at = tile_number_ - ready_base_;
    return at < ready_.size() ? ready_[at] : kUnknown;
  }
  void add_ready(Cycle at) { ready_.push_back(at); }
  void port_taken(Cycle until) { port_end_ = until; }
  // The fill left the port, and its words arrive at `end`. The next one stands in its place.
  void delivered(Cycle port_end, Cycle end, Cycle on_chip);

  // Issue stage. A fill begins at `step`; the steps before have ended then.
  bool begins_at(std::uint64_t step) const {
    return delivered_.empty() ? !done_ && first_step_ == step : delivered_.front().step == step;
  }
  void reached(std::uint64_t step, Cycle ended) { credit_.end(step, ended); }
  bool is_delivered() const { return !delivered_.empty(); }
  struct Delivered {
    std::uint64_t step = 0;
    Cycle end = 0, on_chip = 0;
  };
  Delivered take_delivered() {
    const Delivered first = delivered_.front();
    delivered_.pop_front();
    return first;
  }

  const LoopCursor& cursor() const { return cursor_; }
  std::uint64_t oldest_tile() const { return ready_base_; }
  void save(Snapshot&) const;
  // On by so many iterations of a loop, and steps; none of both where the operand stands still.
  void shift(std::size_t loop, std::uint64_t iterations, std::uint64_t steps, Cycle cycles);

 private:
  void next();

  bool bypass_, kept_;
  LoopCursor cursor_;
  std::size_t dram_depth_;
  Moves moves_;
  Credit credit_;
  std::uint64_t width_, word_bytes_;
  std::uint32_t bits_;
  Cycle begin_, port_end_;
  bool started_ = false, done_ = false;
  std::uint64_t first_step_ = 0, tile_number_ = 0, words_ = 0, beats_ = 0;
  Ring<Delivered> delivered_;  // not taken by the issue stage
  Ring<Cycle> ready_;          // of buffer tiles from ready_base_ on
  std::uint64_t ready_base_ = 0;
};

}  // namespace chasm::walk
