// One point of a sweep: from its settings to its row.
#pragma once

#include "sim/sweep/sweep_points.h"
#include "sim/sweep/sweep_spec.h"

namespace chasm {

// A row is a JSON object (docs/formats.md, "Sweep"):
//   index, status, parameters, pes and area_mm2 (null where the architecture is not legal), totals
//   (as in result.json; null where nothing was simulated), diagnostic (null where there is none),
//   host.
// Statuses: ok, infeasible, invalid, failed, timeout, violates.

// Status, pes, area_mm2, totals and diagnostic of a point. Once a process: it simulates. What is
// wrong with the point is in the row; exceptions other than Error pass through.
Json evaluate_point(const SweepSpec&, const SweepPoint&);

// The same where the point did not come to its end.
Json row_without_result(const char* status, const std::string& diagnostic);

// The whole row.
Json complete_row(const SweepPoint&, const Json& evaluated, double wall_s,
                  std::uint64_t peak_rss_bytes);

}  // namespace chasm
