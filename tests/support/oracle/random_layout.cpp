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

}  // namespace

TensorLayout random_layout(Rng& rng, const LayoutSpec& order, const TensorAccess& before,
                           const TensorAccess& now) {
  TensorLayout layout;
  if (order.activations == ActivationOrder::channel_major) return layout;
  const bool image = one_in(rng, 2);
  const TensorAccess& access = image ? before : now;
  const auto extents = sample_extents(access, samples_of(access));
  // An image has rows and columns; anything else may be cut anywhere.
  const std::uint64_t inner = image ? 2 : rng.below(extents.size() + 1);
  layout.channels = layout.pixels = 1;
  for (std::size_t a = 0; a < extents.size(); ++a) {
    (extents.size() - a <= inner ? layout.pixels : layout.channels) *= extents[a];
  }
  const bool blocked = order.activations == ActivationOrder::blocked;
  layout.block = blocked ? order.block_channels : layout.channels;
  return layout;
}

std::uint64_t words_in_dram(const TensorAccess& access, const TensorLayout& layout) {
  if (layout.block == 0) return access.words;
  const std::uint64_t samples = access.words / (layout.channels * layout.pixels);
  return samples * ceil_div(layout.channels, layout.block) * layout.block * layout.pixels;
}

}  // namespace chasm::oracle
