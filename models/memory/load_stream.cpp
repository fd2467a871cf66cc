#include "models/memory/load_stream.h"

#include <algorithm>

namespace chasm {
namespace {

std::size_t stream_depth(const Program& program, Operand operand, bool bypass) {
  return bypass ? delivery_depth(program, operand)
                : relevant_depth(program, operand, program.dram.size());
}

}  // namespace

LoadStream::LoadStream(const Program& program, Operand operand, Cycle begin)
    : program_(program),
      operand_(operand),
      bypass_(program.bypass_buffer[static_cast<std::size_t>(operand)]),
      cursor_(program, stream_depth(program, operand, bypass_)),
      credits_(program.buffer_tiles[static_cast<std::size_t>(operand)] *
               buffer_words(program.operation.of(operand),
                            clipped(buffer_tile(program), program.operation))),
      begin_(begin),
      last_ready_(begin) {
  if (bypass_)
    fill_.emplace(program, operand);
  else
    tile_.emplace(program, operand);
  prepare();
}

bool LoadStream::advance() {
  if (!started_) {
    started_ = true;
    return true;
  }
  ++position_;
  return cursor_.advance();
}

void LoadStream::prepare() {
  next_line_ = 0;
  lines_.clear();
  while (lines_.empty() && !ended_) {
    ended_ = !advance();
    if (!ended_) make_lines();
  }
}

void LoadStream::make_lines() {
  const TensorAccess& access = program_.operation.of(operand_);
  const Placement& placement = program_.placement[static_cast<std::size_t>(operand_)];
  if (bypass_) {
    if (fill_->move_to(cursor_.offsets()).new_words == 0) return;
    if (access.is_parameter)
      parameter_lines(program_, operand_, cursor_.offsets(), array_tile(program_), lines_);
    else
      tensor_lines(access, placement, fill_->coordinates(), !fill_->all_new(), lines_);
    return;
  }
  const std::uint64_t words = tile_->move_to(cursor_.offsets());
  if (words > 0) {
    credits_.push(position_, tile_->words(), words);
    if (access.is_parameter)
      parameter_lines(program_, operand_, cursor_.offsets(), buffer_tile(program_), lines_);
    else
      tensor_lines(access, placement, tile_->coordinates(), true, lines_);
  }
  tiles_.push_back({position_, lines_.size(), begin_, cursor_.offsets()});
}

std::optional<Cycle> LoadStream::ready_at() const {
  if (!has_line()) return std::nullopt;
  if (bypass_) return begin_;
  const std::optional<Cycle> credit = credits_.credit();
  return credit ? std::optional(std::max(begin_, *credit)) : std::nullopt;
}

LoadStream::Taken LoadStream::take_line() {
  const Taken taken{lines_[next_line_], position_, next_line_ + 1 == lines_.size()};
  ++next_line_;
  if (taken.last) prepare();
  return taken;
}

void LoadStream::line_in_place(std::uint64_t tile, Cycle at) {
  for (Tile& t : tiles_)
    if (t.number == tile) {
      --t.lines_left;
      t.at = std::max(t.at, at);
      return;
    }
  CHECK(false, "a line of tile {} that is not loading", tile);
}

std::optional<LoadStream::Ready> LoadStream::next_ready() {
  if (tiles_.empty() || tiles_.front().lines_left > 0) return std::nullopt;
  const Tile tile = tiles_.front();
  tiles_.pop_front();
  last_ready_ = std::max(last_ready_, tile.at);
  return Ready{tile.number, last_ready_, tile.offsets};
}

}  // namespace chasm
