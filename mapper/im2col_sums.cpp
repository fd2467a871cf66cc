#include "mapper/im2col_sums.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/units.h"

namespace chasm {
namespace {

// Positions of one dimension that moves end at: single ones, or all from one on.
struct Places {
  std::uint64_t first = 0, step = 1, end = 0;
  bool contiguous() const { return step == 1; }
  std::uint64_t count() const { return end > first ? ceil_div(end - first, step) : 0; }
  bool contains(std::uint64_t position) const {
    return position >= first && position < end && (position - first) % step == 0;
  }
};

Places places_of(const DimMove& move, std::uint64_t positions) {
  return {move.advance ? move.block : 0, move.block, positions};
}
// Where a move ends where it began.
Places stays_of(const DimMove& move, std::uint64_t positions) {
  if (move.advance) return {};
  if (move.block == 1) return {0, 1, positions};
  if ((positions - 1) % move.block != 0) return {};
  return {positions - 1, 1, positions};
}

// Tiles of elements are equal or disjoint, and neighbours add up to one: only blocks that a move
// leaves out are counted one by one.
class ElementFactor final : public TileFactor {
 public:
  ElementFactor(const Im2colElements& elements, const DimTile& pixels, const DimTile& words)
      : TileFactor(pixels, words), elements_(elements) {
    find_padding();
  }

 private:
  MoveSums at(const Move& pixels, const Move& words) override {
    const Places first{pixels.to, 1, pixels.to + 1}, second{words.to, 1, words.to + 1};
    const Counts all = count(first, second);
    const Counts kept = pixels.stays() && words.stays() ? all : Counts{};
    return {all.elements, kept.elements, all.elements, kept.elements, all.tiles, kept.tiles};
  }

  MoveSums add_up(const DimMove& first, const DimMove& second) override {
    const std::uint64_t m = dim(0).positions(), n = dim(1).positions();
    const Counts all = count(places_of(first, m), places_of(second, n));
    const Counts kept = count(stays_of(first, m), stays_of(second, n));
    return {all.elements, kept.elements, all.elements, kept.elements, all.tiles, kept.tiles};
  }

  struct Counts {
    std::uint64_t elements = 0, tiles = 0;  // tiles with any element
  };
  Counts count(const Places& pixels, const Places& words) const {
    Counts counts;
    for_each_block(pixels, 0, [&](std::uint64_t pixel, std::uint64_t more) {
      for_each_block(words, 1, [&](std::uint64_t word, std::uint64_t length) {
        counts.elements += elements_.count(pixel, more, word, length);
      });
    });
    counts.tiles = pixels.count() * words.count();
    for (const Padding& p : padding_)
      if (pixels.contains(p.pixels) && words.contains(p.words)) --counts.tiles;
    return counts;
  }

  template <class Visit>
  void for_each_block(const Places& places, std::size_t i, Visit visit) const {
    const std::uint64_t tile = dim(i).tile(), bound = dim(i).bound;
    if (places.count() == 0) return;
    if (places.contiguous()) {
      const std::uint64_t first = places.first * tile;
      return visit(first, std::min(places.end * tile, bound) - first);
    }
    for (std::uint64_t at = places.first; at < places.end; at += places.step)
      visit(at * tile, dim(i).length(at));
  }

  // Tiles that are padding as a whole. Those with a word of every place in the kernel are not,
  // where every pixel has an element at all.
  void find_padding() {
    const DimArray<std::uint64_t>& unflat = elements_.im2col().unflat;
    const std::uint64_t plane = unflat[Dim::R] * unflat[Dim::S];
    for (std::uint64_t w = 0; w < dim(1).positions(); ++w) {
      if (elements_.everywhere() && dim(1).length(w) >= plane) continue;
      for (std::uint64_t p = 0; p < dim(0).positions(); ++p)
        if (elements_.count(p * dim(0).tile(), dim(0).length(p), w * dim(1).tile(),
                            dim(1).length(w)) == 0)
          padding_.push_back({p, w});
    }
  }

  struct Padding {
    std::uint64_t pixels, words;  // positions
  };
  const Im2colElements& elements_;
  std::vector<Padding> padding_;
};

class BoxFactor final : public TileFactor {
 public:
  BoxFactor(const Im2col& im2col, const DimTile& pixels, const DimTile& words)
      : TileFactor(pixels, words), im2col_(im2col) {}

  MoveSums move(std::uint64_t from, std::uint64_t to, std::uint64_t words) {
    return at({from, to}, {words, words});
  }

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

  MoveSums at(const Move& pixels, const Move& words) override {
    const Box now = box(pixels.to, words.to), before = box(pixels.from, words.from);
    std::uint64_t total = 1, kept = 1;
    for (const Axis& axis : im2col_.stored) {
      if (!in_box(axis)) continue;
      const Interval here = hull(axis, now), there = hull(axis, before);
      if (here.gapless && there.gapless) {
        total *= here.length();
        kept *= Interval{std::max(here.begin, there.begin), std::min(here.end, there.end)}.length();
      } else {
        const Coordinates some = touched(axis, now), others = touched(axis, before);
        total *= some.size();
        kept *= common(some, others);
      }
    }
    return {total, kept, total, kept, total > 0 ? 1U : 0U, total > 0 && kept == total ? 1U : 0U};
  }

  struct Interval {  // of stored coordinates
    std::int64_t begin = 0, end = 0;
    bool gapless = true;
    std::uint64_t length() const {
      return end > begin ? static_cast<std::uint64_t>(end - begin) : 0;
    }
  };
  // From the first to the last stored coordinate of a box on an axis, and whether all between are
  // in it: every dimension in ascending order of coefficients reaches at least its own step.
  static Interval hull(const Axis& axis, const Box& box) {
    std::array<std::pair<std::int64_t, std::int64_t>, 2> terms{};  // coefficient, steps
    std::size_t count = 0;
    Interval all{axis.offset, axis.offset + 1, true};
    for (const Axis::Term& term : axis.terms) {
      const auto first = static_cast<std::int64_t>(box.offsets[term.dim]);
      const auto steps = static_cast<std::int64_t>(box.lengths[term.dim]) - 1;
      all.begin += term.coefficient * first;
      all.end += term.coefficient * (first + steps);
      if (steps > 0) terms[count++] = {term.coefficient, steps};
    }
    if (count == 2 && terms[0].first > terms[1].first) std::swap(terms[0], terms[1]);
    std::int64_t reached = 1;  // coordinates side by side
    for (std::size_t t = 0; t < count; ++t) {
      all.gapless = all.gapless && terms[t].first <= reached;
      reached += terms[t].first * terms[t].second;
    }
    all.begin = std::max<std::int64_t>(all.begin, 0);
    all.end = std::min(all.end, axis.extent);
    return all;
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

bool Im2colElements::meets_everywhere(const Direction& direction) {
  for (std::uint64_t p = 0; p < direction.positions; ++p)
    if (direction.at(p + 1, direction.kernel) == direction.at(p, direction.kernel)) return false;
  return true;
}

Im2colElements::Im2colElements(const Im2col& im2col)
    : im2col_(im2col),
      rows_(direction(im2col, Dim::P, Dim::R)),
      columns_(direction(im2col, Dim::Q, Dim::S)),
      everywhere_(meets_everywhere(rows_) && meets_everywhere(columns_)) {}

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

BoxWords sampled_box_words(const Im2col& im2col, const DimTile& pixels, const DimTile& words) {
  constexpr std::uint64_t kPlaces = 5;
  BoxFactor box(im2col, pixels, words);
  const std::uint64_t m = std::min(pixels.positions(), kPlaces);
  const std::uint64_t n = std::min(words.positions(), kPlaces);
  MoveSums whole, next;
  for (std::uint64_t i = 0; i < m; ++i)
    for (std::uint64_t j = 0; j < n; ++j) {
      const std::uint64_t p = pixels.positions() * i / m, w = words.positions() * j / n;
      whole += box.move(p, p, w);
      if (p > 0) next += box.move(p - 1, p, w);
    }
  BoxWords result;
  result.whole = static_cast<double>(whole.words) / static_cast<double>(m * n);
  if (m > 1)
    result.next = static_cast<double>(next.words - next.kept) / static_cast<double>((m - 1) * n);
  return result;
}

}  // namespace chasm
