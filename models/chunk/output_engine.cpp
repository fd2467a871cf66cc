#include "models/chunk/output_engine.h"

#include <algorithm>

namespace chasm {

OutputEngine::OutputEngine(const Program& program, std::uint32_t residencies, Cycle drain_latency,
                           Cycle begin)
    : operation_(program.operation),
      cursor_(program, program.dram.size() + program.buffer.size()),
      tile_cursor_(program, program.dram.size()),
      tile_(program, Operand::output),
      capacity_(residencies),
      drain_latency_(drain_latency),
      begin_(begin),
      read_back_port_end_(begin),
      drain_port_end_(begin),
      last_drain_end_(begin) {
  tile_cursor_.next(buffer_tile_);
  append();
}

void OutputEngine::append() {
  while (slots_.size() <= capacity_ && !exhausted_) {
    Slot slot;
    exhausted_ = !cursor_.next(slot.residency);
    if (exhausted_) return;
    tile_.move_to(slot.residency.offsets);
    while (slot.residency.first_step >= buffer_tile_.end_step()) tile_cursor_.next(buffer_tile_);
    slot.words = tile_.union_words();
    slot.pe_words = tile_.pe_words();
    slot.tile = buffer_tile_.index;
    slot.last_of_tile = slot.residency.end_step() == buffer_tile_.end_step();
    slot.reads_back = slot.residency.reads_back(operation_);
    slot.produces = slot.residency.produces(operation_);
    slot.complete = slot.residency.finished;
    if (slot.residency.index < capacity_) slot.slot_free = begin_;
    if (!waits_for_drain(slot)) slot.psums_in_place = begin_;
    slots_.push_back(slot);
  }
}

// Whether a residency that is not drained yet has the same output tile. One that is drained already
// is older than the one whose end frees the slot.
bool OutputEngine::waits_for_drain(const Slot& slot) const {
  return slot.reads_back && std::any_of(slots_.begin(), slots_.end(), [&](const Slot& before) {
           return same_outputs(operation_, before.residency.offsets, slot.residency.offsets);
         });
}

OutputEngine::Slot& OutputEngine::at_step(std::uint64_t step) {
  for (Slot& slot : slots_)
    if (step < slot.residency.end_step()) return slot;
  CHECK(false, "step {} is beyond the residencies that are known", step);
  return slots_.back();
}

OutputEngine::Slot* OutputEngine::next_read_back() {
  for (Slot& slot : slots_)
    if (slot.residency.index >= next_read_back_ && slot.reads_back) return &slot;
  return nullptr;
}

OutputEngine::Slot* OutputEngine::next_drain() {
  return slots_.empty() ? nullptr : &slots_.front();
}

std::optional<Cycle> OutputEngine::read_back_request(const Slot& slot) const {
  if (!slot.slot_free || !slot.psums_in_place || !is_open(slot.tile)) return std::nullopt;
  return std::max(
      {*slot.slot_free, *slot.psums_in_place, read_back_port_end_, tile_open_at(slot.tile)});
}

std::optional<Cycle> OutputEngine::drain_request(const Slot& slot) const {
  if (!slot.last_issue_end) return std::nullopt;
  if (!slot.produces) return std::max(*slot.last_issue_end, drain_port_end_);
  if (!is_open(slot.tile)) return std::nullopt;
  return std::max({drain_port_end_, made_at(slot), tile_open_at(slot.tile)});
}

std::optional<Cycle> OutputEngine::drained_before(std::uint64_t step) const {
  if (!slots_.empty() && slots_.front().residency.end_step() <= step) return std::nullopt;
  return last_drain_end_;
}

void OutputEngine::read_back_done(Cycle port_end, Cycle end) {
  Slot& slot = *next_read_back();
  slot.psum_in_end = end;
  read_back_port_end_ = port_end;
  next_read_back_ = slot.residency.index + 1;
}

void OutputEngine::drain_done(Cycle port_end, Cycle end) {
  drain_port_end_ = port_end;
  last_drain_end_ = end;
  const Slot& done = slots_.front();
  const auto next = std::find_if(slots_.begin() + 1, slots_.end(), [&](const Slot& slot) {
    return same_outputs(operation_, done.residency.offsets, slot.residency.offsets);
  });
  if (next != slots_.end()) next->psums_in_place = end;
  if (slots_.size() > capacity_) {
    slots_[capacity_].slot_free = end;
    slots_[capacity_].slot_on_chip = is_open(done.tile) ? tile_open_at(done.tile) : begin_;
  }
  slots_.pop_front();
  append();
  while (!slots_.empty() && open_base_ < slots_.front().tile && !open_.empty()) {
    open_.pop_front();
    ++open_base_;
  }
}

void OutputEngine::tile_open(std::uint64_t tile, Cycle at) {
  CHECK(tile == open_base_ + open_.size(), "output tile {} opens out of order", tile);
  open_.push_back(at);
}

}  // namespace chasm
