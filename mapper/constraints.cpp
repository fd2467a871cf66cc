#include "mapper/constraints.h"

#include <algorithm>

namespace chasm {
namespace {

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
  // Exactly so, legal or not: `MapSpace::why_empty` then has the verifier's reason.
  if (wanted.factors[d]) factor = {wanted.factors[d], UINT64_MAX};
  if (wanted.loops) factor = {trips_of(*wanted.loops, d), UINT64_MAX};
}

}  // namespace

std::vector<Demand> demands_of(const MapConstraints& constraints, const Operation& operation) {
  return demands_of(constraints.dataflow, constraints.row_stationary, operation);
}

SpaceRules rules_of(const Operation& operation, const NestLimits& limits,
                    const MapConstraints& constraints, const std::vector<Demand>& demands) {
  SpaceRules rules = free_rules(operation, limits);
  for (const Demand& demand : demands) demand.apply(rules, operation);
  order_loops(constraints.dataflow, operation, rules);
  if (constraints.dataflow == LoopDataflow::rs) constraints.row_stationary.apply(rules);
  for (const Level level : kAllLevels) {
    const MapConstraints::PerLevel& wanted = constraints.at(level);
    for (const Dim d : kAllDims) {
      restrict_level(wanted, d, rules.at(d, level));
      const bool side = level == Level::x || level == Level::y;
      if (side && (wanted.factors[d] || wanted.loops)) rules.factors[d].spatial.reset();
    }
  }
  rules.dram.loops = constraints.at(Level::dram).loops;
  rules.buffer.loops = constraints.at(Level::buffer).loops;
  rules.buffer_tiles = constraints.buffer_tiles;
  return rules;
}

}  // namespace chasm
