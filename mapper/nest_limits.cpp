#include "mapper/nest_limits.h"

#include <algorithm>

#include "base/check.h"
#include "base/units.h"

namespace chasm {
namespace {

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

}  // namespace

NestLimits::NestLimits(const Program& prototype, const ProgramLimits& limits)
    : prototype_(prototype), limits_(limits) {
  const Operation& operation = prototype.operation;
  for (const Dim d : kAllDims) {
    const bool row = operation.is_row_op();
    const bool combines = operation.is_reduction(d) || (row && d == Dim::C);
    const bool spreads =
        (limits.systolic || limits.spatial_reduction || !combines) && !(row && d == Dim::R);
    columns_[d] = spreads && (!limits.systolic || d == limits.systolic_col);
    rows_[d] = spreads && (!limits.systolic || d == limits.systolic_row);
    accumulated_[d] = !row && operation.is_reduction(d);
  }
  for (std::size_t o = 0; o < kOperands; ++o) {
    const TensorAccess& access = operation.access[o];
    words_[o] = TileWords(access);
    has_tiles_[o] = has_buffer_tiles(prototype, kAllOperands[o]);
    const bool can_keep = access.used && !access.is_parameter && !prototype.bypass_buffer[o];
    kept_well_ = kept_well_ && (can_keep || !prototype.kept[o]);
    CHECK(prototype.buffer_base[o] == 0, "a prototype of {} with buffer addresses", operation.name);
  }
  whole_reductions_ = prototype.bypass_buffer[static_cast<std::size_t>(Operand::output)];
}

bool NestLimits::legal(const LoopNest& nest) const {
  return kept_well_ && loops_cover(nest) && array_holds(nest) && rows_in_order(nest) &&
         register_files_hold(nest.rf) && buffer_holds(nest);
}

bool NestLimits::loops_cover(const LoopNest& nest) const {
  const DimArray<std::uint64_t>& bounds = prototype_.operation.bounds;
  DimArray<std::uint64_t> covered = ones();
  for (const Dim d : kAllDims) {
    for (const std::uint64_t factor : {nest.rf[d], nest.x[d], nest.y[d]}) {
      if (factor < 1 || factor > bounds[d]) return false;
      covered[d] = saturating_product(covered[d], factor);
    }
  }
  for (std::size_t l = 0; l < nest.count; ++l) {
    const auto [d, trips] = nest.loops[l];
    if (trips < 1 || trips > bounds[d]) return false;
    covered[d] = saturating_product(covered[d], trips);
  }
  return std::all_of(kAllDims.begin(), kAllDims.end(),
                     [&](Dim d) { return covered[d] >= bounds[d] && covered[d] != UINT64_MAX; });
}

bool NestLimits::array_holds(const LoopNest& nest) const {
  std::uint64_t columns = 1, rows = 1;
  for (const Dim d : kAllDims) {
    if ((nest.x[d] > 1 && !columns_[d]) || (nest.y[d] > 1 && !rows_[d])) return false;
    columns = saturating_product(columns, nest.x[d]);
    rows = saturating_product(rows, nest.y[d]);
  }
  return columns <= limits_.cols && rows <= limits_.rows;
}

// The passes of a row operation: [everything else [R passes [C]]].
bool NestLimits::rows_in_order(const LoopNest& nest) const {
  const Operation& operation = prototype_.operation;
  if (!operation.is_row_op()) return true;
  std::uint64_t passes = 1;
  bool inside = false;
  for (std::size_t l = 0; l < nest.count; ++l) {
    const auto [d, trips] = nest.loops[l];
    if (trips == 1) continue;
    if (d == Dim::R) {
      inside = true;
      passes = saturating_product(passes, trips);
    } else if (inside != (d == Dim::C)) {
      return false;
    }
  }
  return passes == operation.bounds[Dim::R] && nest.rf[Dim::R] == 1;
}

bool NestLimits::register_files_hold(const DimArray<std::uint64_t>& tile) const {
  for (std::size_t o = 0; o < kOperands; ++o) {
    const std::uint64_t copies = limits_.double_buffered[o] ? 2 : 1;
    if (saturating_product(words_[o].of(tile), copies) > limits_.register_file_words[o])
      return false;
  }
  return true;
}

std::uint64_t NestLimits::buffer_bytes(std::size_t o, const DimArray<std::uint64_t>& tile,
                                       bool accumulates) const {
  if (!has_tiles_[o]) return 0;
  const Operation& operation = prototype_.operation;
  std::uint32_t bits = prototype_.placement[o].bits;
  if (accumulates && kAllOperands[o] == Operand::output)
    bits = std::max(bits, prototype_.psum.bits);
  const DimArray<std::uint64_t> clip = clipped(tile, operation);
  const auto& im2col = operation.access[o].im2col;
  const std::uint64_t words = im2col ? im2col->largest_box(clip) : words_[o].of(clip);
  return ceil_div(packed_bytes(words, bits), limits_.buffer_word_bytes) * limits_.buffer_word_bytes;
}

bool NestLimits::buffer_holds(const LoopNest& nest) const {
  DimArray<std::uint64_t> tile;
  for (const Dim d : kAllDims) tile[d] = nest.array(d);
  bool accumulates = false;
  for (std::size_t l = 0; l < nest.count; ++l) {
    const auto [d, trips] = nest.loops[l];
    accumulates = accumulates || (trips > 1 && accumulated_[d]);
    if (l >= nest.dram) tile[d] *= trips;
  }
  if (accumulates && whole_reductions_) return false;
  std::uint64_t total = 0;
  for (std::size_t o = 0; o < kOperands; ++o) {
    if (!has_tiles_[o]) continue;
    if (nest.buffer_tiles[o] < 1 || nest.buffer_tiles[o] > 2) return false;
    total += buffer_bytes(o, tile, accumulates) * nest.buffer_tiles[o];
  }
  return total <= limits_.buffer_capacity_bytes;
}

}  // namespace chasm
