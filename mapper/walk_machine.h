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
  // The next thing happens; then it must settle again.
  void next_event();
  WalkedTiming result() const;

  // Of the repetitions.
  Cycle now() const { return now_; }
  const Issue& issue() const { return issue_; }
  const Fills* fills(std::size_t operand) const {
    return fills_[operand] ? &*fills_[operand] : nullptr;
  }
  const Dma& dma() const { return dma_; }
  const Residencies& residencies() const { return residencies_; }
  void save(Snapshot&) const;
  const WalkedTiming& totals() const { return totals_; }

  // What stands where in the loops.
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

 private:
  friend class Repeat;
  bool issue_steps();
  bool issue_step();
  bool request_fill(std::uint32_t operand);
  bool take_fifo_lines(std::uint32_t operand);
  bool request_read_back();
  bool request_drain();
  void drained(Cycle port_end, Cycle end);
  void fill_delivered(std::uint32_t operand, Cycle port_end, Cycle end, Cycle on_chip);
  void granted(const Ports::Granted&);
  bool deliver_tiles();
  void charge_gap(Cycle from, Cycle to, Cycle on_chip, Cycle& cause);

  Cycle now_ = 0, begin_;
  Cycle latency_, write_latency_;
  Ports ports_;
  Dma dma_;
  std::array<std::optional<Fills>, 2> fills_;
  std::array<std::uint64_t, 2> fifo_words_{};  // of the fill, that went over the bus
  std::array<Cycle, 2> on_chip_{};             // the tile of the fill that goes over the bus
  Residencies residencies_;
  Issue issue_;
  WalkedTiming totals_;
};

}  // namespace chasm::walk
