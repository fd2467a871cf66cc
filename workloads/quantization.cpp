#include "workloads/quantization.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include <fmt/format.h>

#include "base/check.h"
#include "workloads/parameters.h"

namespace chasm {
namespace {

constexpr int kOctave = 8;         // levels of a factor of two in the mean square
constexpr int kBit = 2 * kOctave;  // levels of a factor of two in the values
constexpr int kUniform =
    13;  // 8 * log2(3): a (a + 1) / 3 is the mean square of integers in -a .. a

constexpr int kSigmoidLevel = -14;  // the mean square of sigmoid(x) is 0.29 for x of level 0

// v / d rounded to the nearest, halves up.
int round_divide(int v, int d) {
  const int shifted = 2 * v + d;
  return shifted >= 0 ? shifted / (2 * d) : -((-shifted + 2 * d - 1) / (2 * d));
}

// The level of the sum of two independent values: 8 * log2(2^(a/8) + 2^(b/8)), rounded.
int sum_levels(int a, int b) {
  // The greatest differences at which the sum is 8, 7, .. 1 above the larger.
  constexpr int kDifferences[] = {1, 3, 5, 8, 11, 16, 22, 35};
  const int difference = std::abs(a - b);
  int more = kOctave;
  for (const int greatest : kDifferences) {
    if (difference <= greatest) break;
    --more;
  }
  return std::max(a, b) + more;
}

// Width at which a layer's chunk takes an operand: the second of a matmul is where weights would
// be.
std::uint32_t operand_width(const Layer& layer, const LayerWidths& widths, std::size_t k) {
  return layer.is_mac() && k == 1 ? widths.weight : widths.input;
}

// The sum of one output word of a layer.
std::uint64_t fan_in_of(const Layer& layer) {
  switch (layer.type) {
    case LayerType::conv2d:
      return layer.in_shapes[0].c / layer.groups * layer.kernel.y * layer.kernel.x;
    case LayerType::linear:
      return layer.in_features;
    case LayerType::matmul:
      return layer.transpose_b ? layer.in_shapes[0].c / layer.heads : layer.in_shapes[0].w;
    default:
      return 0;
  }
}

class Planner {
 public:
  Planner(const Network& network, const std::vector<LayerWidths>& widths)
      : network_(network), widths_(widths) {
    CHECK(widths.size() == network.layers.size(), "widths of {} layers for {}", widths.size(),
          network.layers.size());
  }

  QuantizationPlan plan() {
    plan_.tensor_bits.assign(network_.inputs.size(), 0);
    plan_.statistics.assign(network_.inputs.size(), {});
    for (std::size_t i = 0; i < network_.layers.size(); ++i) {
      const Layer& layer = network_.layers[i];
      for (std::size_t k = 0; k < layer.inputs.size(); ++k)
        if (layer.inputs[k] < network_.inputs.size()) {
          std::uint32_t& bits = plan_.tensor_bits[layer.inputs[k]];
          bits = std::max(bits, operand_width(layer, widths_[i], k));
        }
    }
    for (std::size_t i = 0; i < network_.layers.size(); ++i)
      plan_layer(network_.layers[i], widths_[i]);
    return std::move(plan_);
  }

 private:
  const TensorStatistics& statistics(std::size_t k) const {
    return plan_.statistics[layer_->inputs[k]];
  }
  std::uint32_t bits(std::size_t k) const { return q_.inputs[k].bits; }
  int output_fraction() const { return fraction_bits(q_.widths.output); }
  // Level of an operand as an integer.
  int integer_level(std::size_t k) const {
    return statistics(k).level + kBit * fraction_bits(bits(k));
  }

  void plan_layer(const Layer& layer, const LayerWidths& widths) {
    layer_ = &layer;
    q_ = {};
    q_.widths = widths;
    for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
      OperandQuantization operand;
      operand.stored_bits = plan_.tensor_bits[layer.inputs[k]];
      operand.bits = std::min(operand.stored_bits, operand_width(layer, widths, k));
      operand.narrow = operand.stored_bits - operand.bits;
      q_.inputs.push_back(operand);
    }
    TensorStatistics out = layer.is_mac() ? plan_mac() : plan_vector();
    if (layer.activation != Activation::none) {
      if (layer.is_mac()) out.level -= kOctave;  // a rectifier keeps half of the square
      if (layer.activation == Activation::sigmoid) out.level = kSigmoidLevel;
      out.rectified = true;
    }
    plan_.layers.push_back(std::move(q_));
    plan_.tensor_bits.push_back(widths.output);
    plan_.statistics.push_back(out);
  }

  // Level of weights made with that amplitude. The mean square of shift weights, one in eight zero
  // and exponents uniform in 0 .. a, is 7 / 8 * (4^(a + 1) - 1) / (3 (a + 1)).
  int weight_level(std::uint64_t amplitude) const {
    if (layer_->arithmetic != Arithmetic::shift)
      return log2_eighths(amplitude * (amplitude + 1)) - kUniform;
    const std::uint64_t squares = (std::uint64_t{1} << (2 * amplitude + 2)) - 1;
    return log2_eighths(7 * squares) - log2_eighths(24 * (amplitude + 1));
  }

  // The largest weights (as exponents) whose sums stay 2.5 bits (5.7 standard deviations) and whose
  // largest product stays one bit below the end of the psum width.
  std::uint32_t weight_amplitude(int terms) const {
    const bool shift = layer_->arithmetic == Arithmetic::shift;
    const int psum = static_cast<int>(q_.widths.psum), weight = static_cast<int>(q_.widths.weight);
    const int room = kBit * (psum - 1) - 5 * kOctave - integer_level(0) - terms;
    int exponent = shift ? static_cast<int>(max_shift_exponent(q_.widths.weight)) : weight - 1;
    exponent = std::max(0, std::min({exponent, psum - 1 - static_cast<int>(bits(0)), 30}));
    const auto amplitude = [&] {
      if (shift) return static_cast<std::uint64_t>(exponent);
      const std::uint64_t limit = (std::uint64_t{1} << (std::min(weight, 31) - 1)) - 1;
      return std::clamp<std::uint64_t>(limit, 1, std::uint64_t{1} << exponent);
    };
    while (exponent > 0 && weight_level(amplitude()) > room) --exponent;
    return static_cast<std::uint32_t>(amplitude());
  }

  // Weights of an adder layer reach beyond its inputs where they can; the sum of their magnitudes
  // is kept within half of the psum's range.
  std::uint32_t adder_amplitude() const {
    const std::uint64_t largest = (std::uint64_t{1} << (std::min(q_.widths.weight, 31U) - 1)) - 1;
    const std::uint64_t input = std::uint64_t{2} << std::clamp(fraction_bits(bits(0)), 0, 30);
    const std::uint64_t range = std::uint64_t{1} << (std::min(q_.widths.psum, 48U) - 1);
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(
        std::max(input, range / q_.fan_in), 1, std::max<std::uint64_t>(1, largest)));
  }

  // Chooses the shift so that results before the activation have a level as near as it can be to 0
  // (1 octave where a rectifier follows), and the amplitude of generated weights.
  TensorStatistics plan_mac() {
    const Layer& layer = *layer_;
    q_.fan_in = fan_in_of(layer);
    q_.has_bias = layer.bias || layer.batch_norm;
    const bool folds = layer.arithmetic == Arithmetic::multiply && layer.has_weights();
    q_.scale_fraction_bits = layer.batch_norm && !folds ? kScaleFractionBits : 0;
    const int terms = log2_eighths(q_.fan_in);
    int level = terms, target = layer.activation == Activation::none ? 0 : kOctave;
    if (layer.arithmetic == Arithmetic::adder) {
      q_.weight_amplitude = layer.has_weights() ? adder_amplitude() : 0;
      level +=
          layer.has_weights() ? integer_level(0) : std::max(integer_level(0), integer_level(1));
      // Sums of -|x - w| lie around their negative mean. A bias moves that to zero and leaves the
      // fluctuation; without one the mean itself has to fit: half of the output's range.
      if (!q_.has_bias) {
        const std::uint64_t a = q_.weight_amplitude;
        const int weights =
            layer.has_weights() ? log2_eighths(a * (a + 1)) - kUniform : integer_level(1);
        level = 2 * terms + std::max(integer_level(0), weights);
        target = 2 * kBit;
      }
    } else if (layer.has_weights()) {
      q_.weight_amplitude = weight_amplitude(terms);
      level += integer_level(0) + weight_level(q_.weight_amplitude);
    } else {
      level += integer_level(0) + integer_level(1);
    }
    level -= kBit * output_fraction();
    const int shift = std::max(0, round_divide(level - target, kBit));
    q_.shift = shift + static_cast<int>(q_.scale_fraction_bits);
    return {level - kBit * shift, false};
  }

  std::uint32_t common_bits() const {
    std::uint32_t most = 0;
    for (const OperandQuantization& operand : q_.inputs) most = std::max(most, operand.bits);
    return most;
  }
  int rescale_from(std::uint32_t from) const {
    return static_cast<int>(from) - static_cast<int>(q_.widths.output);
  }

  // Layers without weights keep real values as they are: the shift only changes the width.
  TensorStatistics plan_vector() {
    const Layer& layer = *layer_;
    TensorStatistics out = statistics(0);
    q_.shift = rescale_from(bits(0));
    switch (layer.type) {
      case LayerType::add:
      case LayerType::concat:
        q_.shift = rescale_from(common_bits());
        for (OperandQuantization& operand : q_.inputs) operand.align = common_bits() - operand.bits;
        for (std::size_t k = 1; k < layer.inputs.size(); ++k) {
          const TensorStatistics& other = statistics(k);
          const bool sums = layer.type == LayerType::add;
          out.level = sums ? sum_levels(out.level, other.level) : std::max(out.level, other.level);
          out.rectified = out.rectified && other.rectified;
        }
        return out;
      case LayerType::scale:
        q_.shift = rescale_from(bits(0)) + fraction_bits(bits(1));
        return {out.level + statistics(1).level, out.rectified && statistics(1).rectified};
      case LayerType::max_pool2d:
        return {out.level + kOctave, out.rectified};
      case LayerType::avg_pool2d:
        q_.divisor = layer.kernel.y * layer.kernel.x;
        return {out.level - kOctave, out.rectified};
      case LayerType::global_avg_pool:
        q_.divisor = layer.in_shapes[0].h * layer.in_shapes[0].w;
        return {out.level - 3 * kOctave / 2, out.rectified};
      case LayerType::softmax:
        // T values of mean 8 / T, since the whole range stands for a probability of 1, and of mean
        // square 64 e / T^2 where the scores are normal.
        q_.shift = 0;
        return {std::min(6 * kOctave, 60 - 2 * log2_eighths(layer.in_shapes[0].w)), true};
      case LayerType::layer_norm:
        q_.shift = 0;
        return {0, false};
      default:
        break;
    }
    CHECK(false, "layer {} is not planned", layer.name);
    return out;
  }

  const Network& network_;
  const std::vector<LayerWidths>& widths_;
  QuantizationPlan plan_;
  const Layer* layer_ = nullptr;
  LayerQuantization q_;
};

constexpr std::uint32_t kLargestExponent = 22;

void check_width(const Layer& layer, const char* what, std::uint32_t bits, std::uint32_t low,
                 std::uint32_t high, Diagnostics& diagnostics) {
  if (bits >= low && bits <= high) return;
  diagnostics.error(
      "", "",
      fmt::format("layer \"{}\": {} width of {} bits: values are computed with {} to {} bits",
                  layer.name, what, bits, low, high));
}

}  // namespace

int log2_eighths(std::uint64_t n) {
  CHECK(n > 0, "logarithm of 0");
  const int octave = static_cast<int>(std::bit_width(n)) - 1;
  const std::uint64_t mantissa = octave >= 15 ? n >> (octave - 15) : n << (15 - octave);
  // 2^15 * 2^((i + 1/2) / 8): where the rounded logarithm steps.
  constexpr std::uint64_t kSteps[] = {34219, 37316, 40694, 44377, 48393, 52773, 57549, 62758};
  int eighths = kOctave * octave;
  for (const std::uint64_t step : kSteps) eighths += mantissa >= step ? 1 : 0;
  return eighths;
}

QuantizationPlan plan_quantization(const Network& network, const std::vector<LayerWidths>& widths) {
  return Planner(network, widths).plan();
}

std::uint32_t max_shift_exponent(std::uint32_t weight_bits) {
  if (weight_bits < 2) return 0;
  return weight_bits >= 7 ? kLargestExponent
                          : std::min(kLargestExponent, (std::uint32_t{1} << (weight_bits - 2)) - 1);
}

bool check_arithmetic(const Network& network, const QuantizationPlan& plan,
                      Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.error_count();
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    const LayerQuantization& q = plan.layers[i];
    check_width(layer, "input", q.widths.input, 2, 16, diagnostics);
    check_width(layer, "output", q.widths.output, 2, 16, diagnostics);
    if (layer.is_mac()) {
      check_width(layer, "weight", q.widths.weight, 2, 16, diagnostics);
      check_width(layer, "psum", q.widths.psum, 4, 48, diagnostics);
    }
    // 64 bits hold n * sum(x^2) of a row of 16-bit values, and sums of 2^24 products of 38 bits.
    constexpr std::uint64_t kLongestRow = 65536, kMostTerms = std::uint64_t{1} << 24;
    if (layer.type == LayerType::layer_norm && layer.out_shape.c > kLongestRow)
      diagnostics.error(
          "", "",
          fmt::format("layer \"{}\": values are computed for at most {} channels, not {}",
                      layer.name, kLongestRow, layer.out_shape.c));
    const std::uint64_t terms =
        std::max({q.fan_in, q.divisor, layer.type == LayerType::softmax ? layer.out_shape.w : 1});
    if (terms > kMostTerms)
      diagnostics.error(
          "", "",
          fmt::format("layer \"{}\": values are computed for sums of at most {} terms, not {}",
                      layer.name, kMostTerms, terms));
  }
  return diagnostics.error_count() == before;
}

}  // namespace chasm
