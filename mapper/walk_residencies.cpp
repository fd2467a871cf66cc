#include "mapper/walk_residencies.h"

#include <bit>

namespace chasm::walk {
namespace {

// From the end of a residency's last issue until its psums can leave the array.
Cycle drain_latency(const Program& program, const ChunkSpec& chunk) {
  std::uint64_t pes = 1;
  for (const auto* loops : {&program.spatial_x, &program.spatial_y})
    for (const Loop& loop : *loops)
      pes *= program.operation.is_reduction(loop.dim) ? loop.trips : 1;
  Cycle reduction = 0;
  if (chunk.interconnect == Interconnect::multicast) {
    if (chunk.spatial_reduction == SpatialReduction::chain) reduction = pes - 1;
    if (chunk.spatial_reduction == SpatialReduction::adder_tree)
      reduction = static_cast<Cycle>(std::bit_width(pes - 1));
  }
  return chunk.pipeline_depth + reduction;
}

}  // namespace

Residencies::Residencies(const Program& program, const ChunkSpec& chunk,
                         const GlobalBufferSpec& buffer, Cycle begin)
    : program_(program),
      cursor_(program, program.dram.size() + program.buffer.size()),
      tile_cursor_(program, program.dram.size()),
      moves_(program, Operand::output),
      slots_(chunk.psum_residencies()),
      word_bytes_(buffer.word_bytes),
      width_in_(chunk.bus_words_per_cycle.psum_in),
      width_out_(chunk.bus_words_per_cycle.output),
      latency_(drain_latency(program, chunk)),
      begin_(begin),
      offsets_(slots_),
      psum_port_end_(begin),
      drain_port_end_(begin),
      last_drain_end_(begin),
      drain_end_(slots_),
      on_chip_(slots_) {
  tile_cursor_.next(tile_);
}

bool Residencies::append() {
  Residency residency;
  if (exhausted_ || !cursor_.next(residency)) {
    exhausted_ = true;
    return false;
  }
  while (residency.first_step >= tile_.end_step()) tile_cursor_.next(tile_);
  const Operation& operation = program_.operation;
  const std::uint64_t words = moves_.to(residency.offsets).words;
  Slot slot;
  slot.first_step = residency.first_step;
  slot.end_step = residency.end_step();
  slot.tile = tile_.index;
  slot.last_of_tile = residency.end_step() == tile_.end_step();
  slot.reads_back = residency.reads_back(operation);
  slot.produces = residency.produces(operation);
  if (slot.reads_back) slot.since_tile = since_tile(residency);
  offsets_[residency.index % slots_] = residency.offsets;
  slot.beats_in = beats(psums_in_, words, program_.psum.bits, width_in_);
  const std::uint32_t bits = program_.placement[static_cast<std::size_t>(Operand::output)].bits;
  slot.beats_out = residency.finished ? beats(outputs_, words, bits, width_out_)
                                      : beats(psums_out_, words, program_.psum.bits, width_out_);
  window_.push_back(slot);
  return true;
}

// A residency so many before that it has left the register files is drained for certain.
std::uint64_t Residencies::since_tile(const Residency& residency) const {
  for (std::uint64_t since = 1; since < slots_ && since <= residency.index; ++since)
    if (same_outputs(program_.operation, residency.offsets,
                     offsets_[(residency.index - since) % slots_]))
      return since;
  return 0;
}

Residencies::Slot& Residencies::at(std::uint64_t residency) {
  while (residency - drained_ >= window_.size()) append();
  return window_[residency - drained_];
}

Residencies::Slot* Residencies::next_read_back() {
  for (; reading_ < drained_ + slots_; ++reading_) {
    while (reading_ - drained_ >= window_.size()) {
      if (!append()) return nullptr;
    }
    if (window_[reading_ - drained_].reads_back) return &window_[reading_ - drained_];
  }
  return nullptr;
}

Cycle Residencies::read_back_request(Cycle tile_open) {
  return std::max({slot_free(reading_), psums_in_place(reading_), psum_port_end_, tile_open});
}

void Residencies::read_back(Cycle port_end, Cycle end) {
  at(reading_++).psum_in_end = end;
  psum_port_end_ = port_end;
}

void Residencies::drained(Cycle port_end, Cycle end, Cycle tile_open) {
  drain_port_end_ = port_end;
  last_drain_end_ = end;
  drain_end_[drained_ % slots_] = end;
  on_chip_[drained_ % slots_] = tile_open == kUnknown ? begin_ : tile_open;
  window_.pop_front();
  ++drained_;
  reading_ = std::max(reading_, drained_);
}

void Residencies::save(Snapshot& state) const {
  const std::uint64_t position = cursor_.next_step();
  state.number(exhausted_ ? 1 : 0);
  state.number(issuing_ - drained_);
  state.number(reading_ - drained_);
  state.number(drained_ < slots_ ? 1 + drained_ : 0);
  state.number(window_.size());
  for (std::size_t i = 0; i < window_.size(); ++i) {
    const Slot& slot = window_[i];
    state.number(position - slot.first_step);
    state.number(position - slot.end_step);
    state.number(tile_.index - slot.tile);
    state.number(slot.beats_in << 3 | (slot.last_of_tile ? 4U : 0U) | (slot.reads_back ? 2U : 0U) |
                 (slot.produces ? 1U : 0U));
    state.number(slot.beats_out);
    state.number(slot.since_tile);
    state.time(slot.psum_in_end);
    state.time(slot.issued);
  }
  state.time(psum_port_end_);
  state.time(drain_port_end_);
  state.time(last_drain_end_);
  for (std::uint64_t i = 0; i < slots_; ++i) {
    state.time(drain_end_[(drained_ + i) % slots_]);
    state.time(on_chip_[(drained_ + i) % slots_]);
  }
}

void Residencies::shift(std::size_t loop, std::uint64_t iterations, std::uint64_t steps,
                        std::uint64_t tile_iterations, std::uint64_t tile_steps, Cycle cycles) {
  if (iterations > 0) {
    const Dim d = cursor_.cursor().dim(loop);
    const std::uint64_t before = cursor_.cursor().offsets()[d];
    cursor_.skip(loop, iterations, steps);
    for (DimArray<std::uint64_t>& offsets : offsets_)
      offsets[d] += cursor_.cursor().offsets()[d] - before;
  }
  if (tile_iterations > 0) {
    tile_cursor_.skip(loop, tile_iterations, tile_steps);
    tile_.first_step += tile_steps;
  }
  for (std::size_t i = 0; i < window_.size(); ++i) {
    Slot& slot = window_[i];
    slot.first_step += steps;
    slot.end_step += steps;
    delay(slot.psum_in_end, cycles);
    delay(slot.issued, cycles);
  }
  for (Cycle* time : {&psum_port_end_, &drain_port_end_, &last_drain_end_}) *time += cycles;
  for (std::vector<Cycle>* times : {&drain_end_, &on_chip_})
    for (Cycle& time : *times) time += cycles;
}

}  // namespace chasm::walk
