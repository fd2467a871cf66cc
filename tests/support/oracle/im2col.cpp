#include "tests/support/oracle/im2col.h"

#include <algorithm>

namespace chasm::oracle {
namespace {

// The word at the coordinates of an iteration, none outside of the tensor.
std::optional<std::uint64_t> word_at(const std::vector<Axis>& axes, std::uint64_t base,
                                     const Index& index) {
  std::int64_t word = static_cast<std::int64_t>(base);
  for (const Axis& axis : axes) {
    const std::int64_t coordinate = coordinate_of(axis, index);
    if (coordinate < 0 || coordinate >= axis.extent) return std::nullopt;
    word += coordinate * axis.word_stride;
  }
  return static_cast<std::uint64_t>(word);
}

// Pixel and kernel word, row-major, back to the indices that they number.
Index unflattened(const Im2col& im2col, const Index& index) {
  Index result = index;
  result[Dim::P] = index[Dim::P] / im2col.unflat[Dim::Q];
  result[Dim::Q] = index[Dim::P] % im2col.unflat[Dim::Q];
  result[Dim::S] = index[Dim::C] % im2col.unflat[Dim::S];
  result[Dim::R] = index[Dim::C] / im2col.unflat[Dim::S] % im2col.unflat[Dim::R];
  result[Dim::C] = index[Dim::C] / im2col.unflat[Dim::S] / im2col.unflat[Dim::R];
  return result;
}

// Row-major over the coordinates, so that no two elements share a number.
std::uint64_t element_number(const std::vector<Axis>& axes, const Index& index) {
  std::int64_t number = 0;
  for (const Axis& axis : axes) number = number * axis.extent + coordinate_of(axis, index);
  return static_cast<std::uint64_t>(number);
}

}  // namespace

std::optional<std::uint64_t> array_word(const TensorAccess& access, const Index& index) {
  if (!access.im2col) return word_at(access.axes, access.base_word, index);
  const Index before = unflattened(*access.im2col, index);
  if (!word_at(access.im2col->stored, access.base_word, before)) return std::nullopt;
  return element_number(access.axes, index);
}

TensorAccess stored_access(const TensorAccess& access) {
  TensorAccess stored = access;
  if (access.im2col) stored.axes = access.im2col->stored;
  stored.im2col.reset();
  return stored;
}

Block stored_box(const Im2col& im2col, const Block& block) {
  Block iterations_of_input = block;
  iterations_of_input[Dim::K] = {0, 1};
  Index index = first_of(iterations_of_input);
  Block box;
  for (const Dim d : kAllDims) {
    const std::uint64_t first = unflattened(im2col, index)[d];
    box[d] = {first, first + 1};
  }
  do {
    const Index before = unflattened(im2col, index);
    for (const Dim d : kAllDims) {
      box[d].begin = std::min(box[d].begin, before[d]);
      box[d].end = std::max(box[d].end, before[d] + 1);
    }
  } while (next_in(iterations_of_input, index));
  return box;
}

}  // namespace chasm::oracle
