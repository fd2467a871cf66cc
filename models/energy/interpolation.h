// Values between (and beyond) characterised points.
#pragma once

#include <vector>

namespace chasm {

struct CurvePoint {
  double x = 0, y = 0;
};

// The law that holds between two neighbouring points; the outermost pair also holds beyond them.
enum class CurveLaw {
  linear,  // y = a + b x
  square,  // y = a + b x^2
  power,   // y = a x^b
};

struct Curve {
  CurveLaw law = CurveLaw::linear;
  std::vector<CurvePoint> points;  // x ascending, at least one; a single point is a constant

  // Exactly y at a point. Never negative.
  double at(double x) const;
};

}  // namespace chasm
