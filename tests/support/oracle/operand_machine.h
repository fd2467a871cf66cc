// The way of one operand into the register files: loads of buffer tiles (or lines into the prefetch
// FIFO) and fills.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "tests/support/oracle/ideal_dram.h"
#include "tests/support/oracle/plan.h"

namespace chasm::oracle {

using Time = std::uint64_t;
using Times = std::vector<Time>;
inline constexpr Time kNever = std::numeric_limits<Time>::max();

class OperandMachine {
 public:
  OperandMachine(const OperandPlan&, Time c0, std::uint32_t buffer_latency, std::uint32_t bus_words,
                 std::uint64_t fifo_lines);

  // Acts that take no time; `open`: whether the pass of the next fill may enter the array. Returns
  // whether anything changed.
  bool settle(Time now, std::size_t steps_ended, bool open);

  // The step of the fill that is to end next on the bus; none when all have ended.
  std::optional<std::size_t> next_fill_step() const;
  std::optional<std::uint64_t> fill_request(Time now) const;  // beats, when a fill asks for a port
  void fill_done(Time now);

  std::optional<LineTicket> next_line(Time now) const;  // that the DMA could request now
  void line_requested();
  void line_done(const LineTicket&, Time now);  // written into the buffer, or arrived in the FIFO

  bool filled_for(std::size_t step, Time now) const;
  // Of the latest fill at or before a step; 0 without one.
  Time fill_end(std::size_t step) const;
  Time on_chip(std::size_t step) const;

 private:
  bool settle_credit(Time now, std::size_t steps_ended);
  bool settle_loads(Time now);
  bool settle_bus(Time now, bool open);
  bool iteration_ended(std::size_t iteration, Time now) const;
  std::size_t iterations_ended(Time now) const;
  const std::vector<Line>& lines_of(std::size_t group) const;

  const OperandPlan& plan_;
  Time c0_;
  std::uint64_t latency_, bus_words_, fifo_lines_;
  // Fills
  Times credit_, port_end_, fill_end_;
  std::size_t fill_ = 0;  // the next one to end on the bus
  // Lines: of loads, or of fills when the operand bypasses the buffer
  Times load_credit_, tile_ready_;
  std::vector<Times> line_done_;      // [group][line]
  std::size_t group_ = 0, line_ = 0;  // the next one to request
  // The bus of a bypassing operand
  std::size_t fifo_held_ = 0, bus_line_ = 0;
  std::uint64_t words_sent_ = 0;
  Time bus_busy_until_ = kNever;  // never: no line is being sent
};

}  // namespace chasm::oracle
