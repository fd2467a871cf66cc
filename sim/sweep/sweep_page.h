// A sweep as one HTML file: the front, every parameter beside every objective, how much each
// parameter decides, and all points.
#pragma once

#include <string>

#include "sim/sweep/sweep_result.h"

namespace chasm {

std::string sweep_page(const SweepResult&);

}  // namespace chasm
