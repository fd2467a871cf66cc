// What a DRAM configuration must satisfy beyond its schema.
#pragma once

#include <string>

#include "models/memory/dram/dram_config.h"

namespace chasm {

// Sizes that fit together, constraints that can hold, a mapping that covers every bit once. Returns
// whether there was nothing to report.
bool check_dram(const DramConfig&, const std::string& file, Diagnostics&);

}  // namespace chasm
