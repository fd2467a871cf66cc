#include "tests/support/oracle/chunk_machine.h"

#include <algorithm>
#include <utility>

#include "base/units.h"

namespace chasm::oracle {

ChunkMachine::ChunkMachine(const ArchSpec& arch, std::size_t chunk, const Plan& plan, Time start)
    : arch_(arch),
      spec_(arch.chunks[chunk]),
      chunk_(chunk),
      plan_(plan),
      start_(start),
      c0_(start + spec_.config_cycles),
      operands_{operand(0), operand(1)},
      output_(plan, c0_, arch.global_buffer),
      issue_start_(plan.steps.size(), kNever),
      issue_end_(plan.steps.size(), kNever),
      search_from_(plan.readings.weights_are_served_first ? kLoadWeight : kLoadInput) {}

OperandMachine ChunkMachine::operand(std::size_t index) const {
  const auto& bus = spec_.bus_words_per_cycle;
  return {plan_.operands[index], c0_, arch_.global_buffer.latency_cycles,
          index == 0 ? bus.input : bus.weight, fifo_lines()};
}

void ChunkMachine::port_done(Requester requester, Time now) {
  switch (requester) {
    case kInput:
    case kWeight:
      return operands_[requester].fill_done(now);
    case kPsumIn:
      return output_.read_back_done(now);
    case kDrain:
      return output_.drain_done(now);
    case kLineIn:
      lines_written_.push_back({lines_in_.front(), now + arch_.global_buffer.write_latency_cycles});
      return lines_in_.pop_front();
    case kLineOut:
      output_.store_line_read(lines_out_.front(), now);
      lines_read_.push_back({lines_out_.front(), now + arch_.global_buffer.latency_cycles});
      return lines_out_.pop_front();
  }
}

void ChunkMachine::settle_written_lines(Time now) {
  while (!lines_written_.empty() && lines_written_.front().at <= now) {
    line_in_place(lines_written_.front().line, now);
    lines_written_.pop_front();
  }
}

void ChunkMachine::line_in_place(const LineTicket& line, Time now) {
  --in_flight_;
  if (line.stream == kLoadPsum) return output_.psum_line_done(line, now);
  operands_[line.stream].line_done(line, now);
}

void ChunkMachine::line_arrived(const LineTicket& line, Time now) {
  if (line.stream == kStore) {
    --in_flight_;
    return output_.store_line_acknowledged(line, now);
  }
  const bool to_fifo = line.stream != kLoadPsum && plan_.operands[line.stream].bypass;
  if (to_fifo || beats_of(line) == 0) return line_in_place(line, now);
  lines_in_.push_back(line);
}

void ChunkMachine::settle(Time now) {
  if (finished()) return;
  settle_written_lines(now);
  bool changed = true;
  while (changed) {
    changed = settle_step(now);
    for (std::size_t o = 0; o < operands_.size(); ++o) {
      if (plan_.operands[o].used)
        changed = operands_[o].settle(now, ended_, fill_open(o, now)) || changed;
    }
    changed = output_.settle(now, issue_end_) || changed;
  }
  if (ended_ == plan_.steps.size() && output_.finished(now)) end_ = now;
}

bool ChunkMachine::is_first(std::size_t step) const {
  return plan_.residencies[plan_.residency_of[step]].first_step == step;
}

bool ChunkMachine::step_may_start(Time now) const {
  const std::size_t s = ended_;
  const bool operands = operands_[0].filled_for(s, now) && operands_[1].filled_for(s, now);
  return now >= c0_ && operands && (!is_first(s) || output_.may_issue(plan_.residency_of[s], now));
}

bool ChunkMachine::settle_step(Time now) {
  if (ended_ == plan_.steps.size()) return false;
  if (issue_start_[ended_] == kNever) {
    if (!step_may_start(now)) return false;
    issue_start_[ended_] = now;
    issue_end_[ended_] = now + plan_.issue[ended_];
    return true;
  }
  if (issue_end_[ended_] > now) return false;
  ++ended_;
  return true;
}

// Serial passes: weights enter an array that has been emptied, everything else follows them.
bool ChunkMachine::fill_open(std::size_t operand, Time now) const {
  const std::optional<std::size_t> step = operands_[operand].next_fill_step();
  if (!step || operand == kInput) return !step || weights_in_place(*step, now);
  return !spec_.serial_passes || (ended_ >= *step && output_.drained_before(*step, now));
}

bool ChunkMachine::weights_in_place(std::size_t step, Time now) const {
  return !spec_.serial_passes || operands_[kWeight].filled_for(step, now);
}

std::optional<LineTicket> ChunkMachine::next_line(std::size_t stream, Time now) const {
  switch (stream) {
    case kLoadInput:
    case kLoadWeight:
      if (!plan_.operands[stream].used) return std::nullopt;
      return operands_[stream].next_line(now);
    case kLoadPsum:
      return output_.next_psum_line(now);
    default:  // a store line starts with its buffer read, one at a time
      return lines_out_.empty() ? output_.next_store_line(now) : std::nullopt;
  }
}

void ChunkMachine::start_lines(Time now, IdealDram& dram) {
  for (std::size_t i = 0; i < kStreams && in_flight_ < spec_.dma_outstanding; ++i) {
    const std::size_t stream = (search_from_ + i) % kStreams;
    if (const auto line = next_line(stream, now)) {
      start_line(stream, *line, now, dram);
      break;
    }
  }
  while (!lines_read_.empty() && lines_read_.front().at <= now) {
    dram.request(lines_read_.front().line);
    lines_read_.pop_front();
  }
}

void ChunkMachine::start_line(std::size_t stream, const LineTicket& from, Time now,
                              IdealDram& dram) {
  LineTicket line = from;
  line.chunk = chunk_;
  line.stream = stream;
  search_from_ = (stream + 1) % kStreams;
  ++in_flight_;
  if (stream == kStore) {
    output_.store_line_started();
    if (beats_of(line) > 0) return lines_out_.push_back(line);
    return lines_read_.push_back({line, now + arch_.global_buffer.latency_cycles});
  }
  stream == kLoadPsum ? output_.psum_line_requested() : operands_[stream].line_requested();
  dram.request(line);
}

std::uint64_t ChunkMachine::beats_of(const LineTicket& line) const {
  return ceil_div(ceil_div(line.useful_bits, 8), arch_.global_buffer.word_bytes);
}

void ChunkMachine::ask_for_ports(Time now, BufferPorts& ports) const {
  if (finished()) return;
  const auto ask = [&](Requester requester, const std::optional<std::uint64_t>& beats) {
    const std::size_t number = kRequestersOfChunk * chunk_ + requester;
    if (beats && !ports.wants(number)) ports.request(number, *beats);
  };
  for (const Requester o : {kInput, kWeight}) {
    if (plan_.operands[o].used && fill_open(o, now)) ask(o, operands_[o].fill_request(now));
  }
  const std::optional<std::size_t> back = output_.next_read_back_step();
  if (back && weights_in_place(*back, now)) ask(kPsumIn, output_.read_back_request(now));
  ask(kDrain, output_.drain_request(now));
  if (!lines_in_.empty()) ask(kLineIn, beats_of(lines_in_.front()));
  if (!lines_out_.empty()) ask(kLineOut, beats_of(lines_out_.front()));
}

}  // namespace chasm::oracle
