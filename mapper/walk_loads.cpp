#include "mapper/walk_loads.h"

namespace chasm::walk {
namespace {

constexpr std::uint64_t kLineBytes = 64;

}  // namespace

Loads::Loads(const Program& program, const ChunkSpec& chunk, Operand operand, Cycle begin)
    : program_(program),
      operand_(operand),
      bypass_(program.bypass_buffer[static_cast<std::size_t>(operand)]),
      cursor_(program, bypass_ ? delivery_depth(program, operand)
                               : relevant_depth(program, operand, program.dram.size())),
      extents_(bypass_ ? array_tile(program) : buffer_tile(program)),
      credit_(program.buffer_tiles[static_cast<std::size_t>(operand)] *
              buffer_words(program.operation.of(operand),
                           clipped(buffer_tile(program), program.operation))),
      begin_(begin),
      last_ready_(begin),
      fifo_lines_(std::max<std::uint64_t>(chunk.prefetch_fifo_bytes / kLineBytes, 1)) {
  const bool parameter = program.operation.of(operand).is_parameter;
  if (parameter) blocks_.emplace(program, operand);
  if (bypass_ && parameter)
    moves_.emplace(program, operand);
  else if (bypass_)
    fill_.emplace(program, operand);
  else
    tile_.emplace(program, operand);
  next();
}

bool Loads::advance() {
  if (!started_) return started_ = true;
  ++position_;
  return cursor_.advance();
}

// The lines of the next tile that has any.
void Loads::next() {
  lines_.clear();
  while (lines_.done() && !ended_) {
    ended_ = !advance();
    if (!ended_) make_lines();
  }
}

void Loads::make_lines() {
  const TensorAccess& access = program_.operation.of(operand_);
  const Placement& placement = program_.placement[static_cast<std::size_t>(operand_)];
  const DimArray<std::uint64_t>& offsets = cursor_.offsets();
  if (moves_) {
    if (moves_->to(offsets).delta.new_words > 0)
      lines_of_blocks(*blocks_, placement, offsets, extents_, lines_);
    return;
  }
  if (fill_) {
    if (fill_->move_to(offsets).new_words > 0)
      lines_of_tensor(access, placement, fill_->coordinates(), !fill_->all_new(), lines_);
    return;
  }
  const std::uint64_t words = tile_->move_to(offsets);
  if (words > 0) {
    credit_.add(position_, tile_->words(), words);
    if (blocks_)
      lines_of_blocks(*blocks_, placement, offsets, extents_, lines_);
    else
      lines_of_tensor(access, placement, tile_->coordinates(), true, lines_);
  }
  tiles_.push_back({lines_.lines(), begin_});
}

Loads::Taken Loads::take(Cycle now) {
  if (bypass_) {
    while (!frees_.empty() && frees_.front() <= now) {
      frees_.pop_front();
      --in_fifo_;
    }
    ++in_fifo_;
  }
  const LineList::Line line = lines_.take();
  const Taken taken{line, position_, lines_.done()};
  if (taken.last) next();
  return taken;
}

bool Loads::in_place(std::uint64_t tile, Cycle at) {
  Tile& of = tiles_[tile - oldest_];
  --of.lines_left;
  of.at = std::max(of.at, at);
  return of.lines_left == 0;
}

Cycle Loads::next_ready() {
  if (tiles_.empty() || tiles_.front().lines_left > 0) return kUnknown;
  last_ready_ = std::max(last_ready_, tiles_.front().at);
  tiles_.pop_front();
  ++oldest_;
  return last_ready_;
}

void Loads::save(Snapshot& state, std::uint64_t tile) const {
  state.number(ended_ ? 1 : 0);
  state.number(bypass_ ? 0 : position_ - tile);  // lines of a FIFO have no tile
  state.number(lines_.lines());
  state.number(lines_.taken());
  state.time(last_ready_);
  state.number(oldest_ - tile);
  state.number(tiles_.size());
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    state.number(tiles_[i].lines_left);
    state.time(tiles_[i].at);
  }
  state.number(in_fifo_);
  state.number(frees_.size());
  for (std::size_t i = 0; i < frees_.size(); ++i) state.time(frees_[i]);
  credit_.save(state, position_);
}

void Loads::shift(std::size_t loop, std::uint64_t iterations, Cycle cycles) {
  if (iterations > 0) {
    cursor_.skip(loop, iterations);
    if (moves_) moves_->shift(cursor_.offsets());
    if (fill_) fill_->move_to(cursor_.offsets());
    if (tile_) tile_->move_to(cursor_.offsets());
  }
  last_ready_ += cycles;
  for (std::size_t i = 0; i < tiles_.size(); ++i) tiles_[i].at += cycles;
  for (std::size_t i = 0; i < frees_.size(); ++i) frees_[i] += cycles;
  credit_.shift(0, cycles);
}

}  // namespace chasm::walk
