#include "mapper/buffer_fit.h"

#include <algorithm>

#include "base/units.h"

namespace chasm {

bool choose_tiles(const std::array<std::uint64_t, kOperands>& bytes,
                  const std::array<bool, kOperands>& change,
                  const std::array<bool, kOperands>& open, std::uint64_t capacity,
                  std::array<std::uint32_t, kOperands>& tiles) {
  std::uint64_t total = 0;
  for (std::size_t o = 0; o < kOperands; ++o) {
    if (open[o]) tiles[o] = bytes[o] > 0 ? 1 : 0;
    total += bytes[o] * tiles[o];
  }
  for (std::size_t o = 0; o < kOperands; ++o) {
    if (!open[o] || !change[o] || tiles[o] == 0 || total + bytes[o] > capacity) continue;
    tiles[o] = 2;
    total += bytes[o];
  }
  return total <= capacity;
}

bool fit_buffer(LoopNest& nest, const Program& prototype, const ProgramLimits& limits) {
  const Operation& operation = prototype.operation;
  DimArray<std::uint64_t> tile;
  for (const Dim d : kAllDims) tile[d] = nest.array(d);
  bool accumulates = false;
  std::array<bool, kOperands> change{};
  for (std::size_t l = 0; l < nest.count; ++l) {
    const Dim d = nest.loops[l].dim;
    accumulates = accumulates || (operation.is_reduction(d) && !operation.is_row_op());
    if (l >= nest.dram) tile[d] *= nest.loops[l].trips;
    for (std::size_t o = 0; o < kOperands && l < nest.dram; ++o) {
      change[o] = change[o] || operation.access[o].depends_on(d);
    }
  }
  tile = clipped(tile, operation);
  std::array<std::uint64_t, kOperands> bytes{};
  for (std::size_t o = 0; o < kOperands; ++o) {
    if (prototype.bypass_buffer[o]) continue;
    std::uint32_t bits = prototype.placement[o].bits;
    if (accumulates && kAllOperands[o] == Operand::output)
      bits = std::max(bits, prototype.psum.bits);
    const std::uint64_t packed = packed_bytes(buffer_words(operation.access[o], tile), bits);
    bytes[o] = ceil_div(packed, limits.buffer_word_bytes) * limits.buffer_word_bytes;
  }
  const bool spills_past_buffer =
      accumulates && prototype.bypass_buffer[static_cast<std::size_t>(Operand::output)];
  return choose_tiles(bytes, change, {true, true, true}, limits.buffer_capacity_bytes,
                      nest.buffer_tiles) &&
         !spills_past_buffer;
}

}  // namespace chasm
