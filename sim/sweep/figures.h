// The figures by which points of a sweep are judged: what a constraint or an objective may name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace chasm {

// "pes", "area_mm2", then every number in the totals of a result, inner ones with dots
// ("dram.read_bytes"), in its order.
const std::vector<std::string>& figure_names();
// The name as figure_names() has it: "power_w" is "average_power_w".
std::string canonical_figure(const std::string& name);
// Known before the simulation.
bool is_machine_figure(const std::string& name);
// More of it is better.
bool is_gain(const std::string& name);

// Of a row (evaluate_point.h); null, or none, where the row does not have it.
const Json* figure_number(const Json& row, const std::string& name);
std::optional<double> figure_of(const Json& row, const std::string& name);

}  // namespace chasm
