// The figures of a run's page: over time, against the roofline, and by what cycles and energy went
// into. All HTML.
#pragma once

#include <string>

#include "sim/run/run_result.h"

namespace chasm {

// The colour of a chunk in every figure.
std::string chunk_class(std::size_t chunk);

std::string timeline_chart(const RunResult&);
std::string roofline_chart(const RunResult&);

std::string chunk_cycles_chart(const RunResult&);
std::string layer_cycles_chart(const RunResult&);
std::string engine_chart(const RunResult&);
std::string component_energy_chart(const RunResult&);
std::string layer_energy_chart(const RunResult&);
std::string dram_bus_chart(const RunResult&);  // of a DRAM with banks

}  // namespace chasm
