#include "models/memory/store_stream.h"

#include <algorithm>

namespace chasm {
namespace {

constexpr auto kOutput = static_cast<std::size_t>(Operand::output);

}  // namespace

// As the drains come in order, and read-back is at most two residencies ahead of them, three tiles
// of a kept output are known early enough.
OutputStream::OutputStream(const Program& program, Cycle begin)
    : program_(program),
      cursor_(program, program.dram.size()),
      tile_(program, Operand::output),
      kept_(program.kept[kOutput]),
      slots_(kept_ ? 3 : program.buffer_tiles[kOutput]),
      begin_(begin),
      last_gone_(begin),
      last_acknowledged_(begin) {
  update();
}

std::vector<LineTransfer> OutputStream::lines_of(const Residency& residency, bool complete) {
  tile_.move_to(residency.offsets);
  std::vector<LineTransfer> lines;
  tensor_lines(program_.operation.of(Operand::output),
               complete ? program_.placement[kOutput] : program_.psum, tile_.coordinates(), false,
               lines);
  return lines;
}

void OutputStream::append() {
  Tile tile;
  exhausted_ = !cursor_.next(tile.residency);
  if (exhausted_) return;
  tile.loads = tile.residency.reads_back(program_.operation);
  tile.stores = tile.residency.produces(program_.operation);
  tile.complete = tile.residency.finished;
  if (tile.loads && !kept_) tile.load_lines = lines_of(tile.residency, false);
  if (tile.stores && !kept_) tile.store_lines = lines_of(tile.residency, tile.complete);
  for (const LineTransfer& line : tile.store_lines) tile.lines_to_read += line.words > 0 ? 1 : 0;
  tiles_.push_back(std::move(tile));
}

// The tiles at the front that have left the buffer, one after the other.
std::size_t OutputStream::count_gone() {
  std::size_t gone = 0;
  for (; gone < tiles_.size() && tiles_[gone].read_out(); ++gone) {
    Tile& tile = tiles_[gone];
    const Cycle before = gone == 0 ? last_gone_ : tiles_[gone - 1].gone_at;
    tile.gone_at = std::max({before, *tile.ended, tile.read_at});
  }
  return gone;
}

// Opens what can be opened: the slot of residency r is free when all up to r - slots have left the
// buffer, and its psums may be loaded when all those stores are acknowledged: a memory may reorder
// them. Acknowledgements come much later than the slot: there may be many residencies between.
// Those that are done with are dropped, new ones taken from the cursor.
void OutputStream::update() {
  for (;;) {
    const std::size_t gone = count_gone();
    while (tiles_.size() < gone + slots_ && !exhausted_) append();
    bool stored = true;  // all before tile i - slots, it included, and since when
    Cycle stored_at = std::max(begin_, last_acknowledged_);
    for (std::size_t i = 0; i < tiles_.size(); ++i) {
      Tile& tile = tiles_[i];
      if (kept_ || tile.residency.index < slots_) {
        tile.slot_free = tile.load_from = begin_;
      } else if (i >= slots_) {
        const Tile& before = tiles_[i - slots_];
        if (i - slots_ < gone) tile.slot_free = before.gone_at;
        stored = stored && before.stored();
        if (stored) {
          stored_at = std::max({stored_at, *before.ended, before.acknowledged_at});
          tile.load_from = stored_at;
        }
      }
    }
    if (tiles_.empty() || !tiles_.front().stored() || !tiles_.front().left) return;
    const Tile& done = tiles_.front();
    last_gone_ = done.gone_at;
    last_acknowledged_ = std::max({last_acknowledged_, *done.ended, done.acknowledged_at});
    tiles_.pop_front();
  }
}

OutputStream::Tile& OutputStream::at(std::uint64_t residency) {
  CHECK(!tiles_.empty() && residency >= tiles_.front().residency.index &&
            residency - tiles_.front().residency.index < tiles_.size(),
        "output residency {} is not in flight", residency);
  return tiles_[residency - tiles_.front().residency.index];
}

std::optional<Cycle> OutputStream::load_ready_at() const {
  for (const Tile& tile : tiles_)
    if (tile.loads_taken < tile.load_lines.size()) {
      if (!tile.slot_free || !tile.load_from) return std::nullopt;
      return std::max(*tile.slot_free, *tile.load_from);
    }
  return std::nullopt;
}

OutputStream::Taken OutputStream::take_load() {
  for (Tile& tile : tiles_)
    if (tile.loads_taken < tile.load_lines.size())
      return {tile.load_lines[tile.loads_taken++], tile.residency.index, false};
  CHECK(false, "no psum line to load");
  return {};
}

void OutputStream::load_in_place(std::uint64_t residency, Cycle time) {
  Tile& tile = at(residency);
  ++tile.loads_in_place;
  tile.loaded_at = std::max(tile.loaded_at, time);
}

// Residencies that produce nothing (row operations before their last pass) need no slot: they may
// end while stores far behind are still under way.
void OutputStream::ended(std::uint64_t residency, Cycle time) {
  while (!exhausted_ && (tiles_.empty() || tiles_.back().residency.index < residency)) append();
  at(residency).ended = time;
  update();
}

std::optional<Cycle> OutputStream::store_ready_at() const {
  for (const Tile& tile : tiles_)
    if (!tile.ended || tile.stores_taken < tile.store_lines.size()) return tile.ended;
  return std::nullopt;
}

OutputStream::Taken OutputStream::take_store() {
  for (Tile& tile : tiles_)
    if (tile.stores_taken < tile.store_lines.size())
      return {tile.store_lines[tile.stores_taken++], tile.residency.index, tile.complete};
  CHECK(false, "no line to store");
  return {};
}

void OutputStream::line_read(std::uint64_t residency, Cycle time) {
  Tile& tile = at(residency);
  ++tile.lines_read;
  tile.read_at = std::max(tile.read_at, time);
  update();
}

void OutputStream::acknowledged(std::uint64_t residency, Cycle time) {
  Tile& tile = at(residency);
  ++tile.lines_acknowledged;
  tile.acknowledged_at = std::max(tile.acknowledged_at, time);
  update();
}

std::optional<OutputStream::Open> OutputStream::next_open() {
  for (Tile& tile : tiles_) {
    if (tile.open) continue;
    if (!tile.slot_free || tile.loads_in_place < tile.load_lines.size()) return std::nullopt;
    tile.open = true;
    return Open{tile.residency.index, std::max(*tile.slot_free, tile.loaded_at), tile.loads};
  }
  return std::nullopt;
}

std::optional<OutputStream::Left> OutputStream::next_left() {
  for (Tile& tile : tiles_) {
    if (tile.left) continue;
    // One that produces nothing may end before its slot was ever free.
    if (!tile.open || !tile.read_out()) return std::nullopt;
    tile.left = true;
    const Left left{tile.residency.index, tile.complete};
    update();
    return left;
  }
  return std::nullopt;
}

std::optional<Cycle> OutputStream::all_stored() const {
  if (!exhausted_ || !tiles_.empty()) return std::nullopt;
  return last_acknowledged_;
}

}  // namespace chasm
