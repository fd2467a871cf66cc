#include "models/memory/dma.h"

#include <algorithm>

#include <fmt/format.h>

namespace chasm {
namespace {

constexpr Operand operand_of(std::uint32_t stream) {
  return stream == 0 ? Operand::input : Operand::weight;
}

}  // namespace

Dma::Dma(sc_core::sc_module_name name, const Params& params, const ClockDomain& clock,
         PayloadPool& pool, Recorder* recorder)
    : sc_module(name),
      to_buffer("to_buffer"),
      to_dram("to_dram"),
      params_(params),
      clock_(clock),
      pool_(pool),
      wakeup_(clock),
      lines_(params.outstanding),
      recorder_(recorder) {
  if (recorder_)
    in_flight_ = recorder_->level("chunk " + params.name, "DMA lines in flight", "lines");
  to_buffer.bind(*this);
  to_dram.bind(*this);
  SC_HAS_PROCESS(Dma);
  SC_METHOD(step);
  sensitive << wakeup_.event();
  dont_initialize();
}

void Dma::prepare(const Program& program, Cycle begin, TileConsumer& consumer, WordMover* mover,
                  PlaceCheck* places, Activity& activity) {
  CHECK(!program_, "{}: a program while one runs", name());
  program_ = &program;
  consumer_ = &consumer;
  mover_ = mover;
  places_ = places;
  activity_ = &activity;
  begin_ = begin;
  meter_.program_begins(current_cycle(clock_), begin);
  releases_ = {};
  next_bursts_.clear();
  free_slots_.clear();
  for (std::uint32_t slot = params_.outstanding; slot-- > 0;) free_slots_.push_back(slot);
  for (const std::uint32_t s : {kInput, kWeight}) {
    const Operand operand = operand_of(s);
    fifo_lines_[s].clear();
    fifo_count_[s] = 0;
    fifo_frees_[s].clear();
    if (program.operation.of(operand).used && !program.kept[s])
      load_[s].emplace(program, operand, begin);
    else
      load_[s].reset();
  }
  output_.emplace(program, begin);
  next_stream_ = 0;
  last_dispatch_ = kNever;
  write_free_ = read_free_ = begin;
  buffer_address_ = {buffer_space_base(program),
                     program.buffer_base[static_cast<std::size_t>(Operand::output)]};
}

void Dma::start() {
  for (const std::uint32_t s : {kInput, kWeight}) deliver_ready(s);
  deliver_outputs();
  wakeup_.at(begin_);
}

void Dma::tiles_ended(Operand operand, std::uint64_t before_tile, Cycle at) {
  auto& stream = load_[static_cast<std::size_t>(operand)];
  if (!stream || stream->bypass()) return;
  stream->tiles_ended(before_tile, at);
  wakeup_.at(at);
}

void Dma::fifo_line_taken(Operand operand, Cycle at) {
  fifo_frees_[static_cast<std::size_t>(operand)].push_back(at);
  wakeup_.at(at);
}

void Dma::output_tile_ended(std::uint64_t residency, Cycle at) {
  output_->ended(residency, at);
  deliver_outputs();
  wakeup_.at(output_->all_stored() ? 0 : at);  // the chunk is not told while it is telling us
}

void Dma::step() {
  ++stats_.activations;
  wakeup_.taken();
  if (!program_) return;
  const Cycle now = current_cycle(clock_);
  while (!releases_.empty() && releases_.top().first <= now) {
    free_slots_.push_back(releases_.top().second);
    releases_.pop();
  }
  for (const std::uint32_t s : {kInput, kWeight})
    while (!fifo_frees_[s].empty() && fifo_frees_[s].front() <= now) {
      fifo_frees_[s].pop_front();
      --fifo_count_[s];
    }
  continue_lines(now);
  write_arrived(now);
  dispatch(now);
  send_stores(now);
  announce_end();
  wakeup_.at(next_wakeup(now));
}

// From when a stream's next line may start, but for the limit of lines in flight.
std::optional<Cycle> Dma::ready_at(std::uint32_t stream) const {
  switch (stream) {
    case kInput:
    case kWeight: {
      const auto& load = load_[stream];
      if (!load || !load->has_line()) return std::nullopt;
      if (!load->bypass()) return load->ready_at();
      const std::uint64_t room = std::max<std::uint64_t>(params_.fifo_bytes / kLineBytes, 1);
      if (fifo_count_[stream] < room) return begin_;
      if (fifo_frees_[stream].empty()) return std::nullopt;
      return fifo_frees_[stream].front();
    }
    case kPsum:
      return output_->load_ready_at();
    default: {
      const std::optional<Cycle> ready = output_->store_ready_at();
      if (!ready || reading_) return std::nullopt;
      return std::max(*ready, read_free_);
    }
  }
}

// Starts the next line of the next stream in turn that has one ready.
void Dma::dispatch(Cycle now) {
  if (free_slots_.empty() || last_dispatch_ == now) return;
  for (std::uint32_t i = 0; i < kStreams; ++i) {
    const std::uint32_t stream = (next_stream_ + i) % kStreams;
    const std::optional<Cycle> ready = ready_at(stream);
    if (!ready || *ready > now) continue;
    start_line(stream, now);
    next_stream_ = (stream + 1) % kStreams;
    last_dispatch_ = now;
    return;
  }
}

void Dma::start_line(std::uint32_t stream, Cycle now) {
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  ++stats_.lines;
  meter_.line_starts(now);
  if (recorder_) recorder_->rise(in_flight_, now, 1);
  Line& line = lines_[slot];
  if (stream == kInput || stream == kWeight) {
    const LoadStream::Taken taken = load_[stream]->take_line();
    line = {stream, taken.line.line, taken.tile, taken.line.words, false, 0};
    if (load_[stream]->bypass()) {
      ++fifo_count_[stream];
      fifo_lines_[stream].push_back({slot, taken.line.words, taken.last, kNever});
    }
    send(tlm::TLM_READ_COMMAND, slot);
  } else if (stream == kPsum) {
    const OutputStream::Taken taken = output_->take_load();
    line = {stream, taken.line.line, taken.residency, taken.line.words, false, 0};
    if (places_) places_->load_requested(taken.residency, now);
    send(tlm::TLM_READ_COMMAND, slot);
  } else {
    const OutputStream::Taken taken = output_->take_store();
    line = {stream, taken.line.line, taken.residency, taken.line.words, taken.complete, 0};
    if (places_) places_->store_line_read(taken.residency, now);
    if (line.words == 0) {  // just the tail of a word: nothing to read
      dram_writes_.emplace_back(now + params_.buffer_latency, slot);
    } else {
      reading_ = true;
      begin_line(tlm::TLM_READ_COMMAND, slot);
    }
  }
  count_line(line);
}

std::uint32_t Dma::word_bits(const Line& line) const {
  if (line.stream == kPsum || (line.stream == kStore && !line.complete)) return program_->psum.bits;
  const Operand operand = line.stream == kStore ? Operand::output : operand_of(line.stream);
  return program_->placement[static_cast<std::size_t>(operand)].bits;
}

void Dma::count_line(const Line& line) {
  const bool store = line.stream == kStore;
  WordKind kind = line.stream == kInput ? WordKind::input : WordKind::weight;
  if (line.stream == kPsum || (store && !line.complete))
    kind = WordKind::psum;
  else if (store)
    kind = WordKind::output;
  const bool buffered = line.stream >= kPsum || !load_[line.stream]->bypass();
  (store ? activity_->dram[kind].writes : activity_->dram[kind].reads) += line.words;
  ++(store ? activity_->dram_write_bursts : activity_->dram_read_bursts);
  if (buffered)
    (store ? activity_->buffer[kind].reads : activity_->buffer[kind].writes) += line.words;
}

void Dma::begin_line(tlm::tlm_command command, std::uint32_t slot) {
  Line& line = lines_[slot];
  line.beats_left = ceil_div(packed_bytes(line.words, word_bits(line)), params_.word_bytes);
  ask_buffer(command, slot);
}

// The bursts of a line follow each other, each asked for when the one before has left its port.
void Dma::continue_lines(Cycle now) {
  std::vector<NextBurst> later;
  for (const NextBurst& next : next_bursts_) {
    if (next.at <= now)
      ask_buffer(next.command, next.slot);
    else
      later.push_back(next);
  }
  next_bursts_.swap(later);
}

void Dma::burst_granted(tlm::tlm_generic_payload& payload, Cycle at) {
  const BurstExtension& burst = burst_of(payload);
  const auto side = payload.is_write() ? DmaMeter::into_buffer : DmaMeter::out_of_buffer;
  meter_.port_granted(side, current_cycle(clock_), at - burst.beats, at);
  buffer_done(payload.get_command(), static_cast<std::uint32_t>(burst.tag), at);
}

void Dma::buffer_done(tlm::tlm_command command, std::uint32_t slot, Cycle at) {
  if (lines_[slot].beats_left > 0) {
    next_bursts_.push_back({at, slot, command});
    wakeup_.at(at);
  } else if (command == tlm::TLM_WRITE_COMMAND) {
    line_written(slot, at);
  } else {
    line_read(slot, at);
  }
}

void Dma::ask_buffer(tlm::tlm_command command, std::uint32_t slot) {
  Line& line = lines_[slot];
  const std::uint64_t beats = std::min<std::uint64_t>(line.beats_left, params_.max_burst_beats);
  line.beats_left -= beats;
  const std::uint32_t direction = command == tlm::TLM_WRITE_COMMAND ? 0 : 1;
  std::uint64_t& address = buffer_address_[direction];
  tlm::tlm_generic_payload& payload = pool_.take(command, address, beats * params_.word_bytes,
                                                 6 * params_.chunk + 4 + direction, beats, slot);
  address += beats * params_.word_bytes;
  meter_.port_asked(static_cast<DmaMeter::Side>(direction), current_cycle(clock_));
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  to_buffer->nb_transport_fw(payload, phase, delay);
}

// Lines that came from DRAM enter the buffer one at a time.
void Dma::write_arrived(Cycle now) {
  while (!arrivals_.empty() && arrivals_.front().at <= now && !writing_ && write_free_ <= now) {
    const std::uint32_t slot = arrivals_.front().slot;
    arrivals_.erase(arrivals_.begin());
    writing_ = true;
    begin_line(tlm::TLM_WRITE_COMMAND, slot);
  }
}

void Dma::send_stores(Cycle now) {
  while (!dram_writes_.empty() && dram_writes_.front().first <= now) {
    send(tlm::TLM_WRITE_COMMAND, dram_writes_.front().second);
    dram_writes_.pop_front();
  }
}

// Requests go to the DRAM in order; it holds the next one back by not accepting the last.
void Dma::send(tlm::tlm_command command, std::uint32_t slot) {
  to_send_.push_back({command, slot});
  if (!awaiting_accept_) send_next();
}

void Dma::send_next() {
  while (!to_send_.empty() && !awaiting_accept_) {
    const auto [command, slot] = to_send_.front();
    to_send_.pop_front();
    tlm::tlm_generic_payload& payload =
        pool_.take(command, lines_[slot].line * kLineBytes, kLineBytes, params_.chunk, 0, slot);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    awaiting_accept_ = to_dram->nb_transport_fw(payload, phase, delay) == tlm::TLM_ACCEPTED;
  }
}

tlm::tlm_sync_enum Dma::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                        sc_core::sc_time& delay) {
  if (phase == tlm::END_REQ) {
    awaiting_accept_ = false;
    send_next();
    return tlm::TLM_ACCEPTED;
  }
  CHECK(phase == tlm::BEGIN_RESP, "{}: unexpected phase", name());
  const Cycle at = clock_.cycle_at_or_after((sc_core::sc_time_stamp() + delay).value());
  const BurstExtension& burst = burst_of(payload);
  const std::uint32_t slot = static_cast<std::uint32_t>(burst.tag);
  const bool from_dram = burst.beats == 0;
  if (from_dram && payload.is_read())
    line_arrived(slot, at);
  else if (from_dram)
    store_acknowledged(slot, at);
  else
    burst_granted(payload, at);
  payload.release();
  return tlm::TLM_COMPLETED;
}

void Dma::line_arrived(std::uint32_t slot, Cycle at) {
  Line& line = lines_[slot];
  if (line.stream != kPsum && load_[line.stream]->bypass()) {
    for (FifoLine& fifo : fifo_lines_[line.stream])
      if (fifo.slot == slot && fifo.arrival == kNever) {
        fifo.arrival = at;
        break;
      }
    finish_line(slot, at);
    deliver_fifo(line.stream);
    return;
  }
  if (line.words == 0) {  // just the tail of a word: nothing to write
    line_in_place(slot, at);
    return;
  }
  const auto later = [&](const Arrival& a) {
    return a.at > at || (a.at == at && lines_[a.slot].stream > line.stream);
  };
  arrivals_.insert(std::find_if(arrivals_.begin(), arrivals_.end(), later), {at, slot});
  wakeup_.at(at);
}

void Dma::line_written(std::uint32_t slot, Cycle at) {
  writing_ = false;
  write_free_ = at;
  wakeup_.at(at);  // the next line need not wait until this one is in place
  line_in_place(slot, at + params_.write_latency);
}

void Dma::line_in_place(std::uint32_t slot, Cycle at) {
  const Line& line = lines_[slot];
  finish_line(slot, at);
  if (line.stream == kPsum) {
    if (places_) places_->load_in_place(line.tile, at);
    output_->load_in_place(line.tile, at);
    deliver_outputs();
  } else {
    load_[line.stream]->line_in_place(line.tile, at);
    deliver_ready(line.stream);
  }
}

void Dma::line_read(std::uint32_t slot, Cycle at) {
  reading_ = false;
  read_free_ = at;
  dram_writes_.emplace_back(at + params_.buffer_latency, slot);
  output_->line_read(lines_[slot].tile, at);
  deliver_outputs();
  wakeup_.at(at);
}

void Dma::store_acknowledged(std::uint32_t slot, Cycle at) {
  finish_line(slot, at);
  if (places_) places_->store_acknowledged(lines_[slot].tile, at);
  output_->acknowledged(lines_[slot].tile, at);
  deliver_outputs();
  announce_end();
}

void Dma::finish_line(std::uint32_t slot, Cycle at) {
  releases_.emplace(at, slot);
  meter_.line_ends(at);
  if (recorder_) recorder_->fall(in_flight_, at, 1);
  wakeup_.at(at);
}

void Dma::deliver_ready(std::uint32_t stream) {
  if (!load_[stream]) return;
  while (const auto ready = load_[stream]->next_ready()) {
    if (mover_) mover_->load(operand_of(stream), ready->offsets);
    if (places_) places_->loaded(operand_of(stream), ready->offsets, ready->at);
    consumer_->tile_ready(operand_of(stream), ready->tile, ready->at);
  }
}

void Dma::deliver_fifo(std::uint32_t stream) {
  auto& lines = fifo_lines_[stream];
  while (!lines.empty() && lines.front().arrival != kNever) {
    const FifoLine line = lines.front();
    lines.pop_front();
    consumer_->fifo_line(operand_of(stream), line.words, line.last, line.arrival);
  }
}

void Dma::deliver_outputs() {
  for (;;) {
    if (const auto left = output_->next_left()) {
      if (mover_) mover_->store_output(left->residency, left->complete);
    } else if (const auto open = output_->next_open()) {
      if (mover_) mover_->open_output(open->residency, open->loaded);
      consumer_->output_tile_open(open->residency, open->at);
      wakeup_.at(open->at);
    } else {
      break;
    }
  }
}

void Dma::announce_end() {
  const std::optional<Cycle> stored = output_->all_stored();
  if (!stored) return;
  program_ = nullptr;
  meter_.program_ends(*stored);
  consumer_->all_stored(*stored);
}

// The earliest cycle after `now` at which something can start here that is already known.
Cycle Dma::next_wakeup(Cycle now) const {
  if (!program_) return kNever;
  Cycle next = kNever;
  const auto consider = [&](Cycle at) { next = std::min(next, std::max(at, now + 1)); };
  if (!arrivals_.empty() && !writing_) consider(std::max(arrivals_.front().at, write_free_));
  if (!dram_writes_.empty()) consider(dram_writes_.front().first);
  for (const NextBurst& burst : next_bursts_) consider(burst.at);
  Cycle slot = now;
  if (free_slots_.empty()) slot = releases_.empty() ? kNever : releases_.top().first;
  if (slot != kNever)
    for (std::uint32_t stream = 0; stream < kStreams; ++stream)
      if (const auto ready = ready_at(stream)) consider(std::max(*ready, slot));
  return next;
}

std::string Dma::state() const {
  if (!program_) return fmt::format("{}: idle", name());
  return fmt::format("{}: {} of {} lines in flight, {} waiting to be written, {} to be sent",
                     name(), params_.outstanding - free_slots_.size() - releases_.size(),
                     params_.outstanding, arrivals_.size(), to_send_.size());
}

}  // namespace chasm
