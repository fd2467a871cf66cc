#include "tests/support/oracle/random_layout.h"

#include <vector>

#include "base/units.h"
#include "tests/support/oracle/random_draw.h"

namespace chasm::oracle {
namespace {

bool is_batch(const Axis& axis) { return axis.terms.size() == 1 && axis.terms[0].dim == Dim::N; }

// Extents of the axes of a sample. The outermost of a part of a tensor (a concat) is that of the
// whole: what lies between two samples.
std::vector<std::uint64_t> sample_extents(const TensorAccess& access, std::uint64_t samples) {
  std::vector<std::uint64_t> extents;
  for (const Axis& axis : access.axes) {
    if (!is_batch(axis)) extents.push_back(static_cast<std::uint64_t>(axis.extent));
  }
  std::uint64_t inner = 1;
  for (std::size_t a = 1; a < extents.size(); ++a) inner *= extents[a];
  extents[0] = access.words / samples / inner;
  return extents;
}

std::uint64_t samples_of(const TensorAccess& access) {
  for (const Axis& axis : access.axes) {
    if (is_batch(axis)) return static_cast<std::uint64_t>(axis.extent);
  }
  return 1;
}

// The outer axes are channels, `rows` and `columns` of the others rows and columns.
void split(const std::vector<std::uint64_t>& extents, std::size_t rows, std::size_t columns,
           TensorLayout& layout) {
  for (std::size_t a = 0; a < extents.size(); ++a) {
    const std::size_t behind = extents.size() - a;
    std::uint64_t& part = behind <= columns          ? layout.columns
                          : behind <= columns + rows ? layout.rows
                                                     : layout.channels;
    part *= extents[a];
  }
}

}  // namespace

void random_shape(Rng& rng, const TensorAccess& before, const TensorAccess& now,
                  TensorLayout& layout) {
  layout.channels = layout.rows = layout.columns = 1;
  const bool image = one_in(rng, 2);
  const TensorAccess& access = image ? before : now;
  const auto extents = sample_extents(access, samples_of(access));
  // An image has rows and columns; anything else may be cut anywhere.
  const std::size_t columns = image ? 1 : rng.below(extents.size() + 1);
  const std::size_t rows = image ? 1 : rng.below(extents.size() + 1 - columns);
  split(extents, rows, columns, layout);
}

std::uint64_t words_in_dram(const TensorAccess& access, const TensorLayout& layout) {
  if (layout.order != TensorLayout::Order::blocked) return access.words;
  const std::uint64_t plane = layout.rows * layout.columns;
  const std::uint64_t samples = access.words / (layout.channels * plane);
  const std::uint64_t blocks = ceil_div(layout.channels, layout.block_channels);
  return samples * blocks * layout.block_channels * plane;
}

}  // namespace chasm::oracle
