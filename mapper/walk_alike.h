// Which iterations of a loop are alike: every part of the machine does the same in them, on tiles
// that are moved, and none meets an edge.
#pragma once

#include <vector>

#include "models/program/loop_cursor.h"

namespace chasm::walk {

class Alike {
 public:
  Alike(const Program&, std::uint64_t channels);

  std::size_t loops() const { return loops_.size(); }
  // Iterations of all loops inside an iteration of that loop, edges left out of account.
  std::uint64_t weight(std::size_t loop) const { return weights_[loop]; }
  // First and last iteration of `loop` that are alike, while the loops outside of it stand where
  // the cursor does; first > last where there are none.
  struct Range {
    std::uint64_t first, last;
  };
  Range range(std::size_t loop, const LoopCursor&) const;
  // Whether a tile that many iterations on lies on other stored words only (an image-to-column
  // unit turns at rows and channels)...
  bool same_words(std::size_t loop, std::uint64_t iterations) const;
  // ... and of an operand, in the same parts of DRAM lines.
  bool same_lines(std::size_t loop, std::uint64_t iterations, Operand) const;

 private:
  bool moves_whole_lines(std::uint64_t words, const Placement& placement) const {
    constexpr std::uint64_t kLineUnits = 512 * Placement::kUnitsOfABit;
    return words * placement.dram_units() % (kLineUnits * channels_) == 0;
  }
  std::uint64_t parameter_shift(Operand, Dim, std::uint64_t indices) const;
  bool same_lines_of_tensor(const TensorAccess&, const Placement&, Dim,
                            std::uint64_t indices) const;

  const Program& program_;
  std::uint64_t channels_;
  std::vector<TemporalLoop> loops_;
  std::vector<std::uint64_t> weights_;
  DimArray<std::uint64_t> array_;
};

}  // namespace chasm::walk
