#include "workloads/parameters.h"

#include <algorithm>
#include <cmath>

#include "base/fingerprint.h"
#include "base/rng.h"

namespace chasm {
namespace {

// A uniform distribution of integers, half of them replaced by zero when `rectified`.
struct Spread {
  std::int64_t low = 0, high = 0;
  bool rectified = false;
};

// The uniform distribution with the tensor's level: the mean square of the integers in -a .. a is a
// (a + 1) / 3.
Spread spread_of(const TensorStatistics& statistics, std::uint32_t bits) {
  const int level = statistics.level + (statistics.rectified ? 8 : 0) + 16 * fraction_bits(bits) +
                    log2_eighths(3);
  const std::int64_t limit = (std::int64_t{1} << (bits - 1)) - 1;
  std::int64_t amplitude = 1;
  while (amplitude < limit &&
         log2_eighths(static_cast<std::uint64_t>(amplitude * (amplitude + 1))) < level)
    ++amplitude;
  return {statistics.rectified ? 0 : -amplitude, amplitude, statistics.rectified};
}

std::int32_t draw(const Spread& spread, Rng& rng) {
  if (spread.rectified && rng.below(2) == 0) return 0;
  return static_cast<std::int32_t>(rng.between(spread.low, spread.high));
}

// Twice the number of values of a spread times the expectation of |x - w|.
std::int64_t distance_sum(const Spread& spread, std::int64_t w) {
  const auto ramp = [](std::int64_t k) { return k * (k + 1) / 2; };
  const std::int64_t count = spread.high - spread.low + 1;
  std::int64_t sum = 0;
  if (w <= spread.low)
    sum = ramp(spread.high - spread.low) + count * (spread.low - w);
  else if (w >= spread.high)
    sum = ramp(spread.high - spread.low) + count * (w - spread.high);
  else
    sum = ramp(w - spread.low) + ramp(spread.high - w);
  return spread.rectified ? sum + count * std::abs(w) : 2 * sum;
}
std::int64_t expected_distance(const Spread& spread, std::int64_t sum) {
  return sum / (2 * (spread.high - spread.low + 1));
}

// 0 (one in eight) or s * 2^p.
std::int32_t shift_weight(std::uint32_t largest_exponent, Rng& rng) {
  const bool negative = rng.below(2) != 0;
  if (rng.below(8) == 0) return 0;
  const auto power = std::int32_t{1} << rng.below(std::uint64_t{largest_exponent} + 1);
  return negative ? -power : power;
}

// Mostly in the outer halves of the range, beyond the inputs: see
// LayerQuantization::weight_amplitude.
std::int32_t adder_weight(std::int64_t amplitude, Rng& rng) {
  const bool negative = rng.below(2) != 0;
  const bool outer = rng.below(8) != 0;
  const std::int64_t magnitude =
      outer ? rng.between(amplitude / 2, amplitude) : rng.between(0, amplitude / 2);
  return static_cast<std::int32_t>(negative ? -magnitude : magnitude);
}

std::vector<std::int32_t> make_weights(const Layer& layer, const LayerQuantization& q, Rng& rng) {
  std::vector<std::int32_t> weights(static_cast<std::size_t>(layer.weights));
  const std::int64_t amplitude = q.weight_amplitude;
  for (std::int32_t& w : weights)
    w = layer.arithmetic == Arithmetic::shift ? shift_weight(q.weight_amplitude, rng)
        : layer.arithmetic == Arithmetic::adder
            ? adder_weight(amplitude, rng)
            : static_cast<std::int32_t>(rng.between(-amplitude, amplitude));
  return weights;
}

// What an adder layer's channel sums up to on average, negated.
std::int64_t recentring(const QuantizationPlan& plan, const Layer& layer,
                        const LayerQuantization& q, const std::vector<std::int32_t>& weights,
                        std::size_t channel) {
  const Spread x = spread_of(plan.statistics[layer.inputs[0]], q.inputs[0].bits);
  std::int64_t sum = 0;
  if (layer.has_weights()) {
    const auto first = weights.begin() + static_cast<std::ptrdiff_t>(channel * q.fan_in);
    for (auto w = first; w != first + static_cast<std::ptrdiff_t>(q.fan_in); ++w)
      sum += distance_sum(x, *w);
    return expected_distance(x, sum);
  }
  const std::uint32_t other =
      layer.inputs[1];  // matmul: the other operand is as random as the first
  const Spread y = spread_of(plan.statistics[other], q.inputs[1].bits);
  for (std::int64_t w = y.low; w <= y.high; ++w) sum += distance_sum(x, w);
  const std::int64_t mean = expected_distance(x, sum) / (y.high - y.low + 1);
  return mean * static_cast<std::int64_t>(q.fan_in);
}

// A factor near 1 for each output channel.
std::vector<std::int32_t> make_factors(const Layer& layer, std::uint32_t fraction,
                                       std::uint64_t seed) {
  Rng rng(seed);
  const std::int64_t one = std::int64_t{1} << fraction;
  std::vector<std::int32_t> factors(static_cast<std::size_t>(layer.out_shape.c));
  for (std::int32_t& factor : factors)
    factor = static_cast<std::int32_t>(rng.between(one * 3 / 4, one * 5 / 4));
  return factors;
}

void make_norm(const Layer& layer, const LayerQuantization& q, std::uint64_t seed,
               LayerParameters& parameters) {
  if (parameters.gamma.empty())
    parameters.gamma = make_factors(layer, kGammaFractionBits, seed_of(seed, layer.name, "gamma"));
  if (!parameters.beta.empty()) return;
  Rng rng(seed_of(seed, layer.name, "beta"));
  const std::int64_t offset = (std::int64_t{1} << q.widths.output) >> 6;  // a quarter in real terms
  for (std::uint64_t c = 0; c < layer.out_shape.c; ++c)
    parameters.beta.push_back(static_cast<std::int32_t>(rng.between(-offset, offset)));
}

void make_bias(const Network& network, const QuantizationPlan& plan, std::size_t index,
               std::uint64_t seed, LayerParameters& parameters) {
  const Layer& layer = network.layers[index];
  const LayerQuantization& q = plan.layers[index];
  Rng rng(seed_of(seed, layer.name, "bias"));
  const int exponent = fraction_bits(q.widths.output) + q.shift - 1;  // half in real terms
  const std::int64_t offset = exponent >= 0 ? std::int64_t{1} << exponent : 0;
  for (std::size_t c = 0; c < layer.out_shape.c; ++c) {
    std::int64_t bias = rng.between(-offset, offset);
    if (layer.arithmetic == Arithmetic::adder)
      bias += recentring(plan, layer, q, parameters.weights, c) *
              (parameters.scale.empty() ? 1 : parameters.scale[c]);
    parameters.bias.push_back(bias);
  }
}

}  // namespace

std::uint64_t seed_of(std::uint64_t seed, const std::string& name, const char* what) {
  return fnv1a64_number(name + "/" + what) ^ (seed * 0x9e3779b97f4a7c15U);
}

LayerParameters make_parameters(const Network& network, const QuantizationPlan& plan,
                                std::size_t index, std::uint64_t seed, LayerParameters parameters) {
  const Layer& layer = network.layers[index];
  const LayerQuantization& q = plan.layers[index];
  if (layer.has_weights() && parameters.weights.empty()) {
    Rng rng(seed_of(seed, layer.name, "weight"));
    parameters.weights = make_weights(layer, q, rng);
  }
  if (layer.type == LayerType::layer_norm) make_norm(layer, q, seed, parameters);
  if (q.scale_fraction_bits != 0 && parameters.scale.empty())
    parameters.scale =
        make_factors(layer, q.scale_fraction_bits, seed_of(seed, layer.name, "scale"));
  if (q.has_bias && parameters.bias.empty()) make_bias(network, plan, index, seed, parameters);
  return parameters;
}

std::uint64_t tensor_words(const Network& network, std::uint32_t tensor) {
  const bool constant = tensor < network.inputs.size() && network.inputs[tensor].constant;
  return network.tensor_shape(tensor).size() * (constant ? 1 : network.batch);
}

Tensor make_tensor(const Network& network, const QuantizationPlan& plan, std::uint32_t tensor,
                   std::uint64_t seed) {
  const Spread spread = spread_of(plan.statistics[tensor], plan.tensor_bits[tensor]);
  Rng rng(seed_of(seed, network.tensor_name(tensor), "tensor"));
  Tensor values(static_cast<std::size_t>(tensor_words(network, tensor)));
  for (std::int32_t& value : values) value = draw(spread, rng);
  return values;
}

}  // namespace chasm
