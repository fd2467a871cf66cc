#include <bit>

#include "mapper/search_moves.h"
#include "mapper/search_stream.h"

namespace chasm {
namespace {

// How much worse a step may be, relative to the score: at first, and at last; each round warms up
// again, to less than before.
constexpr double kHot = 0.5, kCold = 0.0005;
constexpr double kRounds = 6;

// Exponentially distributed, mean 1/ln 2, by the position of the first bit and a straight line
// between powers of two: the same on every machine.
double exponential(Rng& rng) {
  const std::uint64_t bits = rng.next() | 1U;
  const int zeros = std::countl_zero(bits);
  const std::uint64_t rest = bits << zeros << 1;
  return zeros + 1 - static_cast<double>(rest >> 11) * 0x1p-53;
}

// Falls in each round from the heat of the round to kCold, by halves with straight lines between.
double temperature(double used) {
  const double rounds = used * kRounds;
  const double round = static_cast<double>(static_cast<int>(rounds));
  const double within = rounds - round;
  const double cold = 1 - within;
  return kCold + kHot / (1 + round) * cold * cold * cold * cold;
}

}  // namespace

bool search_anneal(Stream& stream) {
  const SearchMoves& moves = stream.problem.moves;
  // One stream starts from the best known point: what is good there may be far from the best.
  std::optional<MapSpace::Point> now =
      stream.index == 0 ? stream.problem.start : stream.random_legal();
  if (!now) now = stream.random_legal();
  if (!now) return false;
  std::optional<double> score = stream.evaluate(*now);
  if (!score) return false;
  MapSpace::Point best = *now;
  double best_score = *score, heat = temperature(0);
  int round = 0;
  for (std::uint64_t step = 0; !stream.over(); ++step) {
    if (step % 128 == 0) {
      heat = temperature(stream.used());
      const int now_round = static_cast<int>(stream.used() * kRounds);
      if (now_round != round) now = best, score = best_score, round = now_round;
    }
    MapSpace::Point next = *now;
    moves.change(next, stream.rng);
    const std::optional<double> value = stream.evaluate(next);
    if (!value || *value > *score * (1 + heat * exponential(stream.rng))) continue;
    now = next, score = value;
    if (*score < best_score) best = *now, best_score = *score;
  }
  return false;
}

}  // namespace chasm
