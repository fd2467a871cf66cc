// An explained mapping as text: the loop nest, tiles, words at every level, reuse, and which part
// of the machine is busiest.
#pragma once

#include <string>

#include "models/program/program.h"
#include "mapper/explain.h"
#include "sim/report/text_table.h"

namespace chasm {

// `chunk` says where the program runs: "CLP (7 x 15 PEs)".
std::string render_mapping(const Program&, const std::string& chunk, std::uint64_t pes,
                           const MappingExplanation&, const TextStyle&);

}  // namespace chasm
