// The points of a sweep: which values each has. The same file gives the same points on any machine.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/sweep/sweep_spec.h"

namespace chasm {

inline constexpr std::size_t kMostPoints = 100'000;

struct SweepPoint {
  std::size_t index = 0;
  Json parameters = Json::object();  // by the names of the axes; of a list only what it sets
};

// How many the file asks for; a double, since a grid may have more than can be counted.
double point_count(const SweepSpec&);

// Of a sweep that was read without problems. Draws that give a point again, as they do where axes
// have few values, give it once: there may be less of them than were asked for.
std::vector<SweepPoint> sweep_points(const SweepSpec&);

}  // namespace chasm
