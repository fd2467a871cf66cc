// The output side of a chunk's sequencer: output residencies in the psum register files, their
// read-back and their drains (docs/microarchitecture.md, section 2). A plain calculator of times;
// the chunk owns the buses.
#pragma once

#include <deque>
#include <optional>

#include "base/units.h"
#include "models/program/geometry.h"
#include "models/program/residency_cursor.h"

namespace chasm {

class OutputEngine {
 public:
  struct Slot {
    Residency residency;
    std::uint64_t words = 0;     // distinct outputs
    std::uint64_t pe_words = 0;  // psums over all PEs
    std::uint64_t tile = 0;      // buffer output tile
    bool last_of_tile = false;
    bool reads_back = false, produces = false, complete = false;
    std::optional<Cycle> slot_free;       // psum register files can take it
    std::optional<Cycle> psums_in_place;  // the last drain of its tile before is written
    Cycle slot_on_chip = 0;  // the buffer slot that the drain before had to wait for was free
    std::optional<Cycle> psum_in_end;  // read-back delivered
    std::optional<Cycle> last_issue_end;
  };

  // `residencies`: how many the psum register files hold. `drain_latency`: from the end of the last
  // step's issue until its psums can leave (pipeline and spatial reduction).
  OutputEngine(const Program&, std::uint32_t residencies, Cycle drain_latency, Cycle begin);

  // The residency that the given step belongs to; steps ask in order.
  Slot& at_step(std::uint64_t step);
  // The next residency to be read back or drained, or nullptr.
  Slot* next_read_back();
  Slot* next_drain();
  // From when, as far as known; none: not known yet.
  std::optional<Cycle> read_back_request(const Slot&) const;
  std::optional<Cycle> drain_request(const Slot&) const;
  // When the psums of a residency are made; only once drain_request() is known.
  Cycle made_at(const Slot& slot) const { return *slot.last_issue_end + drain_latency_; }
  void read_back_done(Cycle port_end, Cycle end);
  void drain_done(Cycle port_end, Cycle end);
  Cycle last_drain_end() const { return last_drain_end_; }
  // When all residencies that end before that step have been drained, if known.
  std::optional<Cycle> drained_before(std::uint64_t step) const;

  void tile_open(std::uint64_t tile, Cycle at);
  Cycle tile_open_at(std::uint64_t tile) const { return open_[tile - open_base_]; }

 private:
  void append();
  bool waits_for_drain(const Slot&) const;
  bool is_open(std::uint64_t tile) const { return tile - open_base_ < open_.size(); }

  const Operation& operation_;
  ResidencyCursor cursor_, tile_cursor_;
  ArrayTile tile_;
  std::uint32_t capacity_;
  Cycle drain_latency_, begin_;
  Residency buffer_tile_;
  bool exhausted_ = false;
  std::deque<Slot> slots_;            // from the oldest that is not drained
  std::uint64_t next_read_back_ = 0;  // residency index
  Cycle read_back_port_end_, drain_port_end_, last_drain_end_;
  std::deque<Cycle> open_;  // buffer tiles from open_base_ on
  std::uint64_t open_base_ = 0;
};

}  // namespace chasm
