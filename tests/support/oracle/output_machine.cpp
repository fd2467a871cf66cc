#include "tests/support/oracle/output_machine.h"

#include <algorithm>

namespace chasm::oracle {
namespace {

bool all_done(const Times& times, Time now) {
  return std::all_of(times.begin(), times.end(), [&](Time t) { return t <= now; });
}

}  // namespace

OutputMachine::OutputMachine(const Plan& plan, Time c0, const GlobalBufferSpec& buffer)
    : plan_(plan),
      c0_(c0),
      read_latency_(buffer.latency_cycles),
      write_latency_(buffer.write_latency_cycles) {
  const std::size_t residencies = plan.residencies.size(), tiles = plan.output_tiles.size();
  read_back_end_.assign(residencies, kNever);
  drain_end_.assign(residencies, kNever);
  slot_free_.assign(tiles, kNever);
  tile_ready_.assign(tiles, kNever);
  store_read_.assign(tiles, kNever);
  store_acknowledged_.assign(tiles, kNever);
  for (const OutputTile& tile : plan.output_tiles) {
    psum_line_done_.emplace_back(tile.psum_lines.size(), kNever);
    line_read_.emplace_back();
    for (const Line& line : tile.store_lines) {  // without words there is nothing to wait for
      line_read_.back().push_back(line.words > 0 ? kNever : 0);
    }
    line_acknowledged_.emplace_back(tile.store_lines.size(), kNever);
  }
}

bool OutputMachine::settle(Time now, const Times& issue_end) {
  issue_end_ = &issue_end;
  if (now < c0_) return false;
  const bool changed = settle_tiles(now);
  return settle_drains(now) || changed;
}

bool OutputMachine::settle_tiles(Time now) {
  bool changed = false;
  const auto happens = [&](Time& time, bool condition) {
    if (time != kNever || !condition) return;
    time = now;
    changed = true;
  };
  const std::size_t slots = plan_.output_slots;
  for (std::size_t r = 0; r < plan_.output_tiles.size(); ++r) {
    const OutputTile& tile = plan_.output_tiles[r];
    happens(slot_free_[r], plan_.output_kept || r < slots || store_read_[r - slots] <= now);
    happens(tile_ready_[r], slot_free_[r] <= now && all_done(psum_line_done_[r], now));
    // A tile that nothing was drained into has no store: it is over with the one before.
    const bool over = !tile.last_drain || drain_end_[*tile.last_drain] <= now;
    const bool in_order = r == 0 || store_read_[r - 1] <= now;
    happens(store_read_[r], over && in_order && all_done(line_read_[r], now));
    happens(store_acknowledged_[r], over && all_done(line_acknowledged_[r], now));
  }
  return changed;
}

// Whether the next drain may take the output bus.
bool OutputMachine::drain_allowed(Time now) const {
  if (drain_ == plan_.residencies.size() || !plan_.residencies[drain_].drains) return false;
  const Residency& residency = plan_.residencies[drain_];
  const Time issued = (*issue_end_)[residency.last_step];
  if (issued == kNever || issued + plan_.drain_delay > now) return false;
  return tile_ready_[residency.output_tile] <= now;
}

// A residency that produces nothing is over with its last step and the last beat of the drain
// before.
bool OutputMachine::settle_drains(Time now) {
  if (drain_ == plan_.residencies.size() || plan_.residencies[drain_].drains) return false;
  if ((*issue_end_)[plan_.residencies[drain_].last_step] > now) return false;
  drain_end_[drain_++] = now;
  return true;
}

std::optional<std::uint64_t> OutputMachine::drain_request(Time now) const {
  if (!drain_allowed(now)) return std::nullopt;
  return plan_.residencies[drain_].drain_beats;
}

void OutputMachine::drain_done(Time now) { drain_end_[drain_++] = now + write_latency_; }

Time OutputMachine::slot_free(std::size_t residency) const {
  return residency < plan_.psum_slots ? 0 : drain_end_[residency - plan_.psum_slots];
}

bool OutputMachine::may_issue(std::size_t residency, Time now) const {
  const bool read = !plan_.residencies[residency].read_back || read_back_end_[residency] <= now;
  return read && slot_free(residency) <= now;
}

std::optional<std::size_t> OutputMachine::next_read_back_step() const {
  for (std::size_t j = read_back_; j < plan_.residencies.size(); ++j) {
    if (plan_.residencies[j].read_back) return plan_.residencies[j].first_step;
  }
  return std::nullopt;
}

bool OutputMachine::drained_before(std::size_t step, Time now) const {
  for (std::size_t j = 0; j < plan_.residencies.size(); ++j) {
    if (plan_.residencies[j].last_step < step && drain_end_[j] > now) return false;
  }
  return true;
}

std::optional<std::uint64_t> OutputMachine::read_back_request(Time now) const {
  std::size_t j = read_back_;
  while (j < plan_.residencies.size() && !plan_.residencies[j].read_back) ++j;
  if (now < c0_ || j == plan_.residencies.size() || slot_free(j) > now) return std::nullopt;
  if (tile_ready_[plan_.residencies[j].output_tile] > now) return std::nullopt;
  if (!plan_.readings.read_back_overtakes_drains &&
      drain_end_[*plan_.residencies[j].written_by] > now)
    return std::nullopt;
  return plan_.residencies[j].read_back_beats;
}

void OutputMachine::read_back_done(Time now) {
  while (!plan_.residencies[read_back_].read_back) ++read_back_;
  read_back_end_[read_back_] = now + (plan_.readings.psum_in_ends_at_the_port ? 0 : read_latency_);
  ++read_back_;
}

// Spilled psums come back when their slot is free and the store that had it is safe in DRAM.
std::optional<LineTicket> OutputMachine::next_psum_line(Time now) const {
  std::size_t tile = psum_tile_, index = psum_line_;
  while (tile < plan_.output_tiles.size() && index == plan_.output_tiles[tile].psum_lines.size()) {
    ++tile, index = 0;
  }
  if (now < c0_ || tile == plan_.output_tiles.size() || slot_free_[tile] > now) return std::nullopt;
  const std::size_t slots = plan_.output_slots;
  for (std::size_t before = 0; before + slots <= tile; ++before)
    if (store_acknowledged_[before] > now) return std::nullopt;
  const Line& line = plan_.output_tiles[tile].psum_lines[index];
  return LineTicket{0, 0, tile, index, line.number, line.bits};
}

void OutputMachine::psum_line_requested() {
  while (psum_line_ == plan_.output_tiles[psum_tile_].psum_lines.size()) {
    ++psum_tile_, psum_line_ = 0;
  }
  ++psum_line_;
}

void OutputMachine::psum_line_done(const LineTicket& line, Time now) {
  psum_line_done_[line.group][line.index] = now;
}

std::optional<LineTicket> OutputMachine::next_store_line(Time now) const {
  std::size_t tile = store_tile_, index = store_line_;
  while (tile < plan_.output_tiles.size() && index == plan_.output_tiles[tile].store_lines.size()) {
    ++tile, index = 0;
  }
  if (tile == plan_.output_tiles.size()) return std::nullopt;
  if (drain_end_[*plan_.output_tiles[tile].last_drain] > now) return std::nullopt;
  const Line& line = plan_.output_tiles[tile].store_lines[index];
  return LineTicket{0, 0, tile, index, line.number, line.bits};
}

void OutputMachine::store_line_started() {
  while (store_line_ == plan_.output_tiles[store_tile_].store_lines.size()) {
    ++store_tile_, store_line_ = 0;
  }
  ++store_line_;
}

void OutputMachine::store_line_read(const LineTicket& line, Time now) {
  line_read_[line.group][line.index] =
      now + (plan_.readings.stored_when_the_data_arrive ? read_latency_ : 0);
}

void OutputMachine::store_line_acknowledged(const LineTicket& line, Time now) {
  line_acknowledged_[line.group][line.index] = now;
}

bool OutputMachine::finished(Time now) const {
  return all_done(drain_end_, now) &&
         std::all_of(line_acknowledged_.begin(), line_acknowledged_.end(),
                     [&](const Times& times) { return all_done(times, now); });
}

Time OutputMachine::tile_ready_for(std::size_t residency) const {
  return tile_ready_[plan_.residencies[residency].output_tile];
}

Time OutputMachine::tile_ready_for_slot(std::size_t residency) const {
  std::size_t drain = residency - plan_.psum_slots;
  while (drain > 0 && !plan_.residencies[drain].drains) --drain;
  return plan_.residencies[drain].drains ? tile_ready_for(drain) : 0;
}

}  // namespace chasm::oracle
