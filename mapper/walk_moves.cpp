#include "mapper/walk_moves.h"

#include <algorithm>

namespace chasm::walk {
namespace {

// Places and distances of a dimension are packed into one number of a key.
constexpr std::uint32_t kBits = 21;
constexpr std::uint64_t kMostBound = std::uint64_t{1} << (kBits - 2);

}  // namespace

Moves::Moves(const Program& program, Operand operand) : tile_(program, operand), table_(64) {
  const TensorAccess& access = program.operation.of(operand);
  const DimArray<std::uint64_t>&bounds = program.operation.bounds, array = array_tile(program);
  for (const Dim d : kAllDims) {
    if (array[d] >= bounds[d]) continue;  // it never moves
    exact_ = exact_ && bounds[d] < kMostBound;
    // Whole tiles are alike, where no other dimension makes them touch padding.
    std::uint64_t first = 0, last = (bounds[d] / array[d] - 1) * array[d];
    if (access.im2col && access.depends_on(d)) last = 0, first = 1;
    for (const Axis& axis : access.axes) {
      std::int64_t least = axis.offset, most = axis.offset, own = 0;
      for (const Axis::Term& term : axis.terms) {
        if (term.dim == d)
          own = term.coefficient;
        else
          most += term.coefficient * static_cast<std::int64_t>(bounds[term.dim] - 1);
      }
      if (own == 0) continue;
      const auto end = static_cast<std::int64_t>(array[d]) - 1;
      while (first <= last && least + own * static_cast<std::int64_t>(first) < 0) first += array[d];
      while (first <= last && most + own * (static_cast<std::int64_t>(last) + end) >= axis.extent) {
        if (last < array[d]) {
          first = last + 1;
          break;
        }
        last -= array[d];
      }
    }
    sides_.push_back({d, first, last});
  }
}

const Moves::Move& Moves::to(const DimArray<std::uint64_t>& offsets) {
  Key key{};
  for (std::size_t i = 0; i < sides_.size(); ++i) {
    Side& side = sides_[i];
    const std::uint64_t at = offsets[side.dim];
    const std::uint64_t place = at >= side.first && at <= side.last ? 0 : at + 1;
    const std::uint64_t distance = at + kMostBound - side.at;
    key[i] = (side.place << kBits | place) << kBits | distance;
    side.at = at;
    side.place = place;
  }
  if (!any_ || !exact_) {
    last_ = count(offsets);
    any_ = true;
    before_ = offsets;
    return last_;
  }
  Entry& entry = find(key);
  if (!entry.used) {
    entry.used = true;
    entry.key = key;
    tile_.move_to(before_);
    entry.move = count(offsets);
    if (++entries_ * 2 > table_.size()) {
      before_ = offsets;
      grow();
      return find(key).move;
    }
  }
  before_ = offsets;
  return entry.move;
}

Moves::Move Moves::count(const DimArray<std::uint64_t>& offsets) {
  const RegisterFileDelta delta = tile_.move_to(offsets);
  return {delta, tile_.union_words()};
}

Moves::Entry& Moves::find(const Key& key) {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < sides_.size(); ++i)
    hash = (hash ^ key[i]) * 0x9e3779b97f4a7c15ULL, hash ^= hash >> 29;
  for (std::size_t at = hash;; ++at) {
    Entry& entry = table_[at & (table_.size() - 1)];
    if (!entry.used || entry.key == key) return entry;
  }
}

void Moves::grow() {
  std::vector<Entry> old(4 * table_.size());
  old.swap(table_);
  for (const Entry& entry : old)
    if (entry.used) find(entry.key) = entry;
}

void Moves::shift(const DimArray<std::uint64_t>& offsets) {
  if (!exact_) tile_.move_to(offsets);
  before_ = offsets;
  for (Side& side : sides_) {
    side.at = offsets[side.dim];
    side.place = side.at >= side.first && side.at <= side.last ? 0 : side.at + 1;
  }
}

}  // namespace chasm::walk
