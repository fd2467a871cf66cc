// What both machines report of a layer, as text to compare.
#pragma once

#include <string>

#include "tests/support/oracle/oracle.h"

namespace chasm {

// Everything that has to agree, one item a line.
std::string sheet(std::uint32_t chunk, const OracleLayer&);

// The lines that differ, side by side.
std::string differences(const std::string& model, const std::string& reference);

}  // namespace chasm
