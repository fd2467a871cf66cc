// Moves along one axis of a tensor: blocks that follow each other, or windows that slide.
#include <algorithm>
#include <vector>

#include "base/units.h"
#include "mapper/move_sums.h"

namespace chasm {
namespace {

std::int64_t to_signed(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t to_count(std::int64_t value) { return static_cast<std::uint64_t>(value); }

// One dimension moves the axis: tiles are equal or disjoint, those of the PEs too.
class BlockFactor final : public TileFactor {
 public:
  BlockFactor(const AxisTerms& axis, const DimTile& tile) : TileFactor(tile, {}) {
    const std::int64_t step = std::max<std::int64_t>(axis.first, 1);
    const std::int64_t bound = to_signed(tile.bound);
    // Indices of stored coordinates.
    const std::int64_t first = axis.offset < 0 ? (step - 1 - axis.offset) / step : 0;
    const std::int64_t room = axis.extent - axis.offset;
    const std::int64_t end = room <= 0 ? 0 : (room - 1) / step + 1;
    first_ = to_count(std::min(first, bound));
    end_ = to_count(std::clamp(end, to_signed(first_), bound));
  }

 private:
  std::uint64_t stored(std::uint64_t position) const {
    const std::uint64_t begin = position * dim(0).tile(), end = begin + dim(0).length(position);
    const std::uint64_t low = std::max(begin, first_), high = std::min(end, end_);
    return high > low ? high - low : 0;
  }

  MoveSums at(const Move& move, const Move&) override {
    const std::uint64_t words = stored(move.to), kept = move.stays() ? words : 0;
    return {words, kept, words, kept, words > 0 ? 1U : 0U, kept > 0 ? 1U : 0U};
  }

  Positions touching(std::size_t i) const override {
    if (i == 1) return TileFactor::touching(i);
    return {first_ / dim(0).tile(), ceil_div(end_, dim(0).tile())};
  }

  // Without padding only the last position is shorter.
  bool closed_form(const DimMove& move, MoveSums& sums) const override {
    if (first_ > 0 || end_ < dim(0).bound) return false;
    const std::uint64_t positions = dim(0).positions(), tile = dim(0).tile();
    const std::uint64_t last = dim(0).length(positions - 1);
    const bool at_last = (positions - 1) % move.block == 0;
    const std::uint64_t moves = minus(ceil_div(positions, move.block), move.advance ? 1 : 0);
    sums = {};
    sums.filled = moves;
    sums.words = sums.pe_words = moves * tile - (at_last && moves > 0 ? tile - last : 0);
    if (move.advance) return true;
    if (move.block == 1) {
      sums.kept = sums.pe_kept = sums.words;
      sums.still = moves;
    } else if (at_last) {  // a last block of one position starts again where it is
      sums.kept = sums.pe_kept = last;
      sums.still = 1;
    }
    return true;
  }

  std::uint64_t first_ = 0, end_ = 0;
};

struct Interval {
  std::int64_t begin = 0, end = 0;
  std::uint64_t length() const { return end > begin ? to_count(end - begin) : 0; }
};

std::uint64_t union_length(std::vector<Interval>& intervals) {
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
  std::uint64_t length = 0;
  std::int64_t reached = 0;
  for (const Interval& i : intervals) {
    const std::int64_t begin = std::max(i.begin, reached);
    if (i.end > begin) length += to_count(i.end - begin), reached = i.end;
  }
  return length;
}

// Two dimensions move the axis: windows of neighbouring steps and PEs overlap.
class WindowFactor final : public TileFactor {
 public:
  WindowFactor(const AxisTerms& axis, const DimTile& first, const DimTile& second)
      : TileFactor(first, second), axis_(axis) {}

 private:
  struct Block {  // indices of one dimension in one PE
    std::uint64_t begin = 0, length = 0;
  };
  Block block(std::size_t i, std::uint64_t position, std::uint64_t pe) const {
    const DimTile& d = dim(i);
    const std::uint64_t begin = position * d.tile() + pe * d.rf;
    return {begin, begin < d.bound ? std::min(d.rf, d.bound - begin) : 0};
  }

  // Indices of a dimension that reach a stored coordinate with some index of the other one.
  struct Indices {
    std::uint64_t begin, end;
  };
  Indices reaching(std::size_t i, const Block& of, const Block& other) const {
    const std::int64_t step = i == 0 ? axis_.first : axis_.second;
    const std::int64_t other_step = i == 0 ? axis_.second : axis_.first;
    const std::uint64_t end = of.begin + of.length;
    if (step <= 0 || other_step <= 0 || of.length == 0 || other.length == 0) return {of.begin, end};
    // Of the coordinates without this dimension's part.
    const std::int64_t least = axis_.offset + other_step * to_signed(other.begin);
    const std::int64_t most = least + other_step * to_signed(other.length - 1);
    const std::uint64_t first = most < 0 ? ceil_div(to_count(-most), to_count(step)) : 0;
    const std::int64_t room = axis_.extent - least;
    const std::uint64_t behind = room <= 0 ? 0 : ceil_div(to_count(room), to_count(step));
    return {std::clamp(first, of.begin, end), std::clamp(behind, of.begin, end)};
  }
  Positions touching(std::size_t i) const override {
    const auto whole = [&](std::size_t d) { return Block{0, dim(d).bound}; };
    const Indices indices = reaching(i, whole(i), whole(1 - i));
    return {indices.begin / dim(i).tile(), ceil_div(indices.end, dim(i).tile())};
  }

  std::int64_t coordinate(std::uint64_t first, std::uint64_t second) const {
    return axis_.offset + axis_.first * to_signed(first) + axis_.second * to_signed(second);
  }
  Interval hull(const Block& first, const Block& second) const {
    if (first.length == 0 || second.length == 0) return {};
    return {coordinate(first.begin, second.begin),
            coordinate(first.begin + first.length - 1, second.begin + second.length - 1) + 1};
  }
  Interval stored(const Interval& all) const {
    const Interval inside{std::max<std::int64_t>(all.begin, 0), std::min(all.end, axis_.extent)};
    return inside.end > inside.begin ? inside : Interval{};
  }
  // Whether blocks of these lengths touch every coordinate of their hull.
  bool gapless(std::uint64_t m, std::uint64_t n) const {
    if (m <= 1 || n <= 1) return (m <= 1 || axis_.first == 1) && (n <= 1 || axis_.second == 1);
    return (axis_.second == 1 && to_signed(n) >= axis_.first) ||
           (axis_.first == 1 && to_signed(m) >= axis_.second);
  }

  // Tiles that neither a bound nor the edge of the tensor clips move alike everywhere.
  bool is_interior(const Move& first, const Move& second) const {
    const auto whole = [&](std::size_t i, const Move& move) {
      return (std::max(move.from, move.to) + 1) * dim(i).tile() <= dim(i).bound;
    };
    if (!whole(0, first) || !whole(1, second)) return false;
    const std::uint64_t low[2] = {std::min(first.from, first.to) * dim(0).tile(),
                                  std::min(second.from, second.to) * dim(1).tile()};
    const std::uint64_t high[2] = {(std::max(first.from, first.to) + 1) * dim(0).tile() - 1,
                                   (std::max(second.from, second.to) + 1) * dim(1).tile() - 1};
    return coordinate(low[0], low[1]) >= 0 && coordinate(high[0], high[1]) < axis_.extent;
  }

  MoveSums at(const Move& first, const Move& second) override {
    if (!is_interior(first, second)) return change(first, second);
    const Shift shift{to_signed(first.to) - to_signed(first.from),
                      to_signed(second.to) - to_signed(second.from),
                      {}};
    for (const Shift& known : interior_)
      if (known.first == shift.first && known.second == shift.second) return known.sums;
    interior_.push_back(shift);
    interior_.back().sums = change(first, second);
    return interior_.back().sums;
  }

  MoveSums change(const Move& first, const Move& second) {
    MoveSums sums;
    if (!change_of_intervals(first, second, sums)) sums = change_of_sets(first, second);
    sums.filled = sums.words > 0 ? 1 : 0;
    sums.still = sums.words > 0 && sums.words == sums.kept ? 1 : 0;
    return sums;
  }

  bool change_of_intervals(const Move& first, const Move& second, MoveSums& sums) {
    all_.clear();
    gained_.clear();
    for (std::uint64_t j = 0; j < dim(0).spatial; ++j) {
      const Block first_now = block(0, first.to, j), first_before = block(0, first.from, j);
      for (std::uint64_t k = 0; k < dim(1).spatial; ++k) {
        const Block second_now = block(1, second.to, k), second_before = block(1, second.from, k);
        if (!gapless(first_now.length, second_now.length) ||
            !gapless(first_before.length, second_before.length))
          return false;
        const Interval now = stored(hull(first_now, second_now));
        if (now.length() == 0) continue;
        const Interval before = stored(hull(first_before, second_before));
        const Interval kept{std::max(now.begin, before.begin), std::min(now.end, before.end)};
        all_.push_back(now);
        sums.pe_words += now.length();
        sums.pe_kept += kept.length();
        if (kept.length() == 0) {
          gained_.push_back(now);
        } else {
          gained_.push_back({now.begin, kept.begin});
          gained_.push_back({kept.end, now.end});
        }
      }
    }
    sums.words = union_length(all_);
    sums.kept = minus(sums.words, union_length(gained_));
    return true;
  }

  using Coordinates = std::vector<std::int64_t>;  // ascending
  void touch(const Block& first, const Block& second, Coordinates& coordinates) const {
    coordinates.clear();
    const Indices of_first = reaching(0, first, second), of_second = reaching(1, second, first);
    for (std::uint64_t i = of_first.begin; i < of_first.end; ++i)
      for (std::uint64_t j = of_second.begin; j < of_second.end; ++j) {
        const std::int64_t c = coordinate(i, j);
        if (c >= 0 && c < axis_.extent) coordinates.push_back(c);
      }
    make_set(coordinates);
  }
  static void make_set(Coordinates& coordinates) {
    std::sort(coordinates.begin(), coordinates.end());
    coordinates.erase(std::unique(coordinates.begin(), coordinates.end()), coordinates.end());
  }

  MoveSums change_of_sets(const Move& first, const Move& second) const {
    MoveSums sums;
    Coordinates now, before, all, gained;
    for (std::uint64_t j = 0; j < dim(0).spatial; ++j)
      for (std::uint64_t k = 0; k < dim(1).spatial; ++k) {
        touch(block(0, first.to, j), block(1, second.to, k), now);
        touch(block(0, first.from, j), block(1, second.from, k), before);
        sums.pe_words += now.size();
        all.insert(all.end(), now.begin(), now.end());
        for (const std::int64_t c : now) {
          if (std::binary_search(before.begin(), before.end(), c))
            ++sums.pe_kept;
          else
            gained.push_back(c);
        }
      }
    make_set(all);
    make_set(gained);
    sums.words = all.size();
    sums.kept = minus(all.size(), gained.size());
    return sums;
  }

  struct Shift {
    std::int64_t first, second;  // positions
    MoveSums sums;
  };
  AxisTerms axis_;
  std::vector<Shift> interior_;
  std::vector<Interval> all_, gained_;
};

}  // namespace

std::unique_ptr<TileFactor> axis_factor(const AxisTerms& axis, const DimTile& first,
                                        const DimTile& second) {
  if (axis.second == 0) return std::make_unique<BlockFactor>(axis, first);
  return std::make_unique<WindowFactor>(axis, first, second);
}

}  // namespace chasm
