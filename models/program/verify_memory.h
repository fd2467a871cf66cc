// Whether programs find in DRAM what they read: every access lies inside its tensor, tensors that
// are needed at the same time lie apart, and every word was written before it is read. Tensors that
// no program writes (network inputs, parameters) are there from the start.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "models/program/program.h"

namespace chasm {

// Of programs in the order in which they run, placed in DRAM. Faults are reported at `file`, as
// invalid input; returns whether there was none.
bool verify_memory(const std::vector<const Program*>&, const std::string& file, Diagnostics&);

}  // namespace chasm
