// Small networks of every type of layer, for a machine: only layers that one of its chunks can run.
#pragma once

#include "base/json.h"
#include "base/rng.h"
#include "models/arch/arch_spec.h"

namespace chasm {

// A workload document: one to five layers, in a chain or in branches that are joined again.
Json random_network(Rng&, const ArchSpec&);

}  // namespace chasm
