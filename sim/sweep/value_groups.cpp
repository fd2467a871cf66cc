// How much a parameter decides: points grouped by its value.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "sim/sweep/figures.h"
#include "sim/sweep/sweep_charts.h"

namespace chasm {
namespace {

constexpr std::size_t kMostValues = 12;  // more numbers than that are put into bins
constexpr std::size_t kBins = 8;

std::string short_number(double value) {
  return std::abs(value) >= 1000 && std::abs(value) < 1e9 ? fmt::format("{:.0f}", value)
                                                          : fmt::format("{:.4g}", value);
}

struct Valued {
  double value;
  std::size_t row;
};

// Bins of about equally many rows; equal values stay together.
std::vector<ValueGroup> binned(std::vector<Valued> all) {
  std::stable_sort(all.begin(), all.end(),
                   [](const Valued& a, const Valued& b) { return a.value < b.value; });
  std::vector<ValueGroup> groups;
  for (std::size_t begin = 0, bin = 1; begin < all.size(); ++bin) {
    std::size_t end = std::max(begin + 1, all.size() * bin / kBins);
    while (end < all.size() && all[end].value == all[end - 1].value) ++end;
    ValueGroup group;
    group.label = short_number(all[begin].value);
    if (all[end - 1].value != all[begin].value)
      group.label += ".." + short_number(all[end - 1].value);
    for (std::size_t i = begin; i < end; ++i) group.rows.push_back(all[i].row);
    groups.push_back(std::move(group));
    begin = end;
  }
  return groups;
}

}  // namespace

std::vector<ValueGroup> value_groups(const SweepResult& result, const SweepAxis& axis) {
  std::vector<ValueGroup> groups;
  std::vector<Valued> numbers;
  std::map<std::string, std::size_t> group_of;
  bool all_numbers = true;
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const Json& row = result.rows[i];
    if (row.at("status") != "ok") continue;
    const Json& parameters = row.at("parameters");
    const bool is_number = parameters.contains(axis.name) && parameters.at(axis.name).is_number();
    all_numbers = all_numbers && is_number;
    if (is_number) numbers.push_back({parameters.at(axis.name).get<double>(), i});
    const std::string label = value_text(parameters, axis.name);
    const auto [at, is_new] = group_of.try_emplace(label, groups.size());
    if (is_new) groups.push_back({label, {}});
    groups[at->second].rows.push_back(i);
  }
  if (!all_numbers) return groups;
  if (groups.size() > kMostValues) return binned(std::move(numbers));
  std::stable_sort(groups.begin(), groups.end(), [&](const ValueGroup& a, const ValueGroup& b) {
    const auto value = [&](const ValueGroup& g) {
      return result.rows[g.rows.front()].at("parameters").at(axis.name).get<double>();
    };
    return value(a) < value(b);
  });
  return groups;
}

std::optional<double> decided_share(const SweepResult& result, const SweepAxis& axis,
                                    const SweepObjective& objective) {
  double count = 0, sum = 0;
  const std::vector<ValueGroup> groups = value_groups(result, axis);
  const auto value_of = [&](std::size_t row) {
    return figure_of(result.rows[row], objective.figure).value_or(0);
  };
  for (const ValueGroup& group : groups)
    for (const std::size_t row : group.rows) count += 1, sum += value_of(row);
  const double mean = count > 0 ? sum / count : 0;
  double between = 0, total = 0;
  for (const ValueGroup& group : groups) {
    double group_sum = 0;
    for (const std::size_t row : group.rows) {
      group_sum += value_of(row);
      total += (value_of(row) - mean) * (value_of(row) - mean);
    }
    const auto n = static_cast<double>(group.rows.size());
    between += n * (group_sum / n - mean) * (group_sum / n - mean);
  }
  // Rounding errors of equal figures are no variance.
  if (!(total > 1e-24 * mean * mean * count)) return std::nullopt;
  return std::min(1.0, between / total);
}

}  // namespace chasm
