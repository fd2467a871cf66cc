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
  const Im2col& im2col() const { return im2col_; }
  // Whether every pixel has some.
  bool everywhere() const { return everywhere_; }
  // The share of all elements that are not padding.
  double density() const {
    return static_cast<double>(below(pixels(), words())) / static_cast<double>(pixels() * words());
  }
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
  };
  static Direction direction(const Im2col&, Dim position, Dim kernel);
  static bool meets_everywhere(const Direction&);
  std::uint64_t below(std::uint64_t pixels, std::uint64_t words) const;
  std::uint64_t pixels() const { return im2col_.unflat[Dim::P] * im2col_.unflat[Dim::Q]; }
  std::uint64_t words() const {
    return im2col_.unflat[Dim::C] * im2col_.unflat[Dim::R] * im2col_.unflat[Dim::S];
  }

  Im2col im2col_;
  Direction rows_, columns_;
  bool everywhere_;
};

// In the array: elements. `elements` must outlive the factor.
std::unique_ptr<TileFactor> element_factor(const Im2colElements& elements, const DimTile& pixels,
                                           const DimTile& words);
// In the buffer: the box of stored words, over the axes that P and C move.
std::unique_ptr<TileFactor> box_factor(const Im2col&, const DimTile& pixels, const DimTile& words);
// Stored words of such a box, and those that are new when the pixels go on to the next position, on
// average over some places, evenly spread.
struct BoxWords {
  double whole = 0, next = 0;
};
BoxWords sampled_box_words(const Im2col&, const DimTile& pixels, const DimTile& words);
// Whether that box spans the axis; the other axes move alone.
bool in_box(const Axis&);

}  // namespace chasm
