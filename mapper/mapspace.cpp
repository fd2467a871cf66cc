#include "mapper/mapspace.h"

#include <algorithm>

#include "base/check.h"

namespace chasm {
namespace {

// More would make a space no richer in good mappings, and slow to build.
constexpr std::size_t kMostSplits = 16384;

constexpr Rank factorial(std::uint64_t n) { return n <= 1 ? 1 : factorial(n - 1) * n; }

// Trips of a dimension at a level.
struct DramTrips {
  const MapSpace& space;
  const MapSpace::Point& point;
  std::uint64_t operator()(Dim d) const { return space.splits(d)[point.split[d]].dram; }
};
struct BufferTrips {
  const MapSpace& space;
  const MapSpace::Point& point;
  std::uint64_t operator()(Dim d) const { return space.splits(d)[point.split[d]].buffer; }
};

}  // namespace

MapSpace::Orders::Orders(const SpaceRules::Order& rules) {
  if (rules.loops) {
    fixed = true;
    loops = *rules.loops;
    count = {1};
    return;
  }
  band = rules.band;
  std::array<std::uint32_t, kDims> size{};
  for (const Dim d : kAllDims) {
    ++size[band[d]];
    bands = std::max<std::uint8_t>(bands, static_cast<std::uint8_t>(band[d] + 1));
  }
  count = {1};
  for (std::uint8_t b = 0; b < bands; ++b) {
    if (size[b] < 2) continue;  // one loop has one order
    for (const Dim d : kAllDims)
      if (band[d] == b) weight[d] = states;
    std::vector<Rank> wider;
    for (std::uint32_t n = 0; n <= size[b]; ++n)
      for (const Rank orders : count) wider.push_back(orders * factorial(n));
    count = std::move(wider);
    states *= size[b] + 1;
  }
}

// Loops of a band that are still to be placed are numbered in the order of dimensions; the
// outermost place of the first band is the most significant digit.
template <class Trips>
Rank MapSpace::Orders::rank(const std::array<Dim, kDims>& order, const Trips& trips) const {
  if (fixed) return 0;
  Rank result = 0;
  for (std::uint8_t b = 0; b < bands; ++b) {
    for (std::size_t i = 0; i < kDims; ++i) {
      if (band[order[i]] != b || trips(order[i]) <= 1) continue;
      std::uint32_t before = 0, left = 1;
      for (std::size_t j = i + 1; j < kDims; ++j) {
        if (band[order[j]] != b || trips(order[j]) <= 1) continue;
        ++left;
        if (order[j] < order[i]) ++before;
      }
      result = result * left + before;
    }
  }
  return result;
}

template <class Trips>
std::array<Dim, kDims> MapSpace::Orders::unrank(Rank number, const Trips& trips) const {
  std::array<Dim, kDims> order{};
  std::size_t placed = 0;
  std::array<std::uint32_t, kDims> digits{};
  std::array<std::array<Dim, kDims>, kDims> members;
  std::array<std::size_t, kDims> sizes{};
  if (!fixed)
    for (const Dim d : kAllDims)
      if (trips(d) > 1) members[band[d]][sizes[band[d]]++] = d;
  // Digits from the least significant one: the innermost place of the last band.
  for (std::size_t b = kDims; b-- > 0;) {
    for (std::uint32_t left = 1; left <= sizes[b]; ++left) {
      digits[left - 1] = static_cast<std::uint32_t>(number % left);
      number /= left;
    }
    std::array<Dim, kDims> ordered{};
    for (std::size_t i = 0; i < sizes[b]; ++i) {
      const std::size_t left = sizes[b] - i, at = digits[left - 1];
      ordered[i] = members[b][at];
      std::copy(members[b].begin() + at + 1, members[b].begin() + left, members[b].begin() + at);
    }
    members[b] = ordered;
  }
  for (std::size_t b = 0; b < kDims; ++b)
    for (std::size_t i = 0; i < sizes[b]; ++i) order[placed++] = members[b][i];
  for (const Dim d : kAllDims)
    if (fixed || trips(d) <= 1) order[placed++] = d;
  return order;
}

template <class Trips>
void MapSpace::Orders::add_loops(const std::array<Dim, kDims>& order, const Trips& trips,
                                 LoopNest& nest) const {
  for (const Loop& loop : loops) nest.add(loop.dim, loop.trips);
  if (fixed) return;
  for (std::uint8_t b = 0; b < bands; ++b)
    for (const Dim d : order)
      if (band[d] == b) nest.add(d, trips(d));
}

MapSpace::MapSpace(const Program& prototype, const ProgramLimits& limits,
                   const MapConstraints& constraints)
    : MapSpace(prototype, limits,
               rules_of(prototype.operation, NestLimits(prototype, limits), constraints,
                        demands_of(constraints, prototype.operation))) {
  const std::vector<Demand> demands = demands_of(constraints, operation_);
  if (demands.empty() || smallest()) return;
  std::vector<Demand> met, dropped;
  for (const Demand& demand : demands) {
    met.push_back(demand);
    const SpaceRules rules = rules_of(operation_, limits_, constraints, met);
    if (MapSpace(prototype, limits, rules).smallest()) continue;
    dropped.push_back(demand);
    met.pop_back();
  }
  *this = MapSpace(prototype, limits, rules_of(operation_, limits_, constraints, met));
  dropped_ = std::move(dropped);
}

MapSpace::MapSpace(const Program& prototype, const ProgramLimits& limits, const SpaceRules& rules)
    : operation_(prototype.operation),
      limits_(prototype, limits),
      rules_(rules),
      dram_(rules.dram),
      buffer_(rules.buffer) {
  for (std::uint32_t o = 0; o < kOperands; ++o) {
    for (const Dim d : kAllDims)
      if (operation_.access[o].depends_on(d)) changes_[d] |= 1U << o;
    if (limits_.has_tiles(o) && !rules.buffer_tiles[o]) open_tiles_ |= 1U << o;
    fixed_tiles_[o] = limits_.has_tiles(o) ? rules.buffer_tiles[o].value_or(1) : 0;
  }
  std::size_t most = kMostSplits;
  do {  // numbers have 128 bits
    for (const Dim d : kAllDims) make_splits_of(d, most);
    most /= 2;
  } while (!count());
}

std::uint64_t MapSpace::tile_bytes(const DimArray<std::uint64_t>& tile, bool accumulates) const {
  std::uint64_t bytes = 0;
  for (std::size_t o = 0; o < kOperands; ++o)
    bytes += limits_.buffer_bytes(o, tile, accumulates) * fixed_tiles_[o];
  return bytes;
}

void MapSpace::make_splits_of(Dim dim, std::size_t most) {
  // What the other dimensions need at least.
  DimArray<std::uint64_t> rf = ones(), tile = ones();
  for (const Dim d : kAllDims) {
    if (d == dim) continue;
    const std::uint64_t bound = operation_.bounds[d];
    const auto least = [&](Level level) {
      return std::min(rules_.factors[d].at(level).fixed.value_or(1), bound);
    };
    rf[d] = tile[d] = least(Level::rf);
    for (const Level level : {Level::x, Level::y, Level::buffer})
      tile[d] = std::min(tile[d] * least(level), bound);
  }
  const ProgramLimits& limits = limits_.of_chunk();
  const SplitTest fits = [&](const Split& split, Level level) {
    if (level == Level::dram) return true;
    if (level == Level::x) return split.x <= limits.cols;
    if (level == Level::y) return split.y <= limits.rows;
    rf[dim] = split.rf;
    if (level == Level::rf) return limits_.register_files_hold(rf);
    tile[dim] = split.array() * split.buffer;
    return tile_bytes(tile, false) <= limits.buffer_capacity_bytes;
  };
  std::vector<Split>& splits = splits_[dim];
  splits = make_splits(operation_.bounds[dim], rules_.factors[dim], fits, most);
  if (operation_.is_row_op() && dim == Dim::R)
    std::erase_if(splits,
                  [&](const Split& s) { return s.dram * s.buffer != operation_.bounds[dim]; });
  std::stable_sort(splits.begin(), splits.end(),
                   [](const Split& a, const Split& b) { return class_of(a) < class_of(b); });
  class_begin_[dim] = {};
  for (const Split& s : splits)
    for (std::size_t c = class_of(s); c < kClasses; ++c) ++class_begin_[dim][c + 1];
}

MapSpace::State MapSpace::step(State s, Dim d, std::size_t split_class) const {
  if (split_class & 2U) {
    s.dram += dram_.weight[d];
    s.changing |= changes_[d];
  }
  if (split_class & 1U) s.buffer += buffer_.weight[d];
  return s;
}

// Returns whether the numbers have 128 bits.
bool MapSpace::count() {
  const std::size_t states = std::size_t{dram_.states} * buffer_.states << kOperands;
  for (std::vector<Rank>& behind : behind_) behind.assign(states, 0);
  size_ = 0;
  for (const Dim d : kAllDims)
    if (splits_[d].empty()) return true;
  if (!count_behind(0, {})) return false;
  size_ = behind_[0][0];
  return true;
}

bool MapSpace::count_behind(std::size_t dim, State state) {
  Rank& result = behind_[dim][at(state)];
  if (result != 0) return true;
  if (dim == kDims) {
    result = dram_.count[state.dram] * buffer_.count[state.buffer];
    for (std::size_t o = 0; o < kOperands; ++o)
      if (tiles_matter(o, state.changing)) result *= 2;
    return true;
  }
  const Dim d = kAllDims[dim];
  for (std::size_t c = 0; c < kClasses; ++c) {
    const std::uint32_t splits = class_begin_[d][c + 1] - class_begin_[d][c];
    if (splits == 0) continue;
    const State next = step(state, d, c);
    if (!count_behind(dim + 1, next)) return false;
    Rank mappings = 0;
    if (__builtin_mul_overflow(behind_[dim + 1][at(next)], Rank{splits}, &mappings) ||
        __builtin_add_overflow(result, mappings, &result))
      return false;
  }
  return true;
}

MapSpace::Point MapSpace::unrank(Rank number) const {
  CHECK(number < size_, "a number beyond the mappings of {}", operation_.name);
  Point point;
  State state;
  for (std::size_t i = 0; i < kDims; ++i) {
    const Dim d = kAllDims[i];
    for (std::size_t c = 0; c < kClasses; ++c) {
      const std::uint32_t splits = class_begin_[d][c + 1] - class_begin_[d][c];
      if (splits == 0) continue;
      const State next = step(state, d, c);
      const Rank each = behind_[i + 1][at(next)];
      if (number >= each * splits) {
        number -= each * splits;
        continue;
      }
      point.split[d] = class_begin_[d][c] + static_cast<std::uint32_t>(number / each);
      number %= each;
      state = next;
      break;
    }
  }
  for (std::size_t o = 0; o < kOperands; ++o) {
    point.buffer_tiles[o] = fixed_tiles_[o];
    if (!tiles_matter(o, state.changing)) continue;
    point.buffer_tiles[o] = 1 + static_cast<std::uint32_t>(number % 2);
    number /= 2;
  }
  const Rank orders = buffer_.count[state.buffer];
  point.buffer_order = buffer_.unrank(number % orders, BufferTrips{*this, point});
  point.dram_order = dram_.unrank(number / orders, DramTrips{*this, point});
  return point;
}

Rank MapSpace::rank(const Point& point) const {
  Rank number = 0;
  State state;
  for (std::size_t i = 0; i < kDims; ++i) {
    const Dim d = kAllDims[i];
    const std::size_t own = class_of(split(point, d));
    for (std::size_t c = 0; c < own; ++c) {
      const std::uint32_t splits = class_begin_[d][c + 1] - class_begin_[d][c];
      if (splits > 0) number += splits * behind_[i + 1][at(step(state, d, c))];
    }
    state = step(state, d, own);
    number += (point.split[d] - class_begin_[d][own]) * behind_[i + 1][at(state)];
  }
  Rank inner = dram_.rank(point.dram_order, DramTrips{*this, point});
  inner = inner * buffer_.count[state.buffer] +
          buffer_.rank(point.buffer_order, BufferTrips{*this, point});
  for (std::size_t o = kOperands; o-- > 0;)
    if (tiles_matter(o, state.changing)) inner = inner * 2 + (point.buffer_tiles[o] > 1 ? 1 : 0);
  return number + inner;
}

std::uint32_t MapSpace::changing(const Point& point) const {
  std::uint32_t operands = 0;
  for (const Dim d : kAllDims)
    if (split(point, d).dram > 1) operands |= changes_[d];
  return operands;
}

MapSpace::Point MapSpace::canonical(const Point& point) const {
  Point result = point;
  const DramTrips dram{*this, point};
  const BufferTrips buffer{*this, point};
  result.dram_order = dram_.unrank(dram_.rank(point.dram_order, dram), dram);
  result.buffer_order = buffer_.unrank(buffer_.rank(point.buffer_order, buffer), buffer);
  const std::uint32_t operands = changing(point);
  for (std::size_t o = 0; o < kOperands; ++o)
    result.buffer_tiles[o] =
        tiles_matter(o, operands) ? (point.buffer_tiles[o] > 1 ? 2 : 1) : fixed_tiles_[o];
  return result;
}

void MapSpace::set(const Point& point, LoopNest& nest) const {
  nest.count = 0;
  for (const Dim d : kAllDims) {
    const Split& s = split(point, d);
    nest.rf[d] = s.rf;
    nest.x[d] = s.x;
    nest.y[d] = s.y;
  }
  dram_.add_loops(point.dram_order, DramTrips{*this, point}, nest);
  nest.dram = nest.count;
  buffer_.add_loops(point.buffer_order, BufferTrips{*this, point}, nest);
  const std::uint32_t operands = changing(point);
  for (std::size_t o = 0; o < kOperands; ++o)
    nest.buffer_tiles[o] =
        tiles_matter(o, operands) ? (point.buffer_tiles[o] > 1 ? 2 : 1) : fixed_tiles_[o];
}

namespace {

// The dimensions of loops in their order, then the others.
std::array<Dim, kDims> order_of(const LoopNest& nest, std::size_t begin, std::size_t end) {
  std::array<Dim, kDims> order{};
  DimArray<bool> placed{};
  std::size_t count = 0;
  const auto place = [&](Dim d) {
    if (!placed[d]) order[count++] = d;
    placed[d] = true;
  };
  for (std::size_t l = begin; l < end; ++l) place(nest.loops[l].dim);
  for (const Dim d : kAllDims) place(d);
  return order;
}

DimArray<Split> splits_of(const LoopNest& nest) {
  DimArray<Split> splits;
  for (const Dim d : kAllDims)
    splits[d].rf = nest.rf[d], splits[d].x = nest.x[d], splits[d].y = nest.y[d];
  for (std::size_t l = 0; l < nest.count; ++l) {
    Split& s = splits[nest.loops[l].dim];
    (l < nest.dram ? s.dram : s.buffer) *= nest.loops[l].trips;
  }
  return splits;
}

bool same(const LoopNest& a, const LoopNest& b) {
  return a.rf == b.rf && a.x == b.x && a.y == b.y && a.dram == b.dram && a.count == b.count &&
         a.buffer_tiles == b.buffer_tiles &&
         std::equal(a.loops.begin(), a.loops.begin() + static_cast<std::ptrdiff_t>(a.count),
                    b.loops.begin());
}

}  // namespace

std::optional<MapSpace::Point> MapSpace::point(const LoopNest& nest) const {
  const DimArray<Split> wanted = splits_of(nest);
  Point point;
  for (const Dim d : kAllDims) {
    const auto found = std::find(splits_[d].begin(), splits_[d].end(), wanted[d]);
    if (found == splits_[d].end()) return std::nullopt;
    point.split[d] = static_cast<std::uint32_t>(found - splits_[d].begin());
  }
  point.dram_order = order_of(nest, 0, nest.dram);
  point.buffer_order = order_of(nest, nest.dram, nest.count);
  point.buffer_tiles = nest.buffer_tiles;
  point = canonical(point);
  if (!same(this->nest(point), nest)) return std::nullopt;
  return point;
}

std::optional<MapSpace::Point> MapSpace::nearest(const LoopNest& nest) const {
  const DimArray<Split> wanted = splits_of(nest);
  Point point;
  for (const Dim d : kAllDims) {
    const Split& most = wanted[d];
    std::pair<std::uint64_t, std::uint64_t> best{0, 0};
    for (std::uint32_t i = 0; i < splits_[d].size(); ++i) {
      const Split& s = splits_[d][i];
      if (s.rf > most.rf || s.x > most.x || s.y > most.y || s.buffer > most.buffer) continue;
      const std::pair tiles{s.array(), s.array() * s.buffer};
      if (tiles <= best) continue;
      best = tiles;
      point.split[d] = i;
    }
    if (best.first == 0) return std::nullopt;
  }
  point.dram_order = order_of(nest, 0, nest.dram);
  point.buffer_order = order_of(nest, nest.dram, nest.count);
  point.buffer_tiles = nest.buffer_tiles;
  return canonical(point);
}

}  // namespace chasm
