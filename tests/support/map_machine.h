// Random operations on random chunks for tests of the mapper, with tight register files and buffer.
#pragma once

#include "base/rng.h"
#include "models/arch/arch_spec.h"
#include "models/program/program.h"
#include "models/program/verify.h"

namespace chasm {

struct MapMachine {
  ChunkSpec chunk;
  ProgramLimits limits;
  Program prototype;
};
// `most_iterations`: of the operation.
MapMachine random_map_machine(Rng&, std::uint64_t most_iterations);

}  // namespace chasm
