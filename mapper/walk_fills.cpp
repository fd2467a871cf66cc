#include "mapper/walk_fills.h"

namespace chasm::walk {
namespace {

std::uint64_t register_words(const Program& program, const ChunkSpec& chunk, Operand operand) {
  const bool input = operand == Operand::input;
  if (input ? chunk.fifo_buffered.input : chunk.fifo_buffered.weight)
    return input ? chunk.register_file_words.input : chunk.register_file_words.weight;
  const bool twice = input ? chunk.double_buffered.input : chunk.double_buffered.weight;
  return (twice ? 2 : 1) * tile_words(program.operation.of(operand), rf_tile(program));
}

}  // namespace

Fills::Fills(const Program& program, const ChunkSpec& chunk, const GlobalBufferSpec& buffer,
             Operand operand, Cycle begin)
    : bypass_(program.bypass_buffer[static_cast<std::size_t>(operand)]),
      kept_(program.kept[static_cast<std::size_t>(operand)]),
      cursor_(program, delivery_depth(program, operand)),
      dram_depth_(relevant_depth(program, operand, program.dram.size())),
      moves_(program, operand),
      credit_(register_words(program, chunk, operand)),
      width_(operand == Operand::input ? chunk.bus_words_per_cycle.input
                                       : chunk.bus_words_per_cycle.weight),
      word_bytes_(buffer.word_bytes),
      bits_(program.placement[static_cast<std::size_t>(operand)].bits),
      begin_(begin),
      port_end_(begin) {
  next();
}

void Fills::next() {
  for (;;) {
    if (started_) {
      const std::uint64_t steps = cursor_.steps();
      if (!cursor_.advance()) {
        done_ = true;
        return;
      }
      first_step_ += steps;
      if (cursor_.outermost_changed() < dram_depth_) ++tile_number_;
    }
    started_ = true;
    const RegisterFileDelta& delta = moves_.to(cursor_.offsets()).delta;
    if (delta.new_words == 0) continue;
    credit_.add(first_step_, delta.tile_words, delta.ring_words);
    if (words_ != delta.new_words) {
      words_ = delta.new_words;
      beats_ =
          std::max(ceil_div(words_, width_), ceil_div(packed_bytes(words_, bits_), word_bytes_));
    }
    return;
  }
}

void Fills::delivered(Cycle port_end, Cycle end, Cycle on_chip) {
  port_end_ = port_end;
  delivered_.push_back({first_step_, end, on_chip});
  next();
  while (!ready_.empty() && ready_base_ < tile_number_) {
    ready_.pop_front();
    ++ready_base_;
  }
}

void Fills::save(Snapshot& state) const {
  state.number(done_ ? 1 : 0);
  state.number(words_);
  state.number(beats_);
  state.time(port_end_);
  state.number(tile_number_ - ready_base_);
  state.number(ready_.size());
  for (std::size_t i = 0; i < ready_.size(); ++i) state.time(ready_[i]);
  state.number(delivered_.size());
  for (std::size_t i = 0; i < delivered_.size(); ++i) {
    state.number(first_step_ - delivered_[i].step);
    state.time(delivered_[i].end);
    state.time(delivered_[i].on_chip);
  }
  credit_.save(state, first_step_);
}

void Fills::shift(std::size_t loop, std::uint64_t iterations, std::uint64_t steps, Cycle cycles) {
  if (iterations > 0) {
    cursor_.skip(loop, iterations);
    moves_.shift(cursor_.offsets());
  }
  first_step_ += steps;
  port_end_ += cycles;
  for (std::size_t i = 0; i < ready_.size(); ++i) delay(ready_[i], cycles);
  for (std::size_t i = 0; i < delivered_.size(); ++i) {
    delivered_[i].step += steps;
    delivered_[i].end += cycles;
    delivered_[i].on_chip += cycles;
  }
  credit_.shift(steps, cycles);
}

}  // namespace chasm::walk
