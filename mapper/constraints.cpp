#include "mapper/constraints.h"

#include <algorithm>

namespace chasm {
namespace {

FactorRule& rule(SpaceRules& rules, Dim d, Level level) {
  return rules.factors[d][static_cast<std::size_t>(level)];
}

// What holds for every mapping there is.
SpaceRules free_rules(const Operation& operation, const NestLimits& limits) {
  SpaceRules rules;
  const bool row = operation.is_row_op();
  for (const Dim d : kAllDims) {
    if (!limits.may_lie_along_columns(d)) rule(rules, d, Level::x).most = 1;
    if (!limits.may_lie_along_rows(d)) rule(rules, d, Level::y).most = 1;
    if (limits.whole_reductions() && operation.is_reduction(d) && !row)
      rule(rules, d, Level::buffer).most = rule(rules, d, Level::dram).most = 1;
  }
  if (!row) return rules;
  rule(rules, Dim::R, Level::rf).most = 1;
  // The passes outside the rest of the row, both inside all others.
  for (SpaceRules::Order* order : {&rules.dram, &rules.buffer})
    order->band[Dim::R] = 2, order->band[Dim::C] = 3;
  return rules;
}

std::uint64_t trips_of(const std::vector<Loop>& loops, Dim d) {
  std::uint64_t trips = 1;
  for (const Loop& loop : loops) {
    if (loop.dim == d && __builtin_mul_overflow(trips, loop.trips, &trips)) return UINT64_MAX;
  }
  return trips;
}

void restrict_level(const MapConstraints::PerLevel& wanted, Dim d, FactorRule& factor) {
  if (wanted.most[d]) factor.most = std::min(factor.most, *wanted.most[d]);
  if (wanted.dims && std::find(wanted.dims->begin(), wanted.dims->end(), d) == wanted.dims->end())
    factor.most = 1;
  if (wanted.factors[d]) factor.fixed = *wanted.factors[d];
  if (wanted.loops) factor.fixed = trips_of(*wanted.loops, d);
}

}  // namespace

SpaceRules rules_of(const Program& prototype, const NestLimits& limits,
                    const MapConstraints& constraints) {
  SpaceRules rules = free_rules(prototype.operation, limits);
  for (const Level level : kAllLevels) {
    for (const Dim d : kAllDims) restrict_level(constraints.at(level), d, rule(rules, d, level));
  }
  rules.dram.loops = constraints.at(Level::dram).loops;
  rules.buffer.loops = constraints.at(Level::buffer).loops;
  rules.buffer_tiles = constraints.buffer_tiles;
  return rules;
}

}  // namespace chasm
