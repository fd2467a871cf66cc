// An explained mapping as text: the loop nest, tiles, words at every level, reuse.
#pragma once

#include <string>
#include <vector>

#include "models/program/program.h"
#include "mapper/cost_model.h"
#include "mapper/explain.h"
#include "sim/report/text_table.h"

namespace chasm {

// `chunk` says where the program runs: "CLP (7 x 15 PEs)".
std::string render_mapping(const Program&, const std::string& chunk, std::uint64_t pes,
                           const MappingExplanation&, const TextStyle&);

// Another mapping of the operation beside the chosen one, both as the cost model sees them.
struct RunnerUp {
  std::string loops;  // in one line
  Cost cost;
};
// Why each lost: what it takes more of. Those of equal figures are left out.
std::string render_runners_up(const Cost& chosen, const std::vector<RunnerUp>&, const TextStyle&);

}  // namespace chasm
