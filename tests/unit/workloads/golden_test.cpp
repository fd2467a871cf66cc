// Golden layers against cases worked out by hand. Widths are 8 bits throughout unless said: values
// have four fractional bits.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "workloads/arithmetic.h"
#include "tests/unit/workloads/test_network.h"

namespace chasm {
namespace {

constexpr LayerWidths kBytes{8, 8, 16, 8};

std::string input(const std::string& shape) { return R"([{"name": "a", "shape": )" + shape + "}]"; }
std::string inputs(const std::string& a, const std::string& b) {
  return R"([{"name": "a", "shape": )" + a + R"(}, {"name": "b", "shape": )" + b + "}]";
}

LayerParameters weights(std::vector<std::int32_t> w) {
  LayerParameters parameters;
  parameters.weights = std::move(w);
  return parameters;
}

TEST(GoldenConvolution, MultipliesWithStridePaddingAndBias) {
  // 1 2 3      kernel 1 -1    stride 2, padding 1: windows at rows -1, 1 and columns -1, 1
  // 4 5 6             2  0
  // 7 8 9
  const Network net =
      one_layer(input("[1, 3, 3]"), R"("type": "conv2d", "arithmetic": "multiply", "inputs": ["a"],
      "out_channels": 1, "kernel": [2, 2], "stride": [2, 2], "padding": [1, 1], "bias": true)");
  LayerParameters parameters = weights({1, -1, 2, 0});
  parameters.bias = {10};
  const Tensor x = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  // Top left only x(0,0) under the 0; top right 2 * x(0,1) = 4; bottom left -x(1,0) = -4; bottom
  // right 5 - 6 + 2 * 8 = 15; and 10 more.
  EXPECT_EQ(evaluate(net, kBytes, parameters, {x}, 0).output, (Tensor{10, 14, 6, 25}));
  EXPECT_EQ(evaluate(net, kBytes, parameters, {x}, 1).output,
            (Tensor{5, 7, 3, 12}));  // 12.5 to even
}

TEST(GoldenConvolution, ShiftsByPowersOfTwo) {
  const Network net =
      one_layer(input("[2, 1, 2]"), R"("type": "conv2d", "arithmetic": "shift", "inputs": ["a"],
      "out_channels": 2, "kernel": [1, 1])");
  const Tensor x = {3, -5, 7, 11};
  // channel 0: 4 x0 - x1; channel 1: 0 x0 - 8 x1
  EXPECT_EQ(evaluate(net, kBytes, weights({4, -1, 0, -8}), {x}, 0).output,
            (Tensor{5, -31, -56, -88}));
}

TEST(GoldenConvolution, AddsNegatedDistancesAndCountsPadding) {
  const Network net =
      one_layer(input("[1, 1, 2]"), R"("type": "conv2d", "arithmetic": "adder", "inputs": ["a"],
      "out_channels": 1, "kernel": [1, 2], "padding": [0, 1])");
  // windows (0, 3) (3, -2) (-2, 0) against (5, -4): -(5 + 7), -(2 + 2), -(7 + 4)
  EXPECT_EQ(evaluate(net, kBytes, weights({5, -4}), {{3, -2}}, 0).output, (Tensor{-12, -4, -11}));
}

TEST(GoldenConvolution, KeepsGroupsApart) {
  const Network net =
      one_layer(input("[4, 1, 1]"), R"("type": "conv2d", "arithmetic": "multiply", "inputs": ["a"],
      "out_channels": 2, "kernel": [1, 1], "groups": 2)");
  EXPECT_EQ(evaluate(net, kBytes, weights({1, 2, 3, 4}), {{1, 10, 2, 20}}, 0).output,
            (Tensor{21, 86}));
}

TEST(GoldenConvolution, DilatesTheKernel) {
  const Network net =
      one_layer(input("[1, 1, 5]"), R"("type": "conv2d", "arithmetic": "multiply", "inputs": ["a"],
      "out_channels": 1, "kernel": [1, 2], "dilation": [1, 3])");
  EXPECT_EQ(evaluate(net, kBytes, weights({1, 10}), {{1, 2, 3, 4, 5}}, 0).output, (Tensor{41, 52}));
}

TEST(GoldenConvolution, ScalesAndBiasesAShiftLayersBatchNorm) {
  const Network net =
      one_layer(input("[1, 1, 2]"), R"("type": "conv2d", "arithmetic": "shift", "inputs": ["a"],
      "out_channels": 1, "kernel": [1, 1], "batch_norm": true, "activation": "relu")");
  LayerParameters parameters = weights({2});
  parameters.scale = {96};  // 1.5
  parameters.bias = {-64};  // -1
  EXPECT_EQ(plan_quantization(net, {kBytes}).layers[0].scale_fraction_bits, 6U);
  EXPECT_EQ(evaluate(net, kBytes, parameters, {{10, -10}}, 6).output, (Tensor{29, 0}));
}

TEST(GoldenConvolution, CountsOverflowsOfThePsumWidth) {
  const Network net =
      one_layer(input("[1, 1, 2]"), R"("type": "conv2d", "arithmetic": "multiply", "inputs": ["a"],
      "out_channels": 1, "kernel": [1, 1])");
  const GoldenOutput result = evaluate(net, {8, 8, 8, 8}, weights({3}), {{50, 40}}, 0);
  EXPECT_EQ(result.output, (Tensor{-106, 120}));  // 150 - 256
  EXPECT_EQ(result.overflows, 1U);
}

TEST(GoldenConvolution, NarrowsWiderInputs) {
  const Network net =
      network_of(R"({"name": "n", "inputs": [{"name": "a", "shape": [1, 1, 3]}], "layers": [
      {"name": "wide", "type": "concat", "inputs": ["a"], "axis": "channels"},
      {"name": "c", "type": "conv2d", "arithmetic": "multiply", "inputs": ["wide"], "out_channels": 1, "kernel": [1, 1]}]})");
  QuantizationPlan plan = plan_quantization(net, {kBytes, {6, 6, 16, 6}});
  EXPECT_EQ(plan.tensor_bits, (std::vector<std::uint32_t>{8, 8, 6}));
  plan.layers[1].shift = 0;
  const Tensor stored = {6, 127, -10};  // 1.5, 31.75, -2.5 in 6 bits
  EXPECT_EQ(golden_layer(net, plan, 1, weights({1}), {&stored}).output, (Tensor{2, 31, -2}));
}

TEST(GoldenLinear, RunsAtEveryPositionOrFlattened) {
  const std::string layer =
      R"("type": "linear", "arithmetic": "multiply", "inputs": ["a"], "out_features": 1, )";
  const Tensor x = {1, 2, 3, 4};  // two channels, two positions
  const Network everywhere = one_layer(input("[2, 2, 1]"), layer + R"("in_features": 2)");
  EXPECT_EQ(evaluate(everywhere, kBytes, weights({1, 10}), {x}, 0).output, (Tensor{31, 42}));
  const Network flat = one_layer(input("[2, 2, 1]"), layer + R"("in_features": 4)");
  EXPECT_EQ(evaluate(flat, kBytes, weights({1, -2, 10, -20}), {x}, 0).output,
            (Tensor{1 - 4 + 30 - 80}));
}

TEST(GoldenMatmul, ScoresTwoHeads) {
  // D = 2, one channel a head; Ta = 2, Tb = 3
  const Network net =
      one_layer(inputs("[2, 2, 1]", "[2, 3, 1]"), R"("type": "matmul", "arithmetic": "multiply",
      "inputs": ["a", "b"], "heads": 2, "transpose_b": true)");
  EXPECT_EQ(evaluate(net, kBytes, {}, {{1, 2, 3, 4}, {1, 2, 3, 5, 6, 7}}, 0).output,
            (Tensor{1, 2, 3, 2, 4, 6, 15, 18, 21, 20, 24, 28}));
  const Network one_head =
      one_layer(inputs("[2, 2, 1]", "[2, 3, 1]"), R"("type": "matmul", "arithmetic": "adder",
      "inputs": ["a", "b"], "transpose_b": true)");
  EXPECT_EQ(evaluate(one_head, kBytes, {}, {{1, 2, 3, 4}, {1, 2, 3, 5, 6, 7}}, 0).output,
            (Tensor{-2, -4, -6, -2, -2, -4}));
}

TEST(GoldenMatmul, WeighsValues) {
  // heads 1, Ta = 2, Tb = 3, D = 2
  const Network net =
      one_layer(inputs("[1, 2, 3]", "[2, 3, 1]"), R"("type": "matmul", "arithmetic": "multiply",
      "inputs": ["a", "b"], "transpose_b": false)");
  EXPECT_EQ(net.layers[0].out_shape, (Shape{2, 2, 1}));
  EXPECT_EQ(evaluate(net, kBytes, {}, {{1, 0, 2, 0, 1, 0}, {1, 2, 3, 10, 20, 30}}, 0).output,
            (Tensor{7, 2, 70, 20}));
}

TEST(GoldenAdd, AlignsWidths) {
  const Network net =
      network_of(R"({"name": "n", "inputs": [{"name": "a", "shape": [1, 1, 3]}], "layers": [
      {"name": "six", "type": "concat", "inputs": ["a"], "axis": "channels"},
      {"name": "eight", "type": "concat", "inputs": ["a"], "axis": "channels"},
      {"name": "sum", "type": "add", "inputs": ["six", "eight"]}]})");
  const QuantizationPlan plan = plan_quantization(net, {{8, 8, 16, 6}, kBytes, kBytes});
  const Tensor six = {5, -7, 31}, eight = {1, 3, 100};
  EXPECT_EQ(golden_layer(net, plan, 2, {}, {&six, &eight}).output, (Tensor{21, -25, 127}));
}

TEST(GoldenScale, MultipliesChannelsInRealTerms) {
  const Network net =
      one_layer(inputs("[2, 1, 2]", "[2, 1, 1]"), R"("type": "scale", "inputs": ["a", "b"])");
  // b is 1.0 and 0.5: 16 and 8 sixteenths
  EXPECT_EQ(evaluate(net, kBytes, {}, {{100, -100, 5, 7}, {16, 8}}).output,
            (Tensor{100, -100, 2, 4}));
}

TEST(GoldenConcat, JoinsChannelsAndTokens) {
  const std::string both = inputs("[2, 2, 1]", "[2, 1, 1]");
  const Network tokens =
      one_layer(both, R"("type": "concat", "inputs": ["a", "b", "a"], "axis": "tokens")");
  EXPECT_EQ(evaluate(tokens, kBytes, {}, {{1, 2, 3, 4}, {5, 6}, {1, 2, 3, 4}}).output,
            (Tensor{1, 2, 5, 1, 2, 3, 4, 6, 3, 4}));
  const Network channels =
      one_layer(inputs("[1, 2, 1]", "[2, 2, 1]"), R"("type": "concat", "inputs": ["a", "b"],
      "axis": "channels")");
  EXPECT_EQ(evaluate(channels, kBytes, {}, {{1, 2}, {3, 4, 5, 6}}).output,
            (Tensor{1, 2, 3, 4, 5, 6}));
}

TEST(GoldenPool, IgnoresPaddingInTheMaximumAndCountsItInTheAverage) {
  const std::string window =
      R"("inputs": ["a"], "kernel": [2, 2], "stride": [2, 2], "padding": [1, 1])";
  const Tensor x = {-1, -2, -3, -4};
  const Network maximum = one_layer(input("[1, 2, 2]"), R"("type": "max_pool2d", )" + window);
  EXPECT_EQ(evaluate(maximum, kBytes, {}, {x}).output, (Tensor{-1, -2, -3, -4}));
  const Network average = one_layer(input("[1, 2, 2]"), R"("type": "avg_pool2d", )" + window);
  EXPECT_EQ(evaluate(average, kBytes, {}, {x}).output,
            (Tensor{0, 0, -1, -1}));  // -1/4, -2/4 (to even), -3/4, -1
}

TEST(GoldenPool, AveragesOnceWithTheChangeOfWidth) {
  const Network net =
      one_layer(input("[1, 1, 3]"), R"("type": "global_avg_pool", "inputs": ["a"])");
  EXPECT_EQ(evaluate(net, kBytes, {}, {{1, 1, 3}}).output, (Tensor{2}));  // 5 / 3
  EXPECT_EQ(evaluate(net, {8, 8, 16, 6}, {}, {{10, 10, 10}}).output,
            (Tensor{2}));  // 10 / 4 = 2.5, to even
  EXPECT_EQ(evaluate(net, {8, 8, 16, 12}, {}, {{1, 1, 3}}).output,
            (Tensor{27}));  // 16 * 5 / 3 = 26.7
}

TEST(GoldenSoftmax, DividesExponentials) {
  const Network net = one_layer(input("[1, 2, 2]"), R"("type": "softmax", "inputs": ["a"])");
  // equal scores: half each; a score 16 (1.0) lower: e^-1 / (1 + e^-1) = 0.2689 of 128 = 34.4
  EXPECT_EQ(evaluate(net, kBytes, {}, {{7, 7, 20, 4}}).output, (Tensor{64, 64, 94, 34}));
  const Network alone = one_layer(input("[2, 1, 1]"), R"("type": "softmax", "inputs": ["a"])");
  EXPECT_EQ(evaluate(alone, kBytes, {}, {{-128, 127}}).output,
            (Tensor{127, 127}));  // 128 saturates
}

TEST(GoldenLayerNorm, NormalisesOverChannels) {
  const Network net = one_layer(input("[4, 1, 2]"), R"("type": "layer_norm", "inputs": ["a"])");
  LayerParameters parameters;
  parameters.gamma = {64, 64, 128, 64};
  parameters.beta = {0, 1, 0, 0};
  // position 0: 1 3 5 7, mean 4, deviation sqrt(5): -3/sqrt5 = -1.342 = -21.5 sixteenths. n B - A^2
  // = 4 * 84 - 256 = 80, r = 8; d = 4 x - 16 = -12 -4 4 12; u = 16 d / 8 = -24 -8 8 24. Position 1:
  // all equal, u = 0.
  EXPECT_EQ(evaluate(net, kBytes, parameters, {{1, 9, 3, 9, 5, 9, 7, 9}}).output,
            (Tensor{-24, 0, -7, 1, 16, 0, 24, 0}));
}

TEST(GoldenBatch, ComputesEverySampleAndSharesConstants) {
  const std::string both =
      R"([{"name": "a", "shape": [1, 1, 2]}, {"name": "b", "shape": [1, 1, 2], "constant": true}])";
  const Network net = one_layer(both, R"("type": "add", "inputs": ["a", "b"])", 3);
  EXPECT_EQ(evaluate(net, kBytes, {}, {{1, 2, 3, 4, 5, 6}, {10, 20}}).output,
            (Tensor{11, 22, 13, 24, 15, 26}));
}

// Networks keep their values alive: no layer is constant, no layer mostly saturated, hardly a psum
// overflows.
TEST(GeneratedData, NeitherVanishNorSaturate) {
  for (const char* name :
       {"nasa_hybrid_all_b_cifar10", "resnet20_addernet_cifar10", "resnet20_deepshift_cifar10",
        "mobilenet_v2_deepshift_cifar10", "nasa_mostly_shift_cifar10"}) {
    Diagnostics diagnostics;
    const auto net = load_network(name, diagnostics);
    ASSERT_TRUE(net);
    std::vector<LayerWidths> widths;
    for (const Layer& layer : net->layers)
      widths.push_back(layer.arithmetic == Arithmetic::shift ||
                               layer.arithmetic == Arithmetic::adder
                           ? LayerWidths{6, 6, 16, 6}
                           : kBytes);
    const QuantizationPlan plan = plan_quantization(*net, widths);
    auto data = load_or_make_tensors(*net, plan, "", 1, diagnostics);
    ASSERT_TRUE(data) << diagnostics.to_string();
    const std::vector<std::uint64_t> overflows = golden_network(*net, plan, *data);
    for (std::size_t i = 0; i < net->layers.size(); ++i) {
      const Tensor& output = data->tensors[net->output_of(i)];
      const std::int32_t limit = 1 << (widths[i].output - 1);
      std::size_t saturated = 0, other = 0;
      for (const std::int32_t y : output) {
        saturated += y == -limit || y == limit - 1 ? 1 : 0;
        other += y != output[0] ? 1 : 0;
      }
      EXPECT_LE(saturated, output.size() / 10) << name << " " << net->layers[i].name;
      EXPECT_GE(other, output.size() / 20) << name << " " << net->layers[i].name;
      EXPECT_LE(overflows[i], output.size() / 20) << name << " " << net->layers[i].name;
    }
  }
}

}  // namespace
}  // namespace chasm
