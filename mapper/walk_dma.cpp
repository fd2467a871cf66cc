#include "mapper/walk_dma.h"

namespace chasm::walk {

Dma::Dma(const ArchSpec& arch, const ChunkSpec& chunk, const Program& program, Cycle begin)
    : latency_(arch.global_buffer.latency_cycles),
      write_latency_(arch.global_buffer.write_latency_cycles),
      word_bytes_(arch.global_buffer.word_bytes),
      outstanding_(chunk.dma_outstanding),
      bits_{program.placement[0].bits, program.placement[1].bits, program.psum.bits,
            program.placement[2].bits},
      psum_bits_(program.psum.bits),
      stores_(program, begin),
      link_(arch),
      next_free_(begin),
      write_free_(begin),
      read_free_(begin) {
  for (const Operand operand : {Operand::input, Operand::weight}) {
    const auto o = static_cast<std::size_t>(operand);
    if (program.operation.of(operand).used && !program.kept[o])
      loads_[o].emplace(program, chunk, operand, begin);
  }
}

Cycle Dma::ready(std::uint32_t stream) const {
  switch (stream) {
    case kLoadInput:
    case kLoadWeight:
      return loads_[stream] ? loads_[stream]->ready() : kUnknown;
    case kLoadPsum:
      return stores_.load_ready();
    default:
      return reading_ ? kUnknown : std::max(stores_.store_ready(), read_free_);
  }
}

Cycle Dma::next_start() {
  Cycle slot = next_free_;
  if (in_flight_ == outstanding_)
    slot = releases_.empty() ? kUnknown : std::max(slot, releases_.front());
  Cycle first = kUnknown;
  for (std::uint32_t stream = 0; stream < kStreams; ++stream) {
    ready_[stream] = ready(stream);
    first = std::min(first, ready_[stream]);
  }
  return std::max(slot, first);
}

Dma::Started Dma::start_line(Cycle now, Ports& ports) {
  while (!releases_.empty() && releases_.front() <= now) {
    releases_.pop_front();
    --in_flight_;
  }
  ++in_flight_;
  next_free_ = now + 1;
  std::uint32_t stream = turn_;
  while (ready_[stream] > now) stream = (stream + 1) % kStreams;
  turn_ = (stream + 1) % kStreams;
  bool last = false;
  const Line line = take(stream, now, last);
  if (stream != kStore) {
    const Started started = start_load(line, now, last);
    request_write(ports);
    return started;
  }
  start_store(line, now, ports);
  return {kNone, false};
}

Dma::Line Dma::take(std::uint32_t stream, Cycle now, bool& last) {
  Line line;
  std::uint64_t bits = bits_[stream];
  const auto fill = [&](const LineList::Line& taken, std::uint64_t tile) {
    line.stream = stream;
    line.address = taken.address;
    line.words = taken.words;
    line.tile = tile;
  };
  if (stream == kLoadPsum) {
    const Stores::Taken taken = stores_.take_load();
    fill(taken.line, taken.tile);
  } else if (stream == kStore) {
    const Stores::Taken taken = stores_.take_store();
    if (!taken.complete) bits = psum_bits_;
    fill(taken.line, taken.tile);
  } else {
    const Loads::Taken taken = loads_[stream]->take(now);
    fill(taken.line, taken.tile);
    last = taken.last;
  }
  if (stream >= kLoadPsum || !loads_[stream]->bypass())
    line.beats = ceil_div(ceil_div(line.words * bits, 8), word_bytes_);
  return line;
}

Dma::Started Dma::start_load(const Line& started, Cycle now, bool last) {
  Line line = started;
  line.at = link_.transfer(line.address, false, now);
  if (line.stream != kLoadPsum && loads_[line.stream]->bypass()) {
    fifo_[line.stream].push_back({line.words, last, line.at});
    release(line.at);
    return {line.stream, false};
  }
  if (line.words == 0) return {kNone, in_place(line, line.at)};
  arrive(line);
  return {kNone, false};
}

void Dma::arrive(const Line& line) {
  arrivals_.push_back(line);
  for (std::size_t i = arrivals_.size() - 1; i > 0; --i) {
    Line &before = arrivals_[i - 1], &here = arrivals_[i];
    if (before.at < here.at || (before.at == here.at && before.stream <= here.stream)) break;
    std::swap(before, here);
  }
}

void Dma::request_write(Ports& ports) {
  if (writing_ || arrivals_.empty()) return;
  ports.request(kLineIn, std::max(arrivals_.front().at, write_free_), arrivals_.front().beats);
}

bool Dma::written(Cycle port_end) {
  const Line line = arrivals_.front();
  arrivals_.pop_front();
  writing_ = false;
  write_free_ = port_end;
  return in_place(line, port_end + write_latency_);
}

bool Dma::in_place(const Line& line, Cycle at) {
  release(at);
  if (line.stream == kLoadPsum) return stores_.loaded(line.tile, at);
  return loads_[line.stream]->in_place(line.tile, at);
}

void Dma::start_store(const Line& started, Cycle now, Ports& ports) {
  out_ = started;
  if (out_.words == 0) {  // just the tail of a word: nothing to read
    out_.at = now + latency_;
    to_send_.push_back(out_);
    return;
  }
  reading_ = true;
  ports.request(kLineOut, now, out_.beats);
}

bool Dma::was_read(Cycle port_end) {
  reading_ = false;
  read_free_ = port_end;
  out_.at = port_end + latency_;
  to_send_.push_back(out_);
  return stores_.line_read(out_.tile, port_end);
}

void Dma::send(Cycle now) {
  const Line line = to_send_.front();
  to_send_.pop_front();
  const Cycle acknowledged = link_.transfer(line.address, true, now);
  release(acknowledged);
  stores_.acknowledged(line.tile, acknowledged);
}

void Dma::release(Cycle at) {
  releases_.push_back(at);
  for (std::size_t i = releases_.size() - 1; i > 0 && releases_[i - 1] > releases_[i]; --i)
    std::swap(releases_[i - 1], releases_[i]);
}

void Dma::save(Snapshot& state, const std::array<std::uint64_t, 3>& tiles) const {
  state.number(turn_);
  state.time(next_free_);
  state.time(write_free_);
  state.time(read_free_);
  state.number((writing_ ? 2U : 0U) | (reading_ ? 1U : 0U));
  const auto save_line = [&](const Line& line) {
    state.number(line.stream);
    state.number(line.tile - tiles[std::min<std::uint32_t>(line.stream, 2)]);
    state.number(line.words);
    state.time(line.at);
  };
  state.number(arrivals_.size());
  for (std::size_t i = 0; i < arrivals_.size(); ++i) save_line(arrivals_[i]);
  state.number(to_send_.size());
  for (std::size_t i = 0; i < to_send_.size(); ++i) save_line(to_send_[i]);
  if (reading_) save_line(out_);
  // Slots that come free, those that have counted as free.
  std::size_t free = 0;
  while (free < releases_.size() && releases_[free] <= state.now()) ++free;
  state.number(in_flight_ - free);
  for (std::size_t i = free; i < releases_.size(); ++i) state.time(releases_[i]);
  for (const auto& fifo : fifo_) {
    state.number(fifo.size());
    for (std::size_t i = 0; i < fifo.size(); ++i) {
      state.number(fifo[i].words << 1 | (fifo[i].last ? 1U : 0U));
      state.time(fifo[i].at);
    }
  }
  link_.save(state);
  for (std::size_t o = 0; o < 2; ++o)
    if (loads_[o]) loads_[o]->save(state, tiles[o]);
  stores_.save(state, tiles[2]);
}

void Dma::shift(Cycle cycles) {
  next_free_ += cycles;
  write_free_ += cycles;
  read_free_ += cycles;
  for (std::size_t i = 0; i < arrivals_.size(); ++i) arrivals_[i].at += cycles;
  for (std::size_t i = 0; i < to_send_.size(); ++i) to_send_[i].at += cycles;
  for (std::size_t i = 0; i < releases_.size(); ++i) releases_[i] += cycles;
  for (auto& fifo : fifo_)
    for (std::size_t i = 0; i < fifo.size(); ++i) fifo[i].at += cycles;
  link_.shift(cycles);
}

}  // namespace chasm::walk
