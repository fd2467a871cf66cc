#include "mapper/im2col_sums.h"

#include <algorithm>

#include "base/units.h"

namespace chasm {
namespace {

class ElementFactor final : public TileFactor {
 public:
  ElementFactor(const Im2colElements& elements, const DimTile& pixels, const DimTile& words)
      : TileFactor(pixels, words), elements_(elements) {}

 private:
  // Tiles of elements are equal or disjoint.
  MoveSums at(const Move& pixels, const Move& words) override {
    const std::uint64_t count = elements_.count(pixels.to * dim(0).tile(), dim(0).length(pixels.to),
                                                words.to * dim(1).tile(), dim(1).length(words.to));
    const std::uint64_t kept = pixels.stays() && words.stays() ? count : 0;
    return {count, kept, count, kept, count > 0 ? 1U : 0U, kept > 0 ? 1U : 0U};
  }

  const Im2colElements& elements_;
};

class BoxFactor final : public TileFactor {
 public:
  BoxFactor(const Im2col& im2col, const DimTile& pixels, const DimTile& words)
      : TileFactor(pixels, words), im2col_(im2col) {}

 private:
  struct Box {
    DimArray<std::uint64_t> offsets{}, lengths = ones();
  };
  Box box(std::uint64_t pixels, std::uint64_t words) const {
    Box box;
    box.offsets[Dim::P] = pixels * dim(0).tile();
    box.lengths[Dim::P] = dim(0).length(pixels);
    box.offsets[Dim::C] = words * dim(1).tile();
    box.lengths[Dim::C] = dim(1).length(words);
    im2col_.unflatten(box.offsets, box.lengths);
    return box;
  }

  // A buffer tile is one tile on one axis: the moves of a factor whose block is the whole range.
  MoveSums at(const Move& pixels, const Move& words) override {
    const Box now = box(pixels.to, words.to), before = box(pixels.from, words.from);
    std::uint64_t total = 1, kept = 1;
    for (const Axis& axis : im2col_.stored) {
      if (!in_box(axis)) continue;
      const Coordinates here = touched(axis, now), there = touched(axis, before);
      total *= here.size();
      kept *= common(here, there);
    }
    return {total, kept, total, kept, total > 0 ? 1U : 0U, total > 0 && kept == total ? 1U : 0U};
  }

  using Coordinates = std::vector<std::int64_t>;  // ascending
  static Coordinates touched(const Axis& axis, const Box& box) {
    Coordinates coordinates{axis.offset};
    for (const Axis::Term& term : axis.terms) {
      Coordinates next;
      for (const std::int64_t base : coordinates)
        for (std::uint64_t i = 0; i < box.lengths[term.dim]; ++i)
          next.push_back(base +
                         term.coefficient * static_cast<std::int64_t>(box.offsets[term.dim] + i));
      std::sort(next.begin(), next.end());
      next.erase(std::unique(next.begin(), next.end()), next.end());
      coordinates = std::move(next);
    }
    std::erase_if(coordinates, [&](std::int64_t c) { return c < 0 || c >= axis.extent; });
    return coordinates;
  }
  static std::uint64_t common(const Coordinates& a, const Coordinates& b) {
    std::uint64_t count = 0;
    auto at = b.begin();
    for (const std::int64_t c : a) {
      while (at != b.end() && *at < c) ++at;
      count += at != b.end() && *at == c ? 1 : 0;
    }
    return count;
  }

  const Im2col im2col_;
};

}  // namespace

bool in_box(const Axis& axis) {
  return std::none_of(axis.terms.begin(), axis.terms.end(), [](const Axis::Term& term) {
    return term.dim == Dim::N || term.dim == Dim::G;
  });
}

Im2colElements::Direction Im2colElements::direction(const Im2col& im2col, Dim position,
                                                    Dim kernel) {
  Direction result;
  result.positions = im2col.unflat[position];
  result.kernel = im2col.unflat[kernel];
  std::int64_t offset = 0, extent = 1, stride = 0, dilation = 0;
  for (const Axis& axis : im2col.stored)
    for (const Axis::Term& term : axis.terms) {
      if (term.dim != position && term.dim != kernel) continue;
      offset = axis.offset, extent = axis.extent;
      (term.dim == position ? stride : dilation) = term.coefficient;
    }
  const std::uint64_t width = result.kernel + 1;
  result.below.assign((result.positions + 1) * width, 0);
  for (std::uint64_t p = 0; p < result.positions; ++p)
    for (std::uint64_t k = 0; k < result.kernel; ++k) {
      const std::int64_t c =
          offset + static_cast<std::int64_t>(p) * stride + static_cast<std::int64_t>(k) * dilation;
      std::uint64_t* const row = &result.below[p * width + k];
      row[width + 1] = row[width] + row[1] - row[0] + (c >= 0 && c < extent ? 1 : 0);
    }
  return result;
}

Im2colElements::Im2colElements(const Im2col& im2col)
    : rows_(direction(im2col, Dim::P, Dim::R)), columns_(direction(im2col, Dim::Q, Dim::S)) {}

// Whole rows of pixels and the begun one, times whole channels, whole kernel rows and the begun
// one.
std::uint64_t Im2colElements::below(std::uint64_t pixels, std::uint64_t words) const {
  const std::uint64_t p = pixels / columns_.positions, q = pixels % columns_.positions;
  const std::uint64_t plane = rows_.kernel * columns_.kernel;
  const std::uint64_t c = words / plane, r = words % plane / columns_.kernel,
                      s = words % columns_.kernel;
  const auto sum = [&](std::uint64_t first, std::uint64_t end, std::uint64_t kernel_columns) {
    const auto rows = [&](std::uint64_t position) {
      return rows_.at(position, end) - rows_.at(position, first);
    };
    const std::uint64_t whole = rows(p) * columns_.at(columns_.positions, kernel_columns);
    if (q == 0) return whole;
    return whole + (rows(p + 1) - rows(p)) * columns_.at(q, kernel_columns);
  };
  std::uint64_t count = c * sum(0, rows_.kernel, columns_.kernel) + sum(0, r, columns_.kernel);
  if (s > 0) count += sum(r, r + 1, s);
  return count;
}

std::uint64_t Im2colElements::count(std::uint64_t pixel, std::uint64_t pixels, std::uint64_t word,
                                    std::uint64_t words) const {
  const std::uint64_t end = pixel + pixels, last = word + words;
  return minus(below(end, last) + below(pixel, word), below(pixel, last) + below(end, word));
}

std::unique_ptr<TileFactor> element_factor(const Im2colElements& elements, const DimTile& pixels,
                                           const DimTile& words) {
  return std::make_unique<ElementFactor>(elements, pixels, words);
}

std::unique_ptr<TileFactor> box_factor(const Im2col& im2col, const DimTile& pixels,
                                       const DimTile& words) {
  return std::make_unique<BoxFactor>(im2col, pixels, words);
}

}  // namespace chasm
