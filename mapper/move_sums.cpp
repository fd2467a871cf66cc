#include "mapper/move_sums.h"

#include <algorithm>

#include "base/units.h"

namespace chasm {
namespace {

// Of all moves over `positions` those to one of `touching`.
template <class Visit>
void for_each_move(const DimMove& move, std::uint64_t positions,
                   const TileFactor::Positions& touching, Visit visit) {
  const std::uint64_t least = std::max<std::uint64_t>(touching.begin, move.advance ? 1 : 0);
  for (std::uint64_t to = ceil_div(least, move.block) * move.block; to < touching.end;
       to += move.block)
    visit(move.advance ? to - 1 : std::min(to + move.block, positions) - 1, to);
}

class FreeFactor final : public TileFactor {
 public:
  FreeFactor(const DimTile& tile, FreeDim kind) : TileFactor(tile, {}), kind_(kind) {}

 private:
  MoveSums at(const Move& move, const Move&) override {
    MoveSums sums = kOneMove;
    if (kind_ == FreeDim::counted) return sums;
    const std::uint64_t now = dim(0).active(move.to), before = dim(0).active(move.from);
    sums.pe_words = sums.pe_kept = now;
    if (kind_ == FreeDim::held) return sums;
    sums.pe_kept = std::min(now, before);
    sums.kept = sums.still = now > before ? 0 : 1;
    return sums;
  }

  // Only the last position may leave PEs idle.
  bool closed_form(const DimMove& move, MoveSums& sums) const override {
    const std::uint64_t positions = dim(0).positions();
    const bool at_last = (positions - 1) % move.block == 0;  // a move ends at the last position
    const std::uint64_t moves = minus(ceil_div(positions, move.block), move.advance ? 1 : 0);
    const std::uint64_t pes = kind_ == FreeDim::counted ? 1 : dim(0).spatial;
    const std::uint64_t idle = kind_ == FreeDim::counted ? 0 : pes - dim(0).active(positions - 1);
    sums = {moves, moves, moves * pes, moves * pes, moves, moves};
    if (at_last && moves > 0) sums.pe_words -= idle, sums.pe_kept -= idle;
    if (kind_ == FreeDim::delivered && !move.advance && !at_last && idle > 0) {
      // The last block starts again from a position with idle PEs.
      sums.pe_kept -= idle;
      --sums.kept;
      --sums.still;
    }
    return true;
  }

  FreeDim kind_;
};

}  // namespace

MoveSums& MoveSums::operator+=(const MoveSums& other) {
  words += other.words, kept += other.kept;
  pe_words += other.pe_words, pe_kept += other.pe_kept;
  filled += other.filled, still += other.still;
  return *this;
}

MoveSums& MoveSums::operator-=(const MoveSums& other) {
  words = minus(words, other.words), kept = minus(kept, other.kept);
  pe_words = minus(pe_words, other.pe_words), pe_kept = minus(pe_kept, other.pe_kept);
  filled = minus(filled, other.filled), still = minus(still, other.still);
  return *this;
}

std::uint64_t DimTile::positions() const { return ceil_div(bound, tile()); }
std::uint64_t DimTile::active(std::uint64_t position) const {
  return std::min(spatial, ceil_div(bound - position * tile(), rf));
}
std::uint64_t DimTile::length(std::uint64_t position) const {
  return std::min(tile(), bound - position * tile());
}

const MoveSums& TileFactor::sums(DimMove first, DimMove second) {
  first.block = std::min(first.block, dims_[0].positions());
  second.block = std::min(second.block, dims_[1].positions());
  const auto key = [](const DimMove& move) { return move.block * 2 + (move.advance ? 1 : 0); };
  const auto [entry, is_new] = sums_.try_emplace({key(first), key(second)});
  if (is_new) entry->second = add_up(first, second);
  return entry->second;
}

MoveSums TileFactor::add_up(const DimMove& first, const DimMove& second) {
  MoveSums sums;
  const bool alone = dims_[1].bound == 1 && !second.advance;
  if (alone && closed_form(first, sums)) return sums;
  const Positions to_first = touching(0), to_second = touching(1);
  for_each_move(first, dims_[0].positions(), to_first, [&](std::uint64_t from, std::uint64_t to) {
    const Move move{from, to};
    for_each_move(second, dims_[1].positions(), to_second,
                  [&](std::uint64_t from2, std::uint64_t to2) {
                    sums += at(move, {from2, to2});
                  });
  });
  return sums;
}

std::unique_ptr<TileFactor> free_factor(const DimTile& tile, FreeDim kind) {
  return std::make_unique<FreeFactor>(tile, kind);
}

}  // namespace chasm
