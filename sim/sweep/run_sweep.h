// The points of a sweep, each in a process of its own.
#pragma once

#include <functional>
#include <vector>

#include "sim/sweep/sweep_points.h"
#include "sim/sweep/sweep_spec.h"

namespace chasm {

struct SweepRunOptions {
  unsigned jobs = 1;
  std::function<bool()> stop;                   // as of run_isolated()
  std::function<void(const Json& row)> on_row;  // every row as it comes, in any order
};

// Rows depend on the points only, never on `jobs` or on what else is run (but for `host`, and for
// points at their limits of time and memory). The caller must have a single thread.
void run_points(const SweepSpec&, const std::vector<SweepPoint>&, const SweepRunOptions&);

}  // namespace chasm
