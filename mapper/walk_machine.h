// The machine of the timing walk: all parts, what they tell each other, and the next thing that
// happens.
#pragma once

#include <array>
#include <optional>

#include "mapper/timing_walk.h"
#include "mapper/walk_dma.h"
#include "mapper/walk_fills.h"
#include "mapper/walk_issue.h"
#include "mapper/walk_ports.h"
#include "mapper/walk_residencies.h"

namespace chasm::walk {

class Machine {
 public:
  Machine(const Program&, const ChunkSpec&, const ArchSpec&);

  // Everything that follows from what is known by now.
  void settle();
  bool ended() const { return dma_.stores().end() != kUnknown; }
  // The next thing happens. Whether something new is known then, so that it must settle again.
  bool next_event();
  WalkedTiming result() const;

  // Of the repetitions: what stands where in the loops, how it is, and the same when a loop has
  // gone on by some iterations.
  enum Part : std::size_t {
    kIssue,
    kFillInput,
    kFillWeight,
    kLoadInput,
    kLoadWeight,
    kResidency,
    kResidencyTile,
    kStore,
    kParts
  };
  Issue& issue() { return issue_; }
  const Issue& issue() const { return issue_; }
  Cycle now() const { return now_; }
  const WalkedTiming& totals() const { return totals_; }
  std::array<const LoopCursor*, kParts> cursors() const;  // null: not there
  void save(Snapshot&) const;
  struct Jump {
    std::size_t loop;
    std::uint64_t iterations;
    std::array<bool, kParts> moves;  // the parts that go on
    std::uint64_t steps, times;
    Cycle cycles;
    WalkedTiming totals;  // of each of the `times`
  };
  void jump(const Jump&);

 private:
  bool issue_step();
  void request_fill(std::uint32_t operand);
  bool take_fifo_lines(std::uint32_t operand);  // true: a fill is delivered
  void request_read_back();
  bool request_drain();  // true: of nothing, and done
  void drained(Cycle port_end, Cycle end);
  void fill_delivered(std::uint32_t operand, Cycle port_end, Cycle end, Cycle on_chip);
  bool granted(const Ports::Granted&);
  void deliver_tiles();
  Cycle pass_open(std::uint32_t requester, std::uint64_t step) const;
  void charge_gap(Cycle from, Cycle to, Cycle on_chip, Cycle& cause);

  Cycle now_ = 0, begin_;
  Cycle latency_, write_latency_;
  Ports ports_;
  Dma dma_;
  std::array<std::optional<Fills>, 2> fills_;
  std::array<std::uint64_t, 2> fifo_words_{};  // of the fill, that went over the bus
  std::array<Cycle, 2> on_chip_{};             // the tile of the fill that goes over the bus
  bool serial_passes_;
  Cycle weights_end_;  // of their latest fill
  Residencies residencies_;
  Issue issue_;
  WalkedTiming totals_;
};

}  // namespace chasm::walk
