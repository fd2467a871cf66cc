// Shipped architectures and networks by name, for tests: one that does not load is a bug.
#pragma once

#include <string>
#include <vector>

#include "workloads/network.h"
#include "models/arch/arch_spec.h"

namespace chasm {

ArchSpec shipped_arch(const std::string& name, const std::vector<Override>& overrides = {});
Network shipped_network(const std::string& name);

}  // namespace chasm
