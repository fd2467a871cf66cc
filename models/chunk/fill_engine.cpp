#include "models/chunk/fill_engine.h"

#include <algorithm>

namespace chasm {

std::uint64_t ring_words(const ChunkSpec& spec, const Program& program, Operand operand) {
  const bool input = operand == Operand::input;
  if (input ? spec.fifo_buffered.input : spec.fifo_buffered.weight)
    return input ? spec.register_file_words.input : spec.register_file_words.weight;
  const bool twice = input ? spec.double_buffered.input : spec.double_buffered.weight;
  return (twice ? 2 : 1) * tile_words(program.operation.of(operand), rf_tile(program));
}

FillEngine::FillEngine(const Program& program, Operand operand, std::uint64_t ring_words,
                       Cycle begin, WordMover* mover)
    : operand_(operand),
      mover_(mover),
      bypass_(program.bypass_buffer[static_cast<std::size_t>(operand)]),
      kept_(program.kept[static_cast<std::size_t>(operand)]),
      cursor_(program, delivery_depth(program, operand)),
      dram_depth_(relevant_depth(program, operand, program.dram.size())),
      tile_(program, operand),
      credits_(ring_words),
      begin_(begin),
      port_end_(begin) {
  prepare();
}

// The next position of the loops whose tile has new words.
void FillEngine::prepare() {
  current_.reset();
  for (;;) {
    if (started_) {
      step_ += cursor_.steps();
      if (!cursor_.advance()) return;
      if (cursor_.outermost_changed() < dram_depth_) ++tile_number_;
    }
    started_ = true;
    const RegisterFileDelta delta = tile_.move_to(cursor_.offsets());
    if (delta.new_words == 0) {
      if (mover_) mover_->fill(operand_, step_, cursor_.offsets(), 0, 0);
      continue;
    }
    credits_.push(step_, delta.tile_words, delta.ring_words);
    current_ = Fill{step_, tile_number_, delta.new_words, delta.receivers, cursor_.offsets()};
    return;
  }
}

std::optional<Cycle> FillEngine::credit() const {
  const std::optional<Cycle> credit = credits_.credit();
  return credit ? std::optional(std::max(*credit, port_end_)) : std::nullopt;
}

std::optional<Cycle> FillEngine::tile_ready() const {
  if (kept_) return begin_;
  const std::uint64_t at = minus(current_->tile, ready_base_);
  return at < ready_.size() ? std::optional(ready_[at]) : std::nullopt;
}

void FillEngine::add_ready(std::uint64_t tile, Cycle at) {
  CHECK(tile == ready_base_ + ready_.size(), "buffer tile {} is ready out of order", tile);
  ready_.push_back(at);
}

std::uint64_t FillEngine::complete(Cycle end, Cycle on_chip) {
  delivered_.push_back({current_->first_step, end, on_chip});
  prepare();
  const std::uint64_t ended = current_ ? current_->tile : tile_number_;
  while (!ready_.empty() && ready_base_ < ended) {
    ready_.pop_front();
    ++ready_base_;
  }
  return ended;
}

FillEngine::At FillEngine::reach(std::uint64_t step, Cycle before_end) {
  const bool is_delivered = !delivered_.empty() && delivered_.front().first_step == step;
  const bool is_pending = delivered_.empty() && current_ && current_->first_step == step;
  if (!is_delivered && !is_pending) return At::none;
  credits_.ended_before(step, before_end);
  return is_delivered ? At::delivered : At::pending;
}

}  // namespace chasm
