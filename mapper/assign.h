// Which chunk runs which layer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/diagnostic.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"

namespace chasm {

// The chunk of every layer: one of its arithmetic; of several, the one that so far has the least
// operations a PE (layers without MACs count their outputs, reconfigurable PEs so many operations
// as one), ties by index. A layer that no chunk runs is infeasible.
std::optional<std::vector<std::uint32_t>> assign_chunks(const ArchSpec&, const Network&,
                                                        Diagnostics&);

}  // namespace chasm
