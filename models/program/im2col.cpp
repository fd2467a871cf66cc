// What an image-to-column unit does to index ranges and counts (docs/microarchitecture.md, section
// 8).
#include <algorithm>

#include "base/units.h"
#include "models/program/program.h"

namespace chasm {
namespace {

struct Range {
  std::uint64_t first, last;  // inclusive
  std::uint64_t length() const { return last - first + 1; }
};

// The outer and inner indices of numbers outer * inner_bound + inner in a range: whole inner ranges
// where the outer index changes.
struct Split {
  Range outer, inner;
};
Split split(const Range& numbers, std::uint64_t inner_bound) {
  const Range outer{numbers.first / inner_bound, numbers.last / inner_bound};
  if (outer.first != outer.last) return {outer, {0, inner_bound - 1}};
  return {outer, {numbers.first % inner_bound, numbers.last % inner_bound}};
}

// The most outer, and for as many outer the most inner, indices that a block of `length` numbers
// spans over its positions. Positions repeat after `inner_bound` blocks at the latest.
struct Span {
  std::uint64_t outer = 0, inner = 0;
};
Span largest_span(std::uint64_t length, std::uint64_t outer_bound, std::uint64_t inner_bound) {
  const std::uint64_t bound = outer_bound * inner_bound;
  const std::uint64_t blocks = ceil_div(bound, length);
  Span largest;
  for (std::uint64_t i = 0; i < std::min(blocks, inner_bound); ++i) {
    const Split s = split({i * length, std::min(bound, (i + 1) * length) - 1}, inner_bound);
    const Span span{s.outer.length(), s.inner.length()};
    if (span.outer > largest.outer || (span.outer == largest.outer && span.inner > largest.inner))
      largest = span;
  }
  return largest;
}

// Image coordinates offset + position * stride + kernel * dilation.
struct Window {
  std::int64_t offset = 0, extent = 1, stride = 0, dilation = 0;
};
Window window_of(const std::vector<Axis>& axes, Dim position, Dim kernel) {
  for (const Axis& axis : axes) {
    Window window{axis.offset, axis.extent, 0, 0};
    bool found = false;
    for (const Axis::Term& term : axis.terms) {
      if (term.dim == position) window.stride = term.coefficient;
      if (term.dim == kernel) window.dilation = term.coefficient;
      found = found || term.dim == position || term.dim == kernel;
    }
    if (found) return window;
  }
  return {};
}

// Kernel indices [first, end) of `bound` that meet the image at a position.
struct Valid {
  std::uint64_t first = 0, end = 0;
  std::uint64_t below(std::uint64_t index) const { return std::clamp(index, first, end) - first; }
  bool contains(std::uint64_t index) const { return index >= first && index < end; }
};
Valid valid_at(const Window& window, std::uint64_t position, std::uint64_t bound) {
  const std::int64_t base = window.offset + static_cast<std::int64_t>(position) * window.stride;
  const auto inside = [&](std::uint64_t k) {
    const std::int64_t c = base + static_cast<std::int64_t>(k) * window.dilation;
    return c >= 0 && c < window.extent;
  };
  Valid valid;
  while (valid.first < bound && !inside(valid.first)) ++valid.first;
  valid.end = valid.first;
  while (valid.end < bound && inside(valid.end)) ++valid.end;
  return valid;
}

}  // namespace

void Im2col::unflatten(DimArray<std::uint64_t>& offsets, DimArray<std::uint64_t>& lengths) const {
  const auto range = [&](Dim d) { return Range{offsets[d], offsets[d] + lengths[d] - 1}; };
  const auto set = [&](Dim d, const Range& r) {
    offsets[d] = r.first;
    lengths[d] = r.length();
  };
  const Split pixels = split(range(Dim::P), unflat[Dim::Q]);
  const Split words = split(range(Dim::C), unflat[Dim::R] * unflat[Dim::S]);
  const Split kernel = split(words.inner, unflat[Dim::S]);
  set(Dim::P, pixels.outer);
  set(Dim::Q, pixels.inner);
  set(Dim::C, words.outer);
  set(Dim::R, kernel.outer);
  set(Dim::S, kernel.inner);
}

std::uint64_t Im2col::stored_elements(std::uint64_t pixel, std::uint64_t pixels, std::uint64_t word,
                                      std::uint64_t words) const {
  const Window rows = window_of(stored, Dim::P, Dim::R),
               columns = window_of(stored, Dim::Q, Dim::S);
  const std::uint64_t kernel_rows = unflat[Dim::R], kernel_columns = unflat[Dim::S];
  std::uint64_t count = 0;
  for (std::uint64_t m = pixel; m < pixel + pixels; ++m) {
    const Valid r = valid_at(rows, m / unflat[Dim::Q], kernel_rows);
    const Valid s = valid_at(columns, m % unflat[Dim::Q], kernel_columns);
    const std::uint64_t across = s.end - s.first;
    const auto before = [&](std::uint64_t k) {  // those of the first k words of a filter
      const std::uint64_t in_plane = k % (kernel_rows * kernel_columns);
      const std::uint64_t row = in_plane / kernel_columns;
      return k / (kernel_rows * kernel_columns) * (r.end - r.first) * across +
             r.below(row) * across + (r.contains(row) ? s.below(in_plane % kernel_columns) : 0);
    };
    count += before(word + words) - before(word);
  }
  return count;
}

std::uint64_t Im2col::largest_box(const DimArray<std::uint64_t>& tile) const {
  const std::uint64_t plane = unflat[Dim::R] * unflat[Dim::S];
  const Span pixels = largest_span(tile[Dim::P], unflat[Dim::P], unflat[Dim::Q]);
  const Span words = largest_span(tile[Dim::C], unflat[Dim::C], plane);
  // A block inside one channel spans kernel rows as its positions in the plane have it.
  const Span kernel =
      words.outer > 1 ? Span{unflat[Dim::R], unflat[Dim::S]}
                      : largest_span(tile[Dim::C], unflat[Dim::C] * unflat[Dim::R], unflat[Dim::S]);
  DimArray<std::uint64_t> box = tile;
  box[Dim::P] = pixels.outer;
  box[Dim::Q] = pixels.inner;
  box[Dim::C] = words.outer;
  box[Dim::R] = kernel.outer;
  box[Dim::S] = kernel.inner;
  std::uint64_t count = 1;
  for (const Axis& axis : stored) count *= distinct_coordinates(axis, box);
  return count;
}

}  // namespace chasm
