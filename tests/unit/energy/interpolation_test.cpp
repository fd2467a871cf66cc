#include "models/energy/interpolation.h"

#include <gtest/gtest.h>

namespace chasm {
namespace {

TEST(Curve, OnePointIsAConstant) {
  const Curve c{CurveLaw::power, {{128, 6}}};
  EXPECT_EQ(c.at(1), 6);
  EXPECT_EQ(c.at(1e6), 6);
}

TEST(Curve, HitsItsPointsExactly) {
  const std::vector<CurvePoint> points = {{1, 0.3}, {3, 0.7}, {10, 0.9}, {31, 2.7}};
  for (const CurveLaw law : {CurveLaw::linear, CurveLaw::square, CurveLaw::power})
    for (const CurvePoint& p : points) EXPECT_EQ((Curve{law, points}.at(p.x)), p.y);
}

TEST(Curve, FollowsItsLawBetweenAndBeyond) {
  const Curve line{CurveLaw::linear, {{1, 2}, {3, 6}, {4, 10}}};
  EXPECT_DOUBLE_EQ(line.at(2), 4);
  EXPECT_DOUBLE_EQ(line.at(0.5), 1);
  EXPECT_DOUBLE_EQ(line.at(5), 14);
  const Curve square{CurveLaw::square, {{0, 0}, {2, 12}}};
  EXPECT_DOUBLE_EQ(square.at(1), 3);
  EXPECT_DOUBLE_EQ(square.at(4), 48);
  const Curve power{CurveLaw::power, {{1, 5}, {4, 10}}};
  EXPECT_NEAR(power.at(2), 5 * 1.4142135623730951, 1e-12);
  EXPECT_NEAR(power.at(16), 20, 1e-12);
  EXPECT_NEAR(power.at(0.25), 2.5, 1e-12);
}

TEST(Curve, IsNeverNegative) {
  const Curve c{CurveLaw::linear, {{10, 1}, {20, 11}}};
  EXPECT_EQ(c.at(0), 0);
}

}  // namespace
}  // namespace chasm
