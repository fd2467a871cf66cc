// In which order DRAM holds the words of an activation tensor (docs/microarchitecture.md, section
// 4). Words are numbered canonically everywhere, [N][C][H][W]; only their addresses differ.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace chasm {

struct TensorLayout {
  // Channels of a pixel that lie side by side: 0 keeps the canonical order (channel_major), the
  // number of channels makes channels_last, less (or more: padding) makes blocked.
  std::uint64_t block = 0;
  std::uint64_t channels = 0, pixels = 0;  // of a sample, C and H x W; for block > 0 only

  bool canonical() const { return block == 0; }
  std::uint64_t blocks() const { return ceil_div(channels, block); }
  // Words that a tensor of so many canonical ones takes, the padding of last blocks included.
  std::uint64_t stored_words(std::uint64_t words) const {
    return canonical() ? words : words / channels * blocks() * block;
  }
  bool operator==(const TensorLayout&) const = default;
};

}  // namespace chasm
