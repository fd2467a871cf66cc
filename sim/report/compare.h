// Two results side by side: totals, layers, what differs in their inputs, and limits on how much
// worse the second may be.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "sim/report/text_table.h"
#include "sim/run/run_result.h"

namespace chasm {

// B may be at most this share above A.
struct Limit {
  std::string metric;  // one of limit_metrics()
  double share = 0;
};

// Totals ("latency", "energy", ...), and "layer_..." for every single layer.
std::vector<std::string> limit_metrics();

// One line a limit that is exceeded, or that cannot be told because a layer has no partner.
std::vector<std::string> exceeded(const RunResult& a, const RunResult& b,
                                  const std::vector<Limit>&);

std::string render_comparison(const RunResult& a, const RunResult& b, const TextStyle&);

}  // namespace chasm
