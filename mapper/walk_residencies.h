// Output residencies in the register files (docs/microarchitecture.md, section 2): when they may
// begin, be read back and drain.
#pragma once

#include "models/arch/arch_spec.h"
#include "models/program/residency_cursor.h"
#include "mapper/walk_basics.h"
#include "mapper/walk_moves.h"

namespace chasm::walk {

class Residencies {
 public:
  Residencies(const Program&, const ChunkSpec&, const GlobalBufferSpec&, Cycle begin);

  struct Slot {
    std::uint64_t first_step = 0, end_step = 0;
    std::uint64_t tile = 0;  // buffer output tile
    std::uint64_t beats_in = 0, beats_out = 0;
    bool last_of_tile = false, reads_back = false, produces = false;
    std::uint64_t since_tile =
        0;  // residencies since the one before with its tile; 0: as many as slots
    Cycle psum_in_end = kUnknown, issued = kUnknown;
  };
  // The residency of the next step to issue, and the others in their order.
  Slot& issuing() { return at(issuing_); }
  Cycle slot_free() const { return slot_free(issuing_); }
  Cycle slot_on_chip() const { return issuing_ < slots_ ? 0 : on_chip_[issuing_ % slots_]; }
  void issued(Cycle end) { at(issuing_++).issued = end; }

  // The next read-back that the register files have room for; null where there is none.
  Slot* next_read_back();
  Cycle read_back_request(Cycle tile_open);
  void read_back(Cycle port_end, Cycle end);

  Slot* next_drain() { return drained_ < issuing_ ? &at(drained_) : nullptr; }
  Cycle drain_request(const Slot& slot, Cycle tile_open) const {
    if (!slot.produces) return std::max(slot.issued, drain_port_end_);
    return std::max({drain_port_end_, slot.issued + latency_, tile_open});
  }
  void drained(Cycle port_end, Cycle end, Cycle tile_open);
  Cycle last_drain_end() const { return last_drain_end_; }
  // When all that have been issued to their end are drained; kUnknown: not yet.
  Cycle all_drained() const { return drained_ == issuing_ ? last_drain_end_ : kUnknown; }

  const LoopCursor& cursor() const { return cursor_.cursor(); }
  const LoopCursor& tile_cursor() const { return tile_cursor_.cursor(); }
  std::uint64_t tile() const { return tile_.index; }
  void save(Snapshot&) const;
  void shift(std::size_t loop, std::uint64_t iterations, std::uint64_t steps,
             std::uint64_t tile_iterations, std::uint64_t tile_steps, Cycle cycles);

 private:
  Slot& at(std::uint64_t residency);
  bool append();
  Cycle slot_free(std::uint64_t residency) const {
    return residency < slots_ ? begin_ : drain_end_of(residency - slots_);
  }
  // When the psums of a residency have been drained, those before them in their order.
  Cycle psums_in_place(std::uint64_t residency) {
    const std::uint64_t since = at(residency).since_tile;
    return since == 0 ? begin_ : drain_end_of(residency - since);
  }
  Cycle drain_end_of(std::uint64_t residency) const {
    return residency < drained_ ? drain_end_[residency % slots_] : kUnknown;
  }
  std::uint64_t since_tile(const Residency&) const;
  // As often as a residency has as many words as the one before, they are not counted again.
  struct Beats {
    std::uint64_t words = 0, beats = 0;
  };
  std::uint64_t beats(Beats& last, std::uint64_t words, std::uint32_t bits,
                      std::uint64_t width) const {
    if (words != last.words)
      last = {words,
              std::max(ceil_div(words, width), ceil_div(packed_bytes(words, bits), word_bytes_))};
    return last.beats;
  }

  const Program& program_;
  ResidencyCursor cursor_, tile_cursor_;
  Moves moves_;
  std::uint64_t slots_, word_bytes_, width_in_, width_out_;
  Cycle latency_, begin_;
  Residency tile_;
  Beats psums_in_, psums_out_, outputs_;
  bool exhausted_ = false;
  Ring<Slot> window_;                                      // from the oldest that is not drained
  std::vector<DimArray<std::uint64_t>> offsets_;           // of the last ones in the window
  std::uint64_t issuing_ = 0, reading_ = 0, drained_ = 0;  // numbers of residencies
  Cycle psum_port_end_, drain_port_end_, last_drain_end_;
  std::vector<Cycle> drain_end_, on_chip_;  // of the last ones that were drained
};

}  // namespace chasm::walk
