// Random memories and chunks. The sizes of arrays and register files follow from the program.
#pragma once

#include "base/rng.h"
#include "models/arch/arch_spec.h"
#include "models/program/program.h"

namespace chasm::oracle {

void random_memory(Rng&, ArchSpec&);
ChunkSpec random_chunk(Rng&, const Operation&);
// The array and the register files are as large as the program needs, or a little larger.
void fit(ChunkSpec&, const Program&, Rng&);

}  // namespace chasm::oracle
