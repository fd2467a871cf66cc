#include "mapper/loop_orders.h"

#include <algorithm>
#include <numeric>

#include "base/units.h"

namespace chasm {
namespace {

bool has_fixed_place(const Operation& operation, Dim d) {
  return operation.is_row_op() && (d == Dim::C || d == Dim::R);
}

}  // namespace

std::vector<LoopGroup> loop_groups(const Operation& operation) {
  std::vector<LoopGroup> groups;
  for (const Dim d : kAllDims) {
    if (operation.bounds[d] == 1 || has_fixed_place(operation, d)) continue;
    LoopGroup own;
    own.dims = {d};
    for (std::size_t o = 0; o < kOperands; ++o) own.moves[o] = operation.access[o].depends_on(d);
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&](const LoopGroup& g) { return g.moves == own.moves; });
    if (same == groups.end()) {
      groups.push_back(std::move(own));
    } else {
      same->dims.push_back(d);
    }
  }
  return groups;
}

std::vector<LoopOrder> loop_orders(const std::vector<LoopGroup>& groups,
                                   const DimArray<std::uint64_t>& trips, bool rows_inside) {
  std::vector<LoopOrder> parts;
  for (const LoopGroup& group : groups) {
    LoopOrder dims;
    for (const Dim d : group.dims) {
      if (trips[d] > 1) dims.push_back(d);
    }
    const auto p = std::find(dims.begin(), dims.end(), Dim::P),
               q = std::find(dims.begin(), dims.end(), Dim::Q);
    if (rows_inside && p != dims.end() && q != dims.end()) std::iter_swap(p, q);
    if (!dims.empty()) parts.push_back(std::move(dims));
  }
  std::vector<std::size_t> places(parts.size());
  std::iota(places.begin(), places.end(), 0);
  std::vector<LoopOrder> orders;
  do {
    LoopOrder order;
    for (const std::size_t part : places) {
      order.insert(order.end(), parts[part].begin(), parts[part].end());
    }
    orders.push_back(std::move(order));
  } while (std::next_permutation(places.begin(), places.end()) && orders.size() < 24);
  return orders;
}

void set_loops(LoopNest& nest, const Operation& operation, const DimArray<std::uint64_t>& trips,
               const DimArray<std::uint64_t>& inside, const LoopOrder& dram,
               const LoopOrder& buffer) {
  const auto outside = [&](Dim d) { return ceil_div(trips[d], inside[d]); };
  nest.count = 0;
  for (const Dim d : dram) nest.add(d, outside(d));
  // The rows of a row operation: [R passes [C]], all of it in the buffer, or the passes and parts
  // of C around it.
  const bool rows = operation.is_row_op();
  const bool split = rows && outside(Dim::C) > 1;
  if (split) nest.add(Dim::R, trips[Dim::R]), nest.add(Dim::C, outside(Dim::C));
  nest.dram = nest.count;
  for (const Dim d : buffer) nest.add(d, inside[d]);
  if (rows && !split) nest.add(Dim::R, trips[Dim::R]);
  if (rows) nest.add(Dim::C, inside[Dim::C]);
}

}  // namespace chasm
