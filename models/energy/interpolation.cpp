#include "models/energy/interpolation.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace chasm {

double Curve::at(double x) const {
  CHECK(!points.empty(), "a curve without points");
  if (points.size() == 1) return points.front().y;
  const auto right = std::find_if(points.begin() + 1, points.end() - 1,
                                  [&](const CurvePoint& p) { return p.x >= x; });
  const CurvePoint& b = *right;
  const CurvePoint& a = *(right - 1);
  if (x == a.x) return a.y;
  if (x == b.x) return b.y;
  const auto fx = [&](double v) {
    return law == CurveLaw::power ? std::log(v) : law == CurveLaw::square ? v * v : v;
  };
  const double t = (fx(x) - fx(a.x)) / (fx(b.x) - fx(a.x));
  if (law == CurveLaw::power) return a.y * std::pow(b.y / a.y, t);
  return std::max(0.0, a.y + t * (b.y - a.y));
}

}  // namespace chasm
