// The quick mapper: every layer to a chunk by its arithmetic, every operation to the best mapping
// of a limited search.
#pragma once

#include <optional>

#include "base/diagnostic.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/mapping.h"
#include "mapper/operation_search.h"

namespace chasm {

struct MapOptions {
  Objective objective = Objective::edp;
  // Chunks run side by side: each gets an equal share of the global buffer, so that all can, except
  // for operations that fit only the whole of it.
  bool side_by_side = false;
};

// A legal mapping of the whole network. Layers that no chunk runs, or that do not fit even with the
// smallest tiles, are infeasible: the diagnostics name what is lacking.
std::optional<Mapping> map_network(const ArchSpec&, const Network&, const MapOptions&,
                                   Diagnostics&);

}  // namespace chasm
