// The scalar rules at their edges.
#include "workloads/arithmetic.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "tests/unit/workloads/test_network.h"

namespace chasm {
namespace {

TEST(RoundHalfEven, RoundsTiesToEvenOnBothSidesOfZero) {
  const std::vector<std::pair<std::int64_t, std::int64_t>> halves = {
      {-7, -4}, {-6, -3}, {-5, -2}, {-4, -2}, {-3, -2}, {-2, -1}, {-1, 0}, {0, 0},
      {1, 0},   {2, 1},   {3, 2},   {4, 2},   {5, 2},   {6, 3},   {7, 4}};
  for (const auto& [v, rounded] : halves) {
    EXPECT_EQ(round_half_even(v, 1), rounded) << v << " / 2";
    EXPECT_EQ(divide_half_even(v, 2), rounded) << v << " / 2";
  }
  EXPECT_EQ(round_half_even(-9, 2), -2);   // -2.25
  EXPECT_EQ(round_half_even(-10, 2), -2);  // -2.5
  EXPECT_EQ(round_half_even(-11, 2), -3);  // -2.75
  EXPECT_EQ(round_half_even(-14, 2), -4);  // -3.5
}

TEST(RoundHalfEven, ShiftsLeftForNegativeCounts) {
  EXPECT_EQ(round_half_even(-3, 0), -3);
  EXPECT_EQ(round_half_even(-3, -4), -48);
}

TEST(RoundHalfEven, AgreesWithDivisionByPowersOfTwo) {
  Rng rng(1);
  for (int i = 0; i < 20000; ++i) {
    const int n = static_cast<int>(rng.below(62)) + 1;
    const auto v = static_cast<std::int64_t>(rng.next()) >> rng.below(60);
    ASSERT_EQ(round_half_even(v, n), divide_half_even(v, std::int64_t{1} << n))
        << v << " / 2^" << n;
  }
}

TEST(DivideHalfEven, AgreesWithExactFractions) {
  for (std::int64_t d = 1; d <= 9; ++d)
    for (std::int64_t n = -40; n <= 40; ++n) {
      const auto expected = static_cast<std::int64_t>(
          std::nearbyint(static_cast<double>(n) / static_cast<double>(d)));
      EXPECT_EQ(divide_half_even(n, d), expected) << n << " / " << d;
    }
}

TEST(Saturate, ClampsToTheSignedRange) {
  EXPECT_EQ(saturate(127, 8), 127);
  EXPECT_EQ(saturate(128, 8), 127);
  EXPECT_EQ(saturate(-128, 8), -128);
  EXPECT_EQ(saturate(-129, 8), -128);
  EXPECT_EQ(saturate(std::numeric_limits<std::int64_t>::min(), 16), -32768);
  EXPECT_EQ(saturate(5, 2), 1);
}

TEST(Wrap, KeepsTheLowBits) {
  EXPECT_EQ(wrap(32767, 16), 32767);
  EXPECT_EQ(wrap(32768, 16), -32768);
  EXPECT_EQ(wrap(-32769, 16), 32767);
  EXPECT_EQ(wrap(65536 * 3 + 5, 16), 5);
  EXPECT_EQ(wrap(-1, 4), -1);
}

TEST(IntegerSqrt, IsExactAroundSquares) {
  EXPECT_EQ(integer_sqrt(0), 0);
  for (const std::int64_t r :
       {1LL, 2LL, 3LL, 65535LL, 94906265LL, 94906267LL, 2147483647LL, 3037000499LL}) {
    EXPECT_EQ(integer_sqrt(r * r), r);
    EXPECT_EQ(integer_sqrt(r * r - 1), r - 1);
    const bool next_fits = r < 3037000499LL;
    EXPECT_EQ(integer_sqrt(next_fits ? r * r + 2 * r : r * r), r);
  }
  EXPECT_EQ(integer_sqrt(std::numeric_limits<std::int64_t>::max()), 3037000499LL);
}

TEST(Accumulate, FollowsTheThreeArithmetics) {
  EXPECT_EQ(multiply_accumulate(10, -3, 7), -11);
  EXPECT_EQ(shift_accumulate(10, -3, 4), -2);   // -3 << 2
  EXPECT_EQ(shift_accumulate(10, -3, -4), 22);  // -(-3 << 2)
  EXPECT_EQ(shift_accumulate(10, -3, 1), 7);
  EXPECT_EQ(shift_accumulate(10, -3, 0), 10);
  EXPECT_EQ(adder_accumulate(10, -3, 7), 0);
  EXPECT_EQ(adder_accumulate(10, 7, -3), 0);
  EXPECT_EQ(adder_accumulate(0, 0, -5), -5);  // padding
}

TEST(InputConversionTest, NarrowsWithRoundingAndSaturation) {
  const InputConversion convert({8, 6, 2, 0});
  EXPECT_EQ(convert(127), 31);  // 31.75 would round to 32
  EXPECT_EQ(convert(-128), -32);
  EXPECT_EQ(convert(6), 2);   // 1.5
  EXPECT_EQ(convert(10), 2);  // 2.5
  EXPECT_EQ(convert(-6), -2);
  const InputConversion aligned({6, 6, 0, 2});
  EXPECT_EQ(aligned(-3), -12);
}

TEST(ShiftExponents, FollowTheWidth) {
  EXPECT_EQ(max_shift_exponent(2), 0U);
  EXPECT_EQ(max_shift_exponent(3), 1U);
  EXPECT_EQ(max_shift_exponent(4), 3U);
  EXPECT_EQ(max_shift_exponent(6), 15U);
  EXPECT_EQ(max_shift_exponent(7), 22U);
  EXPECT_EQ(max_shift_exponent(16), 22U);
}

TEST(Levels, AreRoundedLogarithms) {
  EXPECT_EQ(log2_eighths(1), 0);
  EXPECT_EQ(log2_eighths(3), 13);
  EXPECT_EQ(log2_eighths(std::uint64_t{1} << 60), 480);
  for (std::uint64_t n = 1; n < 5000; ++n)
    EXPECT_EQ(log2_eighths(n), static_cast<int>(std::lround(8 * std::log2(static_cast<double>(n)))))
        << n;
}

// The stage of a 1x1 convolution with the given activation, 8-bit output and shift 3.
class Stage {
 public:
  explicit Stage(const std::string& activation, LayerParameters parameters = {}, int shift = 3) {
    network_ = one_layer(
        R"([{"name": "a", "shape": [1, 1, 1]}])",
        R"("type": "conv2d", "arithmetic": "multiply", "inputs": ["a"], "out_channels": 2, "kernel": [1, 1],
                            "activation": ")" +
            activation + "\"");
    LayerQuantization q = plan_quantization(network_, {LayerWidths{}}).layers[0];
    q.shift = shift;
    stage_.emplace(network_.layers[0], q, parameters);
  }
  std::int32_t operator()(std::int64_t psum, std::size_t channel = 0) {
    return (*stage_)(psum, channel, overflows);
  }
  std::uint64_t overflows = 0;

 private:
  Network network_;
  std::optional<OutputStage> stage_;
};

TEST(OutputStageTest, RoundsAndSaturates) {
  Stage stage("none");
  EXPECT_EQ(stage(12), 2);  // 1.5
  EXPECT_EQ(stage(20), 2);  // 2.5
  EXPECT_EQ(stage(-12), -2);
  EXPECT_EQ(stage(-20), -2);
  EXPECT_EQ(stage(1019), 127);  // 127.4
  EXPECT_EQ(stage(1020), 127);  // 127.5 would be 128
  EXPECT_EQ(stage(-30000), -128);
  EXPECT_EQ(stage.overflows, 0U);
}

TEST(OutputStageTest, WrapsAndCountsPsumOverflow) {
  Stage stage("none");
  EXPECT_EQ(stage(32767), 127);
  EXPECT_EQ(stage.overflows, 0U);
  EXPECT_EQ(stage(32768), -128);  // wraps to -32768
  EXPECT_EQ(stage(65536 + 16), 2);
  EXPECT_EQ(stage(-32769), 127);
  EXPECT_EQ(stage.overflows, 3U);
}

TEST(OutputStageTest, RectifiesBeforeRounding) {
  Stage relu("relu");
  EXPECT_EQ(relu(-1000), 0);
  EXPECT_EQ(relu(12), 2);
  Stage relu6("relu6");  // 6 * 2^4 * 2^3 = 768, which is 96
  EXPECT_EQ(relu6(767), 96);
  EXPECT_EQ(relu6(768), 96);
  EXPECT_EQ(relu6(5000), 96);
  EXPECT_EQ(relu6(763), 95);
  EXPECT_EQ(relu6(-1), 0);
}

TEST(OutputStageTest, AppliesScaleAndBiasPerChannel) {
  LayerParameters parameters;
  parameters.scale = {64, -32};
  parameters.bias = {0, 64};
  Stage stage("none", parameters, 6);
  EXPECT_EQ(stage(5, 0), 5);
  EXPECT_EQ(stage(5, 1), -2);  // (5 * -32 + 64) / 64 = -1.5
}

TEST(OutputStageTest, LooksUpTables) {
  Stage sigmoid("sigmoid"), silu("silu"), gelu("gelu");
  EXPECT_EQ(sigmoid(0), 8);         // 0.5 with 4 fractional bits
  EXPECT_EQ(sigmoid(127 * 8), 16);  // 1
  EXPECT_EQ(sigmoid(-128 * 8), 0);
  EXPECT_EQ(silu(-128 * 8), 0);
  EXPECT_EQ(silu(16 * 8), 12);   // 0.7311
  EXPECT_EQ(gelu(16 * 8), 13);   // 0.8413
  EXPECT_EQ(gelu(-16 * 8), -3);  // -0.1587
}

// No entry is so near to a tie that another machine's exp or erf could round it differently.
TEST(Tables, AreFarFromTies) {
  const auto far = [](double v) { return std::abs(v - std::floor(v) - 0.5) > 1e-9; };
  const auto exact = [](double v) { return v == std::floor(v); };
  for (std::uint32_t bits = 2; bits <= 16; ++bits) {
    const double unit = std::ldexp(1.0, -fraction_bits(bits));
    for (std::int64_t v = 0; v < (std::int64_t{1} << bits); ++v)
      ASSERT_TRUE(far(32768 * std::exp(-static_cast<double>(v) * unit))) << bits << " " << v;
    const std::int64_t half = std::int64_t{1} << (bits - 1);
    for (std::int64_t v = -half; v < half; ++v) {
      const double x = static_cast<double>(v) * unit, sigmoid = 1 / (1 + std::exp(-x));
      const bool tie_by_symmetry = v == 0;  // sigmoid(0) = 1/2 exactly
      ASSERT_TRUE(tie_by_symmetry || far(sigmoid / unit)) << bits << " " << v;
      ASSERT_TRUE(exact(x) || far(x * sigmoid / unit)) << bits << " " << v;
      ASSERT_TRUE(exact(x) || far(0.5 * x * (1 + std::erf(x / std::sqrt(2.0))) / unit))
          << bits << " " << v;
    }
  }
}

}  // namespace
}  // namespace chasm
