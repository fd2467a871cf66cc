#include "mapper/walk_stores.h"

namespace chasm::walk {
namespace {

constexpr auto kOutput = static_cast<std::size_t>(Operand::output);

}  // namespace

Stores::Stores(const Program& program, Cycle begin)
    : program_(program),
      cursor_(program, program.dram.size()),
      buffer_(program, Operand::output),
      kept_(program.kept[kOutput]),
      slots_(kept_ ? 2 : program.buffer_tiles[kOutput]),
      begin_(begin),
      gone_at_(begin),
      acknowledged_at_(begin) {
  append();
  find_load();
}

void Stores::make_lines(const Residency& residency, bool complete, LineList& lines) {
  buffer_.move_to(residency.offsets);
  lines_of_tensor(program_.operation.of(Operand::output),
                  complete ? program_.placement[kOutput] : program_.psum, buffer_.coordinates(),
                  false, lines);
}

bool Stores::append() {
  Residency residency;
  if (exhausted_ || !cursor_.next(residency)) {
    exhausted_ = true;
    return false;
  }
  Tile& tile = tiles_.grow();
  tile.complete = residency.finished;
  tile.loads.clear();
  tile.stores.clear();
  if (!kept_ && residency.reads_back(program_.operation)) make_lines(residency, false, tile.loads);
  if (!kept_ && residency.produces(program_.operation))
    make_lines(residency, residency.finished, tile.stores);
  tile.to_load = tile.loads.lines();
  tile.to_read = tile.stores.lines_with_words();
  tile.to_store = tile.stores.lines();
  const bool free = kept_ || residency.index < slots_;
  tile.slot_free = tile.load_from = free ? begin_ : kUnknown;
  tile.ended = kUnknown;
  tile.loaded_at = tile.read_at = tile.acknowledged_at = 0;
  return true;
}

// In order: tiles leave the buffer, and are acknowledged. Each lets in the one so many slots on.
void Stores::update() {
  for (; reach(gone_) && at(gone_).ended != kUnknown && at(gone_).to_read == 0; ++gone_) {
    const Tile& tile = at(gone_);
    gone_at_ = std::max({gone_at_, tile.ended, tile.read_at});
    if (reach(gone_ + slots_) && !kept_) at(gone_ + slots_).slot_free = gone_at_;
  }
  for (; acknowledged_ < gone_ && at(acknowledged_).to_store == 0; ++acknowledged_) {
    const Tile& tile = at(acknowledged_);
    acknowledged_at_ = std::max({acknowledged_at_, tile.ended, tile.acknowledged_at});
    if (reach(acknowledged_ + slots_) && !kept_)
      at(acknowledged_ + slots_).load_from = acknowledged_at_;
  }
  find_load();
  find_store();
  while (first_ < std::min({acknowledged_, loading_, storing_})) {
    tiles_.pop_front();
    ++first_;
  }
}

Cycle Stores::open(std::uint64_t tile) {
  reach(tile);
  const Tile& of = at(tile);
  return of.to_load > 0 ? kUnknown : std::max(of.slot_free, of.loaded_at);
}

void Stores::find_load() {
  while (loading_ < gone_ + slots_ && reach(loading_) && at(loading_).loads.done()) ++loading_;
  load_ready_ = kUnknown;
  if (loading_ < gone_ + slots_ && loading_ - first_ < tiles_.size())
    load_ready_ = std::max(at(loading_).slot_free, at(loading_).load_from);
}

Stores::Taken Stores::take_load() {
  Tile& tile = at(loading_);
  const Taken taken{tile.loads.take(), loading_, false};
  if (tile.loads.done()) find_load();
  return taken;
}

bool Stores::loaded(std::uint64_t tile, Cycle at_cycle) {
  Tile& of = at(tile);
  --of.to_load;
  of.loaded_at = std::max(of.loaded_at, at_cycle);
  return of.to_load == 0;
}

// Residencies that produce nothing (row operations before their last pass) need no slot: they may
// end far ahead of the stores.
void Stores::ended(std::uint64_t tile, Cycle at_cycle) {
  reach(tile);
  at(tile).ended = at_cycle;
  update();
}

void Stores::find_store() {
  while (reach(storing_) && at(storing_).ended != kUnknown && at(storing_).stores.done())
    ++storing_;
  store_ready_ = storing_ - first_ < tiles_.size() ? at(storing_).ended : kUnknown;
}

Stores::Taken Stores::take_store() {
  Tile& tile = at(storing_);
  const Taken taken{tile.stores.take(), storing_, tile.complete};
  if (tile.stores.done()) find_store();
  return taken;
}

bool Stores::line_read(std::uint64_t tile, Cycle at_cycle) {
  Tile& of = at(tile);
  --of.to_read;
  of.read_at = std::max(of.read_at, at_cycle);
  if (of.to_read > 0) return false;
  update();
  return true;
}

void Stores::acknowledged(std::uint64_t tile, Cycle at_cycle) {
  Tile& of = at(tile);
  --of.to_store;
  of.acknowledged_at = std::max(of.acknowledged_at, at_cycle);
  if (of.to_store == 0) update();
}

void Stores::save(Snapshot& state, std::uint64_t tile) const {
  state.number(exhausted_ ? 1 : 0);
  state.number(first_ - tile);
  state.number(loading_ - first_);
  state.number(storing_ - first_);
  state.number(gone_ - first_);
  state.number(acknowledged_ - first_);
  state.number(std::min(gone_, slots_) << 8 | std::min(acknowledged_, slots_));
  state.time(gone_at_);
  state.time(acknowledged_at_);
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    const Tile& t = tiles_[i];
    state.number(t.complete ? 1 : 0);
    state.number(t.loads.lines());
    state.number(t.loads.taken());
    state.number(t.stores.lines());
    state.number(t.stores.taken());
    state.number(t.to_load);
    state.number(t.to_read);
    state.number(t.to_store);
    for (const Cycle time :
         {t.slot_free, t.load_from, t.loaded_at, t.ended, t.read_at, t.acknowledged_at})
      state.time(time);
  }
}

void Stores::shift(std::size_t loop, std::uint64_t iterations, std::uint64_t steps, Cycle cycles) {
  if (iterations > 0) cursor_.skip(loop, iterations, steps);
  gone_at_ += cycles;
  acknowledged_at_ += cycles;
  delay(load_ready_, cycles);
  delay(store_ready_, cycles);
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    Tile& t = tiles_[i];
    for (Cycle* time :
         {&t.slot_free, &t.load_from, &t.loaded_at, &t.ended, &t.read_at, &t.acknowledged_at})
      delay(*time, cycles);
  }
}

}  // namespace chasm::walk
