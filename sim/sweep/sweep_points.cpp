#include "sim/sweep/sweep_points.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "base/parse.h"
#include "base/rng.h"

namespace chasm {
namespace {

// Uniform in [0, 1), 53 bits.
double unit(Rng& rng) { return static_cast<double>(rng.next() >> 11) * 0x1p-53; }

// The value a share of the way through a range. Rounded to six digits: libraries differ in
// the last ones.
Json value_at(const SweepRange& range, double share) {
  const double exact = range.log ? range.from * std::exp(share * std::log(range.to / range.from))
                                 : range.from + share * (range.to - range.from);
  if (range.integer) return std::llround(std::clamp(exact, range.from, range.to));
  const std::optional<double> rounded = parse_double(fmt::format("{:.6g}", exact));
  CHECK(rounded, "{} has no six digits", exact);
  return std::clamp(*rounded, range.from, range.to);
}

// Whole numbers are equally likely, the ends as much as the others.
Json drawn(const SweepAxis& axis, double share) {
  if (!axis.values.empty())
    return axis.values[static_cast<std::size_t>(share * static_cast<double>(axis.values.size()))];
  if (!axis.range->integer) return value_at(*axis.range, share);
  SweepRange cells = *axis.range;
  cells.from -= cells.log ? 0 : 0.5;
  cells.to += cells.log ? 0 : 0.5;
  cells.integer = false;
  const double exact = value_at(cells, share).get<double>();
  return std::llround(std::clamp(exact, axis.range->from, axis.range->to));
}

std::vector<Json> grid_values(const SweepAxis& axis) {
  if (!axis.values.empty()) return axis.values;
  std::vector<Json> values;
  for (std::size_t i = 0; i < axis.range->steps; ++i) {
    Json value =
        value_at(*axis.range, static_cast<double>(i) / static_cast<double>(axis.range->steps - 1));
    if (values.empty() || value != values.back()) values.push_back(std::move(value));
  }
  return values;
}

std::vector<Json> grid(const SweepSpec& spec) {
  std::vector<std::vector<Json>> values;
  for (const SweepAxis& axis : spec.axes) values.push_back(grid_values(axis));
  std::vector<Json> points;
  std::vector<std::size_t> at(values.size(), 0);
  while (true) {
    Json point = Json::object();
    for (std::size_t a = 0; a < values.size(); ++a) point[spec.axes[a].name] = values[a][at[a]];
    points.push_back(std::move(point));
    std::size_t a = values.size();
    while (a > 0 && ++at[a - 1] == values[a - 1].size()) at[--a] = 0;
    if (a == 0) return points;
  }
}

std::vector<Json> random_draws(const SweepSpec& spec) {
  Rng rng(spec.seed);
  std::vector<Json> points;
  for (std::size_t i = 0; i < spec.draws; ++i) {
    Json point = Json::object();
    for (const SweepAxis& axis : spec.axes) point[axis.name] = drawn(axis, unit(rng));
    points.push_back(std::move(point));
  }
  return points;
}

// Each axis is cut into as many strata as there are points; a random permutation of them says which
// point lies in which (McKay, Beckman, Conover 1979).
std::vector<Json> latin_hypercube(const SweepSpec& spec) {
  Rng rng(spec.seed);
  std::vector<Json> points(spec.draws, Json::object());
  for (const SweepAxis& axis : spec.axes) {
    std::vector<std::size_t> strata(spec.draws);
    std::iota(strata.begin(), strata.end(), std::size_t{0});
    for (std::size_t i = strata.size(); i > 1; --i)
      std::swap(strata[i - 1], strata[static_cast<std::size_t>(rng.below(i))]);
    for (std::size_t i = 0; i < points.size(); ++i)
      points[i][axis.name] = drawn(
          axis, (static_cast<double>(strata[i]) + unit(rng)) / static_cast<double>(points.size()));
  }
  return points;
}

// Listed points are as they are.
std::vector<Json> listed(const SweepSpec& spec) {
  std::vector<Json> points;
  for (const Json& given : spec.list) {
    Json point = Json::object();
    for (const SweepAxis& axis : spec.axes)
      if (given.contains(axis.paths.front())) point[axis.name] = given.at(axis.paths.front());
    points.push_back(std::move(point));
  }
  return points;
}

std::vector<Json> parameters_of(const SweepSpec& spec) {
  switch (spec.sampling) {
    case Sampling::grid:
      return grid(spec);
    case Sampling::random:
      return random_draws(spec);
    case Sampling::latin_hypercube:
      return latin_hypercube(spec);
    case Sampling::list:
      return listed(spec);
  }
  CHECK(false, "sampling {}", static_cast<int>(spec.sampling));
}

}  // namespace

double point_count(const SweepSpec& spec) {
  if (spec.sampling == Sampling::list) return static_cast<double>(spec.list.size());
  if (spec.sampling != Sampling::grid) return static_cast<double>(spec.draws);
  double count = 1;
  for (const SweepAxis& axis : spec.axes)
    count *= static_cast<double>(axis.range ? axis.range->steps : axis.values.size());
  return count;
}

std::vector<SweepPoint> sweep_points(const SweepSpec& spec) {
  std::vector<SweepPoint> points;
  std::set<std::string> seen;
  const bool draws =
      spec.sampling == Sampling::random || spec.sampling == Sampling::latin_hypercube;
  for (Json& parameters : parameters_of(spec)) {
    if (draws && !seen.insert(parameters.dump()).second) continue;
    points.push_back({points.size(), std::move(parameters)});
  }
  return points;
}

}  // namespace chasm
