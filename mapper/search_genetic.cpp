#include <algorithm>

#include "mapper/search_moves.h"
#include "mapper/search_stream.h"

namespace chasm {
namespace {

constexpr std::size_t kPopulation = 48;

struct Member {
  MapSpace::Point point;
  double score;
};

// The better of two.
const Member& tournament(const std::vector<Member>& members, Rng& rng) {
  const Member& a = members[rng.below(members.size())];
  const Member& b = members[rng.below(members.size())];
  return a.score <= b.score ? a : b;
}

}  // namespace

bool search_genetic(Stream& stream) {
  const SearchMoves& moves = stream.problem.moves;
  std::vector<Member> members;
  const auto add = [&](const MapSpace::Point& point) {
    if (const std::optional<double> score = stream.evaluate(point))
      members.push_back({point, *score});
  };
  if (stream.problem.start && stream.index % 2 == 0) add(*stream.problem.start);
  while (members.size() < kPopulation && !stream.over()) {
    const std::optional<MapSpace::Point> point = stream.random_legal();
    if (!point) return false;
    add(*point);
  }
  // A child takes the place of the worse of two members.
  while (!stream.over() && members.size() > 1) {
    const Member &a = tournament(members, stream.rng), &b = tournament(members, stream.rng);
    MapSpace::Point child = moves.cross(a.point, b.point, stream.rng);
    if (stream.rng.below(4) > 0) moves.change(child, stream.rng);
    const std::optional<double> score = stream.evaluate(child);
    if (!score) continue;
    Member& one = members[stream.rng.below(members.size())];
    Member& other = members[stream.rng.below(members.size())];
    Member& worse = one.score >= other.score ? one : other;
    const bool twin = std::any_of(members.begin(), members.end(),
                                  [&](const Member& m) { return m.score == *score; });
    if (!twin && *score < worse.score) worse = {child, *score};
  }
  return false;
}

}  // namespace chasm
