// What a network asks of the mapper: each different operation on its chunk once, however often it
// occurs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/network.h"
#include "workloads/quantization.h"
#include "models/arch/arch_spec.h"
#include "models/program/program.h"

namespace chasm {

struct MapJob {
  // The operation as the chunk sees it, its widths, layouts and what bypasses the buffer. Without
  // loops.
  Program prototype;
  std::uint32_t chunk = 0;
  std::vector<std::string> names;  // of the operations that are equal to it, in execution order
};

// In order of first occurrence. `chunks`: that of every layer (mapper/assign.h).
std::vector<MapJob> map_jobs(const ArchSpec&, const Network&,
                             const std::vector<std::uint32_t>& chunks);

// All that the mapping of a job depends on, as text: equal texts have equal mappings. Names and
// addresses are left out; of the machine there are the chunk, buffer, DRAM, clock and energy table.
std::string job_key(const MapJob&, const ArchSpec&);

}  // namespace chasm
