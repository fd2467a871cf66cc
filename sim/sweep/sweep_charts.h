// The drawings of a sweep's page, each as HTML for wide and narrow pages. Empty where there is
// nothing to draw.
#pragma once

#include <string>

#include "sim/sweep/sweep_result.h"

namespace chasm {

// The first two objectives against each other; a third one is the size of the dots.
std::string front_chart(const SweepResult&);
// A line a point across an axis a parameter and objective.
std::string parallel_chart(const SweepResult&);
// For a parameter: mean and range of every objective by its value.
std::string effect_chart(const SweepResult&, const SweepAxis&);

// The rows of a parameter's value, or of a part of its range where it has many.
struct ValueGroup {
  std::string label;
  std::vector<std::size_t> rows;  // positions, status ok
};
std::vector<ValueGroup> value_groups(const SweepResult&, const SweepAxis&);
// The share of an objective's variance that lies between the groups of a parameter (the correlation
// ratio, eta squared); none where nothing varies.
std::optional<double> decided_share(const SweepResult&, const SweepAxis&, const SweepObjective&);

}  // namespace chasm
