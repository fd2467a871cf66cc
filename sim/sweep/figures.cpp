#include "sim/sweep/figures.h"

#include <algorithm>

#include "sim/report/result_json.h"

namespace chasm {
namespace {

void collect(const Json& object, const std::string& prefix, std::vector<std::string>& names) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object())
      collect(value, prefix + key + ".", names);
    else if (key != "area_mm2" && key != "data_bus_cycles")
      names.push_back(prefix + key);
  }
}

const Json* find_dotted(const Json& object, const std::string& name) {
  const Json* at = &object;
  for (std::size_t begin = 0;;) {
    const std::size_t dot = name.find('.', begin);
    if (!at->is_object()) return nullptr;
    const auto found = at->find(name.substr(begin, dot - begin));
    if (found == at->end()) return nullptr;
    at = &*found;
    if (dot == std::string::npos) return at;
    begin = dot + 1;
  }
}

}  // namespace

const std::vector<std::string>& figure_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = {"pes", "area_mm2"};
    collect(totals_json(RunResult{}), "", all);
    return all;
  }();
  return names;
}

std::string canonical_figure(const std::string& name) {
  return name == "power_w" ? "average_power_w" : name;
}

bool is_machine_figure(const std::string& name) { return name == "pes" || name == "area_mm2"; }

bool is_gain(const std::string& name) {
  return name == "images_per_s" || name == "steady_images_per_s" || name == "pe_utilization" ||
         name == "dram.row_hit_rate";
}

const Json* figure_number(const Json& row, const std::string& name) {
  const auto totals = row.find("totals");
  const Json* value = nullptr;
  if (is_machine_figure(name))
    value = find_dotted(row, name);
  else if (totals != row.end())
    value = find_dotted(*totals, name);
  return value == nullptr || !value->is_number() ? nullptr : value;
}

std::optional<double> figure_of(const Json& row, const std::string& name) {
  const Json* value = figure_number(row, name);
  return value == nullptr ? std::nullopt : std::optional(value->get<double>());
}

}  // namespace chasm
