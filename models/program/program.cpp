#include "models/program/program.h"

#include <algorithm>

#include "base/units.h"

namespace chasm {
namespace {

void multiply(DimArray<std::uint64_t>& tile, const std::vector<Loop>& loops) {
  for (const Loop& loop : loops) tile[loop.dim] *= loop.trips;
}

}  // namespace

DimArray<std::uint64_t> rf_tile(const Program& program) {
  DimArray<std::uint64_t> tile = ones();
  multiply(tile, program.rf);
  return tile;
}

DimArray<std::uint64_t> array_tile(const Program& program) {
  DimArray<std::uint64_t> tile = rf_tile(program);
  multiply(tile, program.spatial_x);
  multiply(tile, program.spatial_y);
  return tile;
}

DimArray<std::uint64_t> buffer_tile(const Program& program) {
  DimArray<std::uint64_t> tile = array_tile(program);
  multiply(tile, program.buffer);
  return tile;
}

DimArray<std::uint64_t> clipped(const DimArray<std::uint64_t>& tile, const Operation& operation) {
  DimArray<std::uint64_t> result = tile;
  for (const Dim d : kAllDims) result[d] = std::min(tile[d], operation.bounds[d]);
  return result;
}

// Two sliding terms i*a + j*b, i < m, j < n. Sorted by the coefficient a >= b, the runs of one i (n
// values b apart) meet those of another only where a and b share multiples; with a a multiple of b
// (every stride over dilation 1) the union is m runs that overlap or touch where n*b >= a. The rest
// is counted.
std::uint64_t distinct_coordinates(const Axis& axis, const DimArray<std::uint64_t>& tile) {
  std::uint64_t count = 1;
  const auto extent = static_cast<std::uint64_t>(axis.extent);
  const auto length = [&](std::size_t term) { return tile[axis.terms[term].dim]; };
  const auto coefficient = [&](std::size_t term) {
    return static_cast<std::uint64_t>(axis.terms[term].coefficient);
  };
  if (axis.terms.size() == 1) {
    count = length(0);
  } else if (axis.terms.size() == 2) {
    const std::size_t coarse = coefficient(0) >= coefficient(1) ? 0 : 1;
    const std::uint64_t a = coefficient(coarse), b = coefficient(1 - coarse);
    const std::uint64_t m = length(coarse), n = length(1 - coarse);
    if (m >= extent || n >= extent) return extent;
    if (a % b == 0) {
      count = (m - 1) * std::min(n, a / b) + n;
    } else {
      std::vector<std::uint64_t> coordinates;
      for (std::uint64_t i = 0; i < m; ++i) {
        for (std::uint64_t j = 0; j < n; ++j) coordinates.push_back(i * a + j * b);
      }
      std::sort(coordinates.begin(), coordinates.end());
      const auto end = std::unique(coordinates.begin(), coordinates.end());
      count = static_cast<std::uint64_t>(end - coordinates.begin());
    }
  }
  return std::min(count, extent);
}

std::uint64_t tile_words(const TensorAccess& access, const DimArray<std::uint64_t>& tile) {
  if (!access.used) return 0;
  std::uint64_t words = 1;
  for (const Axis& axis : access.axes) words *= distinct_coordinates(axis, tile);
  return words;
}

std::uint64_t buffer_words(const TensorAccess& access, const DimArray<std::uint64_t>& tile) {
  return access.used && access.im2col ? access.im2col->largest_box(tile) : tile_words(access, tile);
}

bool accumulates_over_steps(const Program& program) {
  if (program.operation.is_row_op()) return false;
  for (const std::vector<Loop>* loops : {&program.dram, &program.buffer}) {
    for (const Loop& loop : *loops) {
      if (loop.trips > 1 && program.operation.is_reduction(loop.dim)) return true;
    }
  }
  return false;
}

std::uint32_t buffer_bits(const Program& program, Operand operand) {
  const std::uint32_t stored = program.placement[static_cast<std::size_t>(operand)].bits;
  return operand == Operand::output && accumulates_over_steps(program)
             ? std::max(stored, program.psum.bits)
             : stored;
}

bool has_buffer_tiles(const Program& program, Operand operand) {
  const auto o = static_cast<std::size_t>(operand);
  return program.operation.of(operand).used && !program.bypass_buffer[o] && !program.kept[o];
}

void count_gated(const Program& program, Activity& activity) {
  constexpr std::uint64_t kAll = Program::kAllGated;
  const std::uint64_t operations = activity.pe_operations;
  const std::uint64_t rest = operations % kAll * program.gated;
  activity.gated_operations = operations / kAll * program.gated + (rest + kAll / 2) / kAll;
  std::uint64_t& reads = activity.register_file[WordKind::weight].reads;
  reads = minus(reads, activity.gated_operations);
}

ActivityWidths activity_widths(const Program& program) {
  constexpr std::array kKinds = {WordKind::input, WordKind::weight, WordKind::output};
  ActivityWidths widths;
  for (std::size_t o = 0; o < kOperands; ++o) {
    widths.stored[kKinds[o]] = program.placement[o].bits;
    widths.pe[kKinds[o]] = program.pe_bits[o];
  }
  widths.stored[WordKind::psum] = widths.pe[WordKind::psum] = program.psum.bits;
  return widths;
}

std::uint64_t buffer_space_base(const Program& program) {
  for (const Operand operand : kAllOperands) {
    if (has_buffer_tiles(program, operand))
      return program.buffer_base[static_cast<std::size_t>(operand)];
  }
  return 0;
}

}  // namespace chasm
