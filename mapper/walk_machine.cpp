#include "mapper/walk_machine.h"

namespace chasm::walk {

Machine::Machine(const Program& program, const ChunkSpec& chunk, const ArchSpec& arch)
    : begin_(chunk.config_cycles),
      latency_(arch.global_buffer.latency_cycles),
      write_latency_(arch.global_buffer.write_latency_cycles),
      ports_(arch.global_buffer, program),
      dma_(arch, chunk, program, begin_),
      serial_passes_(chunk.serial_passes && program.operation.of(Operand::weight).used),
      weights_end_(begin_),
      residencies_(program, chunk, arch.global_buffer, begin_),
      issue_(program, chunk, begin_) {
  totals_.ramp = begin_;
  for (const std::uint32_t o : {kInput, kWeight}) {
    const auto operand = static_cast<Operand>(o);
    if (!program.operation.of(operand).used) continue;
    const Fills& fills = fills_[o].emplace(program, chunk, arch.global_buffer, operand, begin_);
    // Tiles before the first fill are read by nobody.
    if (dma_.loads(o) && !fills.bypass())
      dma_.loads(o)->tiles_ended(fills.done() ? UINT64_MAX : fills.tile(), begin_);
  }
}

void Machine::settle() {
  deliver_tiles();
  for (bool more = true; more;) {
    while (issue_step()) {
    }
    more = false;  // just FIFOs, and drains of nothing, tell the issue stage something at once
    for (const std::uint32_t o : {kInput, kWeight}) {
      if (!fills_[o]) continue;
      if (fills_[o]->bypass())
        more |= take_fifo_lines(o);
      else
        request_fill(o);
    }
    request_read_back();
    more |= request_drain();
  }
  dma_.request_write(ports_);
}

void Machine::deliver_tiles() {
  for (const std::uint32_t o : {kInput, kWeight}) {
    Loads* loads = dma_.loads(o);
    if (!loads || loads->bypass()) continue;
    for (Cycle at; (at = loads->next_ready()) != kUnknown;) fills_[o]->add_ready(at);
  }
}

bool Machine::issue_step() {
  if (issue_.done()) return false;
  const std::uint64_t step = issue_.step();
  std::array<bool, 2> needs{};
  bool waits = false;
  for (const std::uint32_t o : {kInput, kWeight}) {
    if (!fills_[o] || !fills_[o]->begins_at(step)) continue;
    needs[o] = true;
    fills_[o]->reached(step, issue_.end());
    waits = waits || !fills_[o]->is_delivered();
  }
  Residencies::Slot& slot = residencies_.issuing();
  const bool first = slot.first_step == step;
  if (first && residencies_.slot_free() == kUnknown) waits = true;
  if (first && slot.reads_back && slot.psum_in_end == kUnknown) waits = true;
  if (waits) return false;

  Cycle begin = issue_.end(), on_chip = 0;
  Cycle* cause = &totals_.busy;
  const auto wait = [&](Cycle until, Cycle chip, Cycle& why) {
    if (until <= begin) return;
    begin = until;
    on_chip = chip;
    cause = &why;
  };
  if (first) wait(residencies_.slot_free(), residencies_.slot_on_chip(), totals_.wait_output);
  if (first && slot.reads_back)
    wait(slot.psum_in_end, dma_.stores().open(slot.tile), totals_.wait_psum);
  for (const std::uint32_t o : {kInput, kWeight}) {
    if (!needs[o]) continue;
    const Fills::Delivered fill = fills_[o]->take_delivered();
    wait(fill.end, fill.on_chip, o == kInput ? totals_.wait_input : totals_.wait_weight);
  }
  charge_gap(issue_.end(), begin, on_chip, step == 0 ? totals_.ramp : *cause);
  issue_.issue(begin);
  totals_.busy += issue_.end() - begin;
  if (step + 1 == slot.end_step) residencies_.issued(issue_.end());
  return true;
}

// The part before the tile was on chip is the DRAM's.
void Machine::charge_gap(Cycle from, Cycle to, Cycle on_chip, Cycle& cause) {
  const Cycle arrival = std::clamp(on_chip, from, to);
  totals_.wait_dram += arrival - from;
  cause += to - arrival;
}

// From when words for that step may enter the array: with serial passes weights once it has been
// emptied, everything else behind its weights.
Cycle Machine::pass_open(std::uint32_t requester, std::uint64_t step) const {
  if (!serial_passes_) return begin_;
  if (requester == kWeight)
    return issue_.step() < step ? kUnknown : std::max(issue_.end(), residencies_.all_drained());
  const Fills& weights = *fills_[kWeight];
  return !weights.done() && weights.first_step() <= step ? kUnknown : weights_end_;
}

void Machine::request_fill(std::uint32_t operand) {
  const Fills& fills = *fills_[operand];
  if (fills.done() || ports_.busy(operand)) return;
  const Cycle at = std::max(fills.request(), pass_open(operand, fills.first_step()));
  if (at == kUnknown) return;
  on_chip_[operand] = fills.tile_ready();
  ports_.request(operand, at, fills.beats());
}

bool Machine::take_fifo_lines(std::uint32_t operand) {
  Fills& fills = *fills_[operand];
  Ring<Dma::FifoLine>& lines = dma_.fifo(operand);
  bool delivered = false;
  while (!lines.empty()) {
    const Cycle open = std::max(fills.credit(), pass_open(operand, fills.first_step()));
    if (open == kUnknown) break;
    const Dma::FifoLine line = lines.front();
    lines.pop_front();
    std::uint64_t& words = fifo_words_[operand];
    const std::uint64_t beats =
        ceil_div(words + line.words, fills.width()) - ceil_div(words, fills.width());
    words += line.words;
    const Cycle end = std::max(open, line.at) + beats;
    fills.port_taken(end);
    dma_.loads(operand)->line_leaves(end);
    if (!line.last) continue;
    words = 0;
    delivered = true;
    fill_delivered(operand, end, end, line.at);
  }
  return delivered;
}

void Machine::fill_delivered(std::uint32_t operand, Cycle port_end, Cycle end, Cycle on_chip) {
  Fills& fills = *fills_[operand];
  const std::uint64_t tile = fills.tile();
  fills.delivered(port_end, end, on_chip);
  if (operand == kWeight) weights_end_ = end;
  Loads* loads = dma_.loads(operand);
  if (loads && !loads->bypass() && fills.tile() > tile) loads->tiles_ended(fills.tile(), port_end);
}

void Machine::request_read_back() {
  if (ports_.busy(kPsumIn)) return;
  const Residencies::Slot* slot = residencies_.next_read_back();
  if (!slot) return;
  const Cycle at = std::max(residencies_.read_back_request(dma_.stores().open(slot->tile)),
                            pass_open(kPsumIn, slot->first_step));
  if (at != kUnknown) ports_.request(kPsumIn, at, slot->beats_in);
}

bool Machine::request_drain() {
  if (ports_.busy(kDrain)) return false;
  const Residencies::Slot* slot = residencies_.next_drain();
  if (!slot) return false;
  if (!slot->produces) {
    const Cycle at = residencies_.drain_request(*slot, 0);
    drained(at, at);
    return true;
  }
  const Cycle at = residencies_.drain_request(*slot, dma_.stores().open(slot->tile));
  if (at != kUnknown) ports_.request(kDrain, at, slot->beats_out);
  return false;
}

void Machine::drained(Cycle port_end, Cycle end) {
  const Residencies::Slot slot = *residencies_.next_drain();
  residencies_.drained(port_end, end, slot.produces ? dma_.stores().open(slot.tile) : begin_);
  if (slot.last_of_tile) dma_.stores().ended(slot.tile, end);
}

bool Machine::next_event() {
  const Cycle start = dma_.next_start(), send = dma_.next_send(), grant = ports_.next_grant();
  ++totals_.events;
  now_ = std::min({start, send, grant});
  CHECK(now_ != kUnknown, "nothing happens any more after step {}", issue_.step());
  // A line that starts may ask for a port in the same cycle, and goes before a store on the link.
  if (start == now_) {
    const Dma::Started started = dma_.start_line(now_, ports_);
    if (started.operand == Dma::kNone) return started.tile_complete;
    return take_fifo_lines(started.operand);
  }
  if (send != now_) return granted(ports_.grant(now_, totals_));
  dma_.send(now_);
  return false;
}

bool Machine::granted(const Ports::Granted& grant) {
  if (grant.requester == kLineIn) dma_.write_begins();
  if (!grant.last) return false;
  const Cycle end = grant.port_end;
  switch (grant.requester) {
    case kInput:
    case kWeight:
      fill_delivered(grant.requester, end, end + latency_, on_chip_[grant.requester]);
      return true;
    case kPsumIn:
      residencies_.read_back(end, end + latency_);
      return true;
    case kDrain:
      drained(end, end + write_latency_);
      return true;
    case kLineIn:
      if (dma_.written(end)) return true;
      dma_.request_write(ports_);
      return false;
    default:
      return dma_.was_read(end);
  }
}

WalkedTiming Machine::result() const {
  WalkedTiming result = totals_;
  result.cycles = dma_.stores().end();
  result.ramp += residencies_.last_drain_end() - issue_.end();
  result.wait_dram += result.cycles - residencies_.last_drain_end();
  return result;
}

void Machine::save(Snapshot& state) const {
  issue_.save(state);
  std::array<std::uint64_t, 3> tiles{0, 0, residencies_.tile()};
  for (std::size_t o = 0; o < 2; ++o) {
    if (!fills_[o]) continue;
    tiles[o] = fills_[o]->oldest_tile();
    fills_[o]->save(state);
    state.number(fifo_words_[o]);
    state.time(ports_.busy(static_cast<std::uint32_t>(o)) ? on_chip_[o] : 0);
  }
  if (serial_passes_) state.time(weights_end_);
  residencies_.save(state);
  dma_.save(state, tiles);
  ports_.save(state);
}

std::array<const LoopCursor*, Machine::kParts> Machine::cursors() const {
  std::array<const LoopCursor*, kParts> cursors{};
  cursors[kIssue] = &issue_.cursor();
  for (const std::uint32_t o : {kInput, kWeight}) {
    if (fills_[o]) cursors[kFillInput + o] = &fills_[o]->cursor();
    if (dma_.loads(o)) cursors[kLoadInput + o] = &dma_.loads(o)->cursor();
  }
  cursors[kResidency] = &residencies_.cursor();
  cursors[kResidencyTile] = &residencies_.tile_cursor();
  cursors[kStore] = &dma_.stores().cursor();
  return cursors;
}

void Machine::jump(const Jump& jump) {
  const Cycle cycles = jump.times * jump.cycles;
  const auto iterations = [&](std::size_t part) { return jump.moves[part] ? jump.iterations : 0; };
  const auto steps = [&](std::size_t part) { return jump.moves[part] ? jump.steps : 0; };
  now_ += cycles;
  weights_end_ += cycles;
  issue_.shift(jump.loop, jump.iterations, jump.steps, cycles);
  for (const std::uint32_t o : {kInput, kWeight}) {
    on_chip_[o] += cycles;
    if (fills_[o])
      fills_[o]->shift(jump.loop, iterations(kFillInput + o), steps(kFillInput + o), cycles);
    if (dma_.loads(o)) dma_.loads(o)->shift(jump.loop, iterations(kLoadInput + o), cycles);
  }
  residencies_.shift(jump.loop, iterations(kResidency), steps(kResidency),
                     iterations(kResidencyTile), steps(kResidencyTile), cycles);
  dma_.stores().shift(jump.loop, iterations(kStore), steps(kStore), cycles);
  dma_.shift(cycles);
  ports_.shift(cycles);
  for (Cycle WalkedTiming::*total :
       {&WalkedTiming::busy, &WalkedTiming::wait_input, &WalkedTiming::wait_weight,
        &WalkedTiming::wait_psum, &WalkedTiming::wait_output, &WalkedTiming::wait_dram,
        &WalkedTiming::ramp, &WalkedTiming::port_wait, &WalkedTiming::bank_wait})
    totals_.*total += jump.times * jump.totals.*total;
}

}  // namespace chasm::walk
