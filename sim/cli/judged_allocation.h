// Which of several allocations of PEs is best once its mapping is searched and simulated: what the
// quick search expects of them need not come true.
#pragma once

#include <cstddef>
#include <vector>

#include "models/arch/arch_spec.h"
#include "sim/cli/inputs.h"
#include "sim/cli/map_options.h"

namespace chasm {

// The number of the machine that is best by the objective of the request: of one image, or, side by
// side, of a stream in its steady state. Of equal ones the first. Throws Error where none can be
// mapped.
std::size_t best_machine(const Inputs&, const std::vector<ArchSpec>& machines, const MapRequest&,
                         bool side_by_side);

}  // namespace chasm
