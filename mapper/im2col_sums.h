// Moves of the input of a flattened convolution (docs/microarchitecture.md, section 8): P numbers
// pixels and C the words of a filter, and the two move words together.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mapper/move_sums.h"

namespace chasm {

// How many elements of any block of pixels and filter words are not padding, from prefix sums: a
// row of the kernel meets the image at a row of pixels, or not, whatever the columns do.
class Im2colElements {
 public:
  explicit Im2colElements(const Im2col&);
  // Of one sample and group, in the blocks [pixel, pixel + pixels) and [word, word + words).
  std::uint64_t count(std::uint64_t pixel, std::uint64_t pixels, std::uint64_t word,
                      std::uint64_t words) const;

 private:
  // One direction: positions below any index that a kernel index below any other meets.
  struct Direction {
    std::uint64_t positions = 1, kernel = 1;
    std::vector<std::uint64_t> below;  // [position][kernel], each from 0 to all
    std::uint64_t at(std::uint64_t position, std::uint64_t k) const {
      return below[position * (kernel + 1) + k];
    }
    std::uint64_t in(std::uint64_t position, std::uint64_t first, std::uint64_t end) const {
      return at(position + 1, end) - at(position, end) - at(position + 1, first) +
             at(position, first);
    }
  };
  static Direction direction(const Im2col&, Dim position, Dim kernel);
  std::uint64_t below(std::uint64_t pixels, std::uint64_t words) const;

  Direction rows_, columns_;
};

// In the array: elements. `elements` must outlive the factor.
std::unique_ptr<TileFactor> element_factor(const Im2colElements& elements, const DimTile& pixels,
                                           const DimTile& words);
// In the buffer: the box of stored words, over the axes that P and C move.
std::unique_ptr<TileFactor> box_factor(const Im2col&, const DimTile& pixels, const DimTile& words);
// Whether that box spans the axis; the other axes move alone.
bool in_box(const Axis&);

}  // namespace chasm
