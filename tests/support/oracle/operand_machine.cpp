#include "tests/support/oracle/operand_machine.h"

#include <algorithm>

#include "base/units.h"

namespace chasm::oracle {

OperandMachine::OperandMachine(const OperandPlan& plan, Time c0, std::uint32_t buffer_latency,
                               std::uint32_t bus_words, std::uint64_t fifo_lines)
    : plan_(plan),
      c0_(c0),
      latency_(buffer_latency),
      bus_words_(bus_words),
      fifo_lines_(fifo_lines),
      credit_(plan.fills.size(), kNever),
      port_end_(plan.fills.size(), kNever),
      fill_end_(plan.fills.size(), kNever),
      load_credit_(plan.loads.size(), kNever),
      tile_ready_(plan.loads.size(), kNever) {
  if (plan.bypass) {
    for (const Fill& fill : plan.fills) line_done_.emplace_back(fill.lines.size(), kNever);
  } else {
    for (const Load& load : plan.loads) line_done_.emplace_back(load.lines.size(), kNever);
  }
}

bool OperandMachine::settle(Time now, std::size_t steps_ended, bool open) {
  if (now < c0_) return false;
  bool changed = settle_credit(now, steps_ended);
  changed = settle_loads(now) || changed;
  return settle_bus(now, open) || changed;
}

bool OperandMachine::settle_credit(Time now, std::size_t steps_ended) {
  bool changed = false;
  for (std::size_t f = fill_; f < plan_.fills.size(); ++f) {
    if (credit_[f] != kNever) continue;
    if (!plan_.registers.has_room(plan_.fills[f].step, steps_ended)) continue;
    credit_[f] = now;
    changed = true;
  }
  return changed;
}

bool OperandMachine::iteration_ended(std::size_t iteration, Time now) const {
  for (std::size_t i = iteration + 1; i-- > 0;) {
    if (plan_.last_fill[i]) return port_end_[*plan_.last_fill[i]] <= now;
  }
  return true;
}

std::size_t OperandMachine::iterations_ended(Time now) const {
  std::size_t ended = 0;
  while (ended < plan_.last_fill.size() && iteration_ended(ended, now)) ++ended;
  return ended;
}

bool OperandMachine::settle_loads(Time now) {
  bool changed = false;
  for (std::size_t i = 0; i < plan_.loads.size(); ++i) {
    if (load_credit_[i] == kNever && plan_.buffer.has_room(i, iterations_ended(now))) {
      load_credit_[i] = now;
      changed = true;
    }
    if (tile_ready_[i] != kNever || (i > 0 && tile_ready_[i - 1] == kNever)) continue;
    const Times& done = line_done_[i];
    if (std::count(done.begin(), done.end(), kNever) > 0) continue;
    tile_ready_[i] = now;
    changed = true;
  }
  return changed;
}

// The bus of a bypassing operand sends the lines of a fill in address order, each when it has
// arrived.
bool OperandMachine::settle_bus(Time now, bool open) {
  if (!plan_.bypass || fill_ == plan_.fills.size()) return false;
  const Fill& fill = plan_.fills[fill_];
  if (bus_busy_until_ == kNever) {
    if (!open || credit_[fill_] > now || line_done_[fill_][bus_line_] > now) return false;
    const std::uint64_t sent = words_sent_ + fill.lines[bus_line_].words;
    bus_busy_until_ = now + ceil_div(sent, bus_words_) - ceil_div(words_sent_, bus_words_);
    words_sent_ = sent;
    return true;
  }
  if (bus_busy_until_ > now) return false;
  bus_busy_until_ = kNever;
  --fifo_held_;
  if (++bus_line_ == fill.lines.size()) {
    port_end_[fill_] = fill_end_[fill_] = now;
    ++fill_;
    bus_line_ = words_sent_ = 0;
  }
  return true;
}

std::optional<std::size_t> OperandMachine::next_fill_step() const {
  if (!plan_.used || fill_ == plan_.fills.size()) return std::nullopt;
  return plan_.fills[fill_].step;
}

std::optional<std::uint64_t> OperandMachine::fill_request(Time now) const {
  if (plan_.bypass || now < c0_ || fill_ == plan_.fills.size()) return std::nullopt;
  // The fill before has left its port: fill_ is advanced then.
  if (credit_[fill_] > now) return std::nullopt;
  if (tile_ready_[plan_.fills[fill_].iteration] > now) return std::nullopt;
  return plan_.fills[fill_].beats;
}

void OperandMachine::fill_done(Time now) {
  port_end_[fill_] = now;
  fill_end_[fill_] = now + latency_;
  ++fill_;
}

const std::vector<Line>& OperandMachine::lines_of(std::size_t group) const {
  return plan_.bypass ? plan_.fills[group].lines : plan_.loads[group].lines;
}

std::optional<LineTicket> OperandMachine::next_line(Time now) const {
  std::size_t group = group_, index = line_;
  while (group < line_done_.size() && index == lines_of(group).size()) ++group, index = 0;
  if (now < c0_ || group == line_done_.size()) return std::nullopt;
  if (plan_.bypass ? fifo_held_ >= fifo_lines_ : load_credit_[group] > now) return std::nullopt;
  if (plan_.serial_loads && !plan_.bypass && group > 0 && tile_ready_[group - 1] > now)
    return std::nullopt;
  const Line& line = lines_of(group)[index];
  return LineTicket{0, 0, group, index, line.number, line.bits};
}

void OperandMachine::line_requested() {
  while (line_ == lines_of(group_).size()) ++group_, line_ = 0;
  ++line_;
  if (plan_.bypass) ++fifo_held_;
}

void OperandMachine::line_done(const LineTicket& line, Time now) {
  line_done_[line.group][line.index] = now;
}

bool OperandMachine::filled_for(std::size_t step, Time now) const { return fill_end(step) <= now; }

Time OperandMachine::fill_end(std::size_t step) const {
  if (!plan_.used || !plan_.latest_fill[step]) return 0;
  return fill_end_[*plan_.latest_fill[step]];
}

Time OperandMachine::on_chip(std::size_t step) const {
  if (!plan_.used || !plan_.latest_fill[step]) return 0;
  const std::size_t fill = *plan_.latest_fill[step];
  if (plan_.bypass) return line_done_[fill].back();
  return tile_ready_[plan_.fills[fill].iteration];
}

}  // namespace chasm::oracle
