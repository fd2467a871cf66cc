#include "mapper/space_rules.h"

namespace chasm {

SpaceRules free_rules(const Operation& operation, const NestLimits& limits) {
  SpaceRules rules;
  const bool row = operation.is_row_op();
  for (const Dim d : kAllDims) {
    if (!limits.may_lie_along_columns(d)) rules.at(d, Level::x).most = 1;
    if (!limits.may_lie_along_rows(d)) rules.at(d, Level::y).most = 1;
    if (limits.whole_reductions() && operation.is_reduction(d) && !row)
      rules.at(d, Level::buffer).most = rules.at(d, Level::dram).most = 1;
  }
  if (!row) return rules;
  rules.at(Dim::R, Level::rf).most = 1;
  // The passes outside the rest of the row, both inside all others.
  for (SpaceRules::Order* order : {&rules.dram, &rules.buffer})
    order->band[Dim::R] = 2, order->band[Dim::C] = 3;
  return rules;
}

}  // namespace chasm
