// What a schema cannot say about an architecture.
#pragma once

#include <string>

#include "base/diagnostic.h"
#include "models/arch/arch_spec.h"

namespace chasm {

// Every contradiction becomes a diagnostic that names both places. Returns whether there was none.
bool check_arch(const ArchSpec&, const std::string& file, Diagnostics&);

}  // namespace chasm
