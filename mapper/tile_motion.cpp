#include "mapper/tile_motion.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/check.h"
#include "base/units.h"

namespace chasm {
namespace {

AxisShape axis_shape(const Axis& axis, const DimArray<std::uint64_t>& bounds) {
  AxisShape shape;
  shape.offset = axis.offset;
  shape.extent = axis.extent;
  shape.word_stride = axis.word_stride;
  for (const Axis::Term& term : axis.terms) {
    if (bounds[term.dim] == 1) continue;
    (shape.terms == 0 ? shape.first : shape.second) = term.dim;
    (shape.terms == 0 ? shape.first_step : shape.second_step) = term.coefficient;
    ++shape.terms;
  }
  return shape;
}

// Distinct values of i * first_step + j * second_step, i < m, j < n.
std::uint64_t coordinates(const AxisShape& axis, std::uint64_t m, std::uint64_t n) {
  if (axis.terms < 2) return m * n;
  const auto a = static_cast<std::uint64_t>(axis.first_step);
  const auto b = static_cast<std::uint64_t>(axis.second_step);
  if (a % b == 0) return (m - 1) * std::min(n, a / b) + n;
  if (b % a == 0) return (n - 1) * std::min(m, b / a) + m;
  const Axis unbounded{{{Dim::P, axis.first_step}, {Dim::R, axis.second_step}}, 0, INT64_MAX, 1};
  DimArray<std::uint64_t> extents = ones();
  extents[Dim::P] = m, extents[Dim::R] = n;
  return distinct_coordinates(unbounded, extents);
}

}  // namespace

OperandShape::OperandShape(const Operation& operation, Operand operand) : bounds(operation.bounds) {
  const TensorAccess& access = operation.of(operand);
  used = access.used;
  is_parameter = access.is_parameter;
  axis_of.values.fill(-1);
  CHECK(access.axes.size() <= kMaxAxes, "{} axes of {}", access.axes.size(), operation.name);
  for (const Axis& axis : access.axes) {
    const auto number = static_cast<std::int8_t>(axes.size());
    axes.push_back(axis_shape(axis, bounds));
    const AxisShape& shape = axes.back();
    // One term alone moves in its own units, whatever gaps its stride leaves.
    if (shape.terms >= 1) axis_of[shape.first] = number, step_of[shape.first] = 1;
    if (shape.terms == 2) {
      axis_of[shape.second] = number;
      step_of[shape.first] = shape.first_step;
      step_of[shape.second] = shape.second_step;
    }
  }
}

Tile::Tile(const OperandShape& shape, const DimArray<std::uint64_t>& rf,
           const DimArray<std::uint64_t>& spatial)
    : shape_(shape) {
  for (std::size_t a = 0; a < shape.axes.size(); ++a) {
    const AxisShape& axis = shape.axes[a];
    AxisTile& tile = axes_[a];
    if (axis.terms >= 1) tile.first_rf = rf[axis.first], tile.first_pes = spatial[axis.first];
    if (axis.terms == 2) tile.second_rf = rf[axis.second], tile.second_pes = spatial[axis.second];
    const std::uint64_t first = tile.first_rf * tile.first_pes;
    const std::uint64_t second = tile.second_rf * tile.second_pes;
    tile.sliding = axis.terms == 2;
    tile.total = static_cast<double>(coordinates(axis, first, second));
    if (tile.sliding) {
      const auto reach = static_cast<std::int64_t>(tile.first_rf - 1) * axis.first_step +
                         static_cast<std::int64_t>(tile.second_rf - 1) * axis.second_step + 1;
      const bool gapless =
          coordinates(axis, tile.first_rf, tile.second_rf) == static_cast<std::uint64_t>(reach);
      tile.reach = gapless && tile.second_pes == 1 ? reach : 0;
      tile.pitch = static_cast<std::int64_t>(tile.first_rf) * axis.first_step;
    }
    tile.scale = average_length(axis, first, second) / tile.total;
    words_ *= tile.total * tile.scale;
    scale_ *= tile.scale;
  }
}

// Stored coordinates of a tile of first x second iterations, averaged over all its positions.
double Tile::average_length(const AxisShape& axis, std::uint64_t first,
                            std::uint64_t second) const {
  const std::uint64_t first_bound = axis.terms >= 1 ? shape_.bounds[axis.first] : 1;
  const std::uint64_t second_bound = axis.terms == 2 ? shape_.bounds[axis.second] : 1;
  const std::uint64_t firsts = ceil_div(first_bound, first),
                      seconds = ceil_div(second_bound, second);
  const auto at = [](std::uint64_t i, std::int64_t step) {
    return static_cast<std::int64_t>(i) * step;
  };
  const bool padded =
      axis.offset < 0 || axis.offset + at(first_bound - 1, axis.first_step) >= axis.extent;
  if (axis.terms < 2 && !padded)
    return static_cast<double>(first_bound) / static_cast<double>(firsts);
  double sum = 0;
  for (std::uint64_t i = 0; i < firsts; ++i) {
    const std::uint64_t m = std::min(first, first_bound - i * first);
    for (std::uint64_t j = 0; j < seconds; ++j) {
      const std::uint64_t n = std::min(second, second_bound - j * second);
      const std::int64_t low =
          axis.offset + at(i * first, axis.first_step) + at(j * second, axis.second_step);
      const std::int64_t span = at(m - 1, axis.first_step) + at(n - 1, axis.second_step) + 1;
      const std::int64_t stored =
          std::min(low + span, axis.extent) - std::max<std::int64_t>(low, 0);
      if (stored <= 0) continue;
      // Gaps are spread evenly: a clipped span keeps its share of the coordinates.
      const double count = static_cast<double>(coordinates(axis, m, n));
      sum += std::ceil(count * static_cast<double>(stored) / static_cast<double>(span));
    }
  }
  return sum / static_cast<double>(firsts * seconds);
}

double Tile::new_length(std::size_t axis, std::int64_t shift) const {
  const AxisTile& tile = axes_[axis];
  if (shift == 0) return 0;
  if (!tile.sliding) return tile.total;
  if (tile.reach == 0) return enumerate_new(axis, shift);
  // Each PE gains an interval; those of PEs side by side overlap where they are longer than the
  // pitch.
  const std::int64_t gain = std::min(std::abs(shift), tile.reach);
  const auto others = static_cast<std::int64_t>(tile.first_pes - 1);
  return static_cast<double>(others * std::min(gain, tile.pitch) + gain);
}

double Tile::enumerate_new(std::size_t axis, std::int64_t shift) const {
  const AxisTile& tile = axes_[axis];
  const std::int64_t a = shape_.axes[axis].first_step, b = shape_.axes[axis].second_step;
  const auto cast = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  std::vector<std::int64_t> window, gained, all;
  for (std::int64_t i = 0; i < cast(tile.first_rf); ++i) {
    for (std::int64_t j = 0; j < cast(tile.second_rf); ++j) window.push_back(i * a + j * b);
  }
  std::sort(window.begin(), window.end());
  window.erase(std::unique(window.begin(), window.end()), window.end());
  for (const std::int64_t c : window) {
    if (!std::binary_search(window.begin(), window.end(), c + shift)) gained.push_back(c);
  }
  for (std::int64_t i = 0; i < cast(tile.first_pes); ++i) {
    for (std::int64_t j = 0; j < cast(tile.second_pes); ++j) {
      const std::int64_t start = i * cast(tile.first_rf) * a + j * cast(tile.second_rf) * b;
      for (const std::int64_t c : gained) all.push_back(start + c);
    }
  }
  std::sort(all.begin(), all.end());
  return static_cast<double>(std::unique(all.begin(), all.end()) - all.begin());
}

double Tile::moved(const std::array<std::int64_t, kMaxAxes>& shifts,
                   std::array<double, kMaxAxes>& lengths) const {
  double total = 1, kept = 1;
  for (std::size_t a = 0; a < shape_.axes.size(); ++a) {
    const double gained = new_length(a, shifts[a]);
    total *= axes_[a].total;
    kept *= axes_[a].total - gained;
    lengths[a] = (shifts[a] == 0 ? axes_[a].total : gained) * axes_[a].scale;
  }
  return (total - kept) * scale_;
}

}  // namespace chasm
