// The reference machine of the timing contract (docs/microarchitecture.md): every PE and every word
// is an explicit member of a set, and every cycle is stepped. It was written from the document
// alone and shares nothing with the modelled hardware but the plain structs of programs and
// architectures. Obvious before fast: for tiny sizes only.
#pragma once

#include <cstdint>
#include <vector>

#include "models/arch/arch_spec.h"
#include "models/energy/activity.h"
#include "models/program/program.h"
#include "traces/cause.h"
#include "tests/support/oracle/readings.h"

namespace chasm {

struct OracleJob {
  std::uint32_t chunk;
  Program program;
  std::uint64_t start_cycle;  // t0 of the document: configuration begins here
};

struct OracleLayer {
  std::uint64_t start, end;  // cycles
  Activity activity;
  CyclesByCause causes;  // adds up to end - start
  std::uint64_t steps;
};

// One job a chunk; jobs may overlap in time and then contend for buffer ports and DRAM.
std::vector<OracleLayer> run_oracle(const ArchSpec&, const std::vector<OracleJob>&,
                                    const Readings& = {});

}  // namespace chasm
