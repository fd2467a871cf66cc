// Softmax and layer_norm element by element in any order equal the evaluation of whole rows.
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "workloads/arithmetic.h"
#include "tests/unit/workloads/test_network.h"

namespace chasm {
namespace {

std::vector<std::size_t> shuffled(std::size_t n, Rng& rng) {
  std::vector<std::size_t> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = i;
  for (std::size_t i = n; i > 1; --i)
    std::swap(order[i - 1], order[static_cast<std::size_t>(rng.below(i))]);
  return order;
}

class Rows : public testing::TestWithParam<
                 std::tuple<const char*, std::uint64_t, std::uint32_t, std::uint32_t>> {};

TEST_P(Rows, InAnyOrderEqualTheGoldenLayer) {
  const char* const type = std::get<0>(GetParam());
  const std::uint64_t length = std::get<1>(GetParam());
  const std::uint32_t input_bits = std::get<2>(GetParam()), output_bits = std::get<3>(GetParam());
  const bool softmax = std::string(type) == "softmax";
  const std::string extent = std::to_string(length);
  const std::string shape = softmax ? "[2, 3, " + extent + "]" : "[" + extent + ", 2, 3]";
  const Network net = one_layer(R"([{"name": "a", "shape": )" + shape + "}]",
                                std::string(R"("inputs": ["a"], "type": ")") + type + "\"");
  const LayerWidths widths{input_bits, 8, 16, output_bits};
  const QuantizationPlan plan = plan_quantization(net, {widths});
  const LayerParameters parameters = make_parameters(net, plan, 0, 3);
  Rng rng(length * 100 + input_bits);
  const std::int64_t limit = std::int64_t{1} << (input_bits - 1);
  Tensor x(6 * length);
  for (auto& v : x) v = static_cast<std::int32_t>(rng.between(-limit, limit - 1));
  if (!softmax)
    for (std::size_t i = 0; i < length; ++i) x[i * 6] = 3;  // one row of equal values
  const Tensor golden = golden_layer(net, plan, 0, parameters, {&x}).output;

  const RowStage stage(net.layers[0], plan.layers[0], parameters, row_length(net.layers[0]));
  Tensor y(x.size());
  for (std::size_t row = 0; row < 6; ++row) {
    const auto at = [&](std::size_t i) { return softmax ? row * length + i : i * 6 + row; };
    RowState state = stage.start();
    for (const std::size_t i : shuffled(length, rng)) stage.pass0(state, x[at(i)]);
    for (const std::size_t i : shuffled(length, rng)) stage.pass1(state, x[at(i)]);
    for (const std::size_t i : shuffled(length, rng)) y[at(i)] = stage.finish(state, x[at(i)], i);
  }
  EXPECT_EQ(y, golden);
}

INSTANTIATE_TEST_SUITE_P(Random, Rows,
                         testing::Combine(testing::Values("softmax", "layer_norm"),
                                          testing::Values<std::uint64_t>(1, 2, 7, 64, 300),
                                          testing::Values<std::uint32_t>(2, 6, 8, 16),
                                          testing::Values<std::uint32_t>(2, 3, 8, 16)));

// V = n B - A^2 is the exact sum of squared deviations n x - A over n, which the documents promise.
TEST(LayerNorm, VarianceIsTheSumOfSquaredDeviations) {
  Rng rng(5);
  for (int trial = 0; trial < 100; ++trial) {
    const auto n = static_cast<std::int64_t>(rng.below(200) + 1);
    std::vector<std::int64_t> x;
    std::int64_t a = 0, b = 0, squares = 0;
    for (std::int64_t i = 0; i < n; ++i) x.push_back(rng.between(-128, 127));
    for (const std::int64_t v : x) a += v, b += v * v;
    for (const std::int64_t v : x) squares += (n * v - a) * (n * v - a);
    ASSERT_EQ(n * b - a * a, squares / n);
    ASSERT_EQ(squares % n, 0);
  }
}

}  // namespace
}  // namespace chasm
