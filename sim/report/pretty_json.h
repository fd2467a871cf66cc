// JSON as people read it: whatever fits a line stays on one line.
#pragma once

#include <string>

#include "base/json.h"

namespace chasm {

// Keys keep their order; numbers are the shortest that read back exactly; ends with a newline.
std::string pretty_json(const Json&, std::size_t width = 100);

}  // namespace chasm
