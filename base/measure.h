// Quantities with units as users write them in JSON: "64 KiB", "250 MHz", "25.6 B/cycle".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace chasm {

// The number, in `unit` ("bytes", "MHz", "bytes per core cycle"), that the text stands for: an
// integer where it is whole and below 2^53, else a double. A blank before the unit may be missing.
// None where the text is no number with a unit of that kind.
std::optional<Json> parse_measure(std::string_view text, std::string_view unit);

// What may stand behind a number that is counted in `unit`, smallest first: "B", "kB", "KiB", ...
// of "bytes". Empty where quantities of that unit are plain numbers.
std::vector<std::string> measure_units(std::string_view unit);

}  // namespace chasm
