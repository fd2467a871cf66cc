#include "models/program/geometry.h"

#include <algorithm>
#include <limits>

#include "base/units.h"

namespace chasm {
namespace {

constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();

// Stored coordinates an axis touches over blocks [offset, offset + length) of its dimensions;
// ascending and distinct.
std::vector<std::int64_t> touched(const Axis& axis, const DimArray<std::uint64_t>& offsets,
                                  const DimArray<std::uint64_t>& lengths) {
  std::vector<std::int64_t> coordinates{axis.offset};
  for (const Axis::Term& term : axis.terms) {
    std::vector<std::int64_t> next;
    next.reserve(coordinates.size() * lengths[term.dim]);
    for (const std::int64_t base : coordinates)
      for (std::uint64_t i = 0; i < lengths[term.dim]; ++i)
        next.push_back(base + term.coefficient * static_cast<std::int64_t>(offsets[term.dim] + i));
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    coordinates = std::move(next);
  }
  std::erase_if(coordinates, [&](std::int64_t c) { return c < 0 || c >= axis.extent; });
  return coordinates;
}

}  // namespace

std::uint64_t stored_words(const TensorAccess& access, const DimArray<std::uint64_t>& extents) {
  DimArray<std::uint64_t> offsets, lengths = extents;
  if (access.im2col) access.im2col->unflatten(offsets, lengths);
  std::uint64_t words = 1;
  for (const Axis& axis : access.stored_axes()) words *= touched(axis, offsets, lengths).size();
  return words;
}

std::vector<AxisCoordinates> whole_tile(const Operation& operation, const TensorAccess& access) {
  DimArray<std::uint64_t> offsets, lengths = operation.bounds;
  if (access.im2col) access.im2col->unflatten(offsets, lengths);
  std::vector<AxisCoordinates> axes;
  for (const Axis& axis : access.stored_axes()) {
    axes.emplace_back();
    for (const std::int64_t c : touched(axis, offsets, lengths)) axes.back().push_back({c, false});
  }
  return axes;
}

ArrayTile::ArrayTile(const Program& program, Operand operand)
    : access_(program.operation.of(operand)),
      bounds_(program.operation.bounds),
      rf_(rf_tile(program)),
      array_(array_tile(program)) {
  spatial_ = ones();
  for (const Loop& loop : program.spatial_x) spatial_[loop.dim] *= loop.trips;
  for (const Loop& loop : program.spatial_y) spatial_[loop.dim] *= loop.trips;
  for (const Axis& axis : access_.axes) {
    AxisDims dims;
    for (const Axis::Term& term : axis.terms) dims.dims.push_back(term.dim);
    dims.block = axis.terms.empty() ||
                 (axis.terms.size() == 1 && axis.terms[0].coefficient == 1 && axis.offset == 0 &&
                  static_cast<std::uint64_t>(axis.extent) >= bounds_[axis.terms[0].dim]);
    CHECK(dims.dims.size() <= 2, "an axis of {} terms", dims.dims.size());
    if (dims.dims.size() == 2)
      dims.positions_inner = ceil_div(bounds_[dims.dims[1]], array_[dims.dims[1]]);
    axis_dims_.push_back(std::move(dims));
  }
  for (const Dim d : kAllDims)
    if (!access_.depends_on(d) && spatial_[d] > 1) free_dims_.push_back(d);
  state_.resize(access_.axes.size());
  previous_.assign(access_.axes.size(), kNowhere);
  for (AxisState& state : state_) state.position = kNowhere;
  free_active_.assign(free_dims_.size(), 0);
  cache_.resize(access_.axes.size());
}

std::uint64_t ArrayTile::active(Dim d, const DimArray<std::uint64_t>& offsets) const {
  return std::min(spatial_[d], ceil_div(bounds_[d] - offsets[d], rf_[d]));
}

std::uint64_t ArrayTile::position_of(std::size_t axis,
                                     const DimArray<std::uint64_t>& offsets) const {
  const AxisDims& dims = axis_dims_[axis];
  std::uint64_t position = 0;
  if (!dims.dims.empty()) position = offsets[dims.dims[0]] / array_[dims.dims[0]];
  if (dims.dims.size() == 2)
    position = position * dims.positions_inner + offsets[dims.dims[1]] / array_[dims.dims[1]];
  return position;
}

DimArray<std::uint64_t> ArrayTile::offsets_at(std::size_t axis, std::uint64_t position) const {
  const AxisDims& dims = axis_dims_[axis];
  DimArray<std::uint64_t> offsets;
  if (dims.dims.size() == 2)
    offsets[dims.dims[1]] = position % dims.positions_inner * array_[dims.dims[1]];
  if (!dims.dims.empty())
    offsets[dims.dims[0]] = position / dims.positions_inner * array_[dims.dims[0]];
  return offsets;
}

// The coordinates of each PE position of the axis (the second dimension innermost); idle positions
// hold nothing.
ArrayTile::PeSets ArrayTile::pe_sets(std::size_t axis, std::uint64_t position) const {
  const std::vector<Dim>& dims = axis_dims_[axis].dims;
  const DimArray<std::uint64_t> base = offsets_at(axis, position);
  DimArray<std::uint64_t> offsets = base, lengths = ones();
  const auto block = [&](Dim d, std::uint64_t j) {
    offsets[d] = base[d] + j * rf_[d];
    lengths[d] = offsets[d] < bounds_[d] ? std::min(rf_[d], bounds_[d] - offsets[d]) : 0;
  };
  PeSets sets;
  const std::uint64_t outer = dims.empty() ? 1 : spatial_[dims[0]];
  const std::uint64_t inner = dims.size() < 2 ? 1 : spatial_[dims[1]];
  for (std::uint64_t j = 0; j < outer; ++j)
    for (std::uint64_t k = 0; k < inner; ++k) {
      if (!dims.empty()) block(dims[0], j);
      if (dims.size() == 2) block(dims[1], k);
      sets.push_back(touched(access_.axes[axis], offsets, lengths));
    }
  return sets;
}

ArrayTile::AxisState ArrayTile::compute(std::size_t axis, std::uint64_t position,
                                        std::uint64_t previous) const {
  const PeSets now = pe_sets(axis, position);
  const PeSets before = previous == kNowhere ? PeSets(now.size()) : pe_sets(axis, previous);
  const std::vector<Dim>& dims = axis_dims_[axis].dims;
  const DimArray<std::uint64_t> offsets = offsets_at(axis, position);
  const std::uint64_t outer_active = active(dims[0], offsets);
  const std::uint64_t inner = dims.size() < 2 ? 1 : spatial_[dims[1]];
  const std::uint64_t inner_active = dims.size() < 2 ? 1 : active(dims[1], offsets);

  AxisState state;
  state.position = position;
  state.pe_least_kept = kNowhere;
  std::vector<char> held(static_cast<std::size_t>(access_.axes[axis].extent), 0);  // 1 kept, 2 new
  for (std::size_t pe = 0; pe < now.size(); ++pe) {
    if (pe / inner >= outer_active || pe % inner >= inner_active) continue;
    std::uint64_t kept = 0;
    for (const std::int64_t c : now[pe]) {
      const bool keeps = std::binary_search(before[pe].begin(), before[pe].end(), c);
      kept += keeps ? 1 : 0;
      char& mark = held[static_cast<std::size_t>(c)];
      mark = !keeps || mark == 2 ? 2 : 1;
    }
    state.pe_total += now[pe].size();
    state.pe_kept += kept;
    state.pe_largest = std::max<std::uint64_t>(state.pe_largest, now[pe].size());
    state.pe_least_kept = std::min(state.pe_least_kept, kept);
  }
  state.kept = static_cast<std::uint64_t>(std::count(held.begin(), held.end(), 1));
  state.total = state.kept + static_cast<std::uint64_t>(std::count(held.begin(), held.end(), 2));
  return state;
}

ArrayTile::AxisState ArrayTile::compute_block(std::size_t axis, std::uint64_t position,
                                              std::uint64_t previous) const {
  AxisState state;
  state.position = position;
  if (axis_dims_[axis].dims.empty()) {
    state.total = state.pe_total = state.pe_largest = 1;
    state.pe_least_kept = 1;
  } else {
    const Dim d = axis_dims_[axis].dims[0];
    const std::uint64_t left = bounds_[d] - position * array_[d];
    state.total = state.pe_total = std::min(array_[d], left);
    state.pe_largest = std::min(rf_[d], left);
    const std::uint64_t pes = ceil_div(state.total, rf_[d]);
    state.pe_least_kept = state.total - (pes - 1) * rf_[d];
  }
  if (position == previous) {
    state.kept = state.total;
    state.pe_kept = state.pe_total;
  } else {
    state.pe_least_kept = 0;
  }
  return state;
}

RegisterFileDelta ArrayTile::move_to(const DimArray<std::uint64_t>& offsets) {
  std::uint64_t pes_now = 1, pes_before_and_now = 1;
  all_new_ = false;
  for (std::size_t i = 0; i < free_dims_.size(); ++i) {
    const std::uint64_t now = active(free_dims_[i], offsets);
    pes_now *= now;
    pes_before_and_now *= std::min(now, free_active_[i]);
    all_new_ = all_new_ || now > free_active_[i];
    free_active_[i] = now;
  }
  RegisterFileDelta delta;
  std::uint64_t total = 1, kept = 1, pe_total = 1, pe_kept = 1, least_kept = 1;
  delta.tile_words = 1;
  for (std::size_t a = 0; a < state_.size(); ++a) {
    AxisState& state = state_[a];
    const std::uint64_t position = position_of(a, offsets);
    previous_[a] = state.position;
    if (axis_dims_[a].block) {
      state = compute_block(a, position, state.position);
    } else {
      const std::uint64_t key = position * 0x100000001ULL + state.position + 1;
      const auto [entry, is_new] = cache_[a].try_emplace(key);
      if (is_new) entry->second = compute(a, position, state.position);
      state = entry->second;
    }
    total *= state.total;
    kept *= state.kept;
    pe_total *= state.pe_total;
    pe_kept *= state.pe_kept;
    delta.tile_words *= state.pe_largest;
    least_kept *= state.pe_least_kept;
  }
  if (access_.im2col) {  // tiles of elements are equal or disjoint, and hold some padding
    const bool same = kept == total;
    total = pe_total = stored_elements(offsets);
    kept = pe_kept = same ? total : 0;
  }
  delta.new_words = all_new_ ? total : minus(total, kept);
  delta.receivers = minus(pes_now * pe_total, pes_before_and_now * pe_kept);
  delta.ring_words = all_new_ ? delta.tile_words : minus(delta.tile_words, least_kept);
  return delta;
}

std::uint64_t ArrayTile::stored_elements(const DimArray<std::uint64_t>& offsets) {
  const auto length = [&](Dim d) { return std::min(array_[d], bounds_[d] - offsets[d]); };
  const std::uint64_t key = offsets[Dim::P] * bounds_[Dim::C] + offsets[Dim::C];
  const auto [entry, is_new] = element_cache_.try_emplace(key);
  if (is_new)
    entry->second = access_.im2col->stored_elements(offsets[Dim::P], length(Dim::P),
                                                    offsets[Dim::C], length(Dim::C));
  return entry->second * length(Dim::N) * length(Dim::G);
}

std::vector<AxisCoordinates> ArrayTile::coordinates() const {
  CHECK(!access_.im2col, "elements of a matrix are not stored words");
  std::vector<AxisCoordinates> axes(state_.size());
  for (std::size_t a = 0; a < state_.size(); ++a) {
    const PeSets now = pe_sets(a, state_[a].position);
    const PeSets before = previous_[a] == kNowhere ? PeSets(now.size()) : pe_sets(a, previous_[a]);
    for (std::size_t pe = 0; pe < now.size(); ++pe)
      for (const std::int64_t c : now[pe])
        axes[a].push_back({c, std::binary_search(before[pe].begin(), before[pe].end(), c)});
    std::sort(axes[a].begin(), axes[a].end(), [](const TileCoordinate& x, const TileCoordinate& y) {
      return x.value != y.value ? x.value < y.value : x.kept < y.kept;  // "not kept" first
    });
    const auto last = std::unique(
        axes[a].begin(), axes[a].end(),
        [](const TileCoordinate& x, const TileCoordinate& y) { return x.value == y.value; });
    axes[a].erase(last, axes[a].end());
  }
  return axes;
}

std::uint64_t ArrayTile::union_words() const {
  std::uint64_t words = 1;
  for (const AxisState& state : state_) words *= state.total;
  return words;
}

std::uint64_t ArrayTile::pe_words() const {
  std::uint64_t words = 1;
  for (const AxisState& state : state_) words *= state.pe_total;
  for (const std::uint64_t pes : free_active_) words *= pes;
  return words;
}

BufferTile::BufferTile(const Program& program, Operand operand)
    : access_(program.operation.of(operand)),
      bounds_(program.operation.bounds),
      tile_(buffer_tile(program)),
      axes_(access_.stored_axes().size()) {}

std::uint64_t BufferTile::move_to(const DimArray<std::uint64_t>& offsets) {
  DimArray<std::uint64_t> lengths;
  for (const Dim d : kAllDims) lengths[d] = std::min(tile_[d], bounds_[d] - offsets[d]);
  DimArray<std::uint64_t> first = offsets;
  if (access_.im2col) access_.im2col->unflatten(first, lengths);
  const std::vector<Axis>& stored = access_.stored_axes();
  std::uint64_t kept_words = first_ ? 0 : 1;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    AxisCoordinates next;
    std::uint64_t kept = 0;
    auto before = axes_[a].begin();
    for (const std::int64_t c : touched(stored[a], first, lengths)) {
      while (before != axes_[a].end() && before->value < c) ++before;
      const bool held = before != axes_[a].end() && before->value == c;
      kept += held ? 1 : 0;
      next.push_back({c, held});
    }
    kept_words *= kept;
    axes_[a] = std::move(next);
  }
  first_ = false;
  offsets_ = offsets;
  return minus(words(), kept_words);
}

std::uint64_t BufferTile::words() const {
  std::uint64_t words = 1;
  for (const AxisCoordinates& axis : axes_) words *= axis.size();
  return words;
}

}  // namespace chasm
