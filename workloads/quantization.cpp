#include "workloads/quantization.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include <fmt/format.h>

#include "base/check.h"
#include "workloads/parameters.h"

namespace chasm {
namespace {

// Binary logarithm, rounded to the nearest whole number (1.414 = 181 / 128).
int round_log2(std::uint64_t n) {
  const int floor = static_cast<int>(std::bit_width(n)) - 1;
  const std::uint64_t mantissa = floor >= 7 ? n >> (floor - 7) : n << (7 - floor);
  return floor + (mantissa >= 181 ? 1 : 0);
}

int floor_half(int v) { return v >> 1; }

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
  // log2 of the mean square of an operand as an integer.
  int integer_level(std::size_t k) const {
    return statistics(k).level + 2 * fraction_bits(bits(k));
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
      if (layer.is_mac()) out.level -= layer.activation == Activation::sigmoid ? 2 : 1;
      out.rectified = true;
    }
    plan_.layers.push_back(std::move(q_));
    plan_.tensor_bits.push_back(widths.output);
    plan_.statistics.push_back(out);
  }

  // Chooses the shift so that outputs have the level returned here, and the magnitude of generated
  // weights so that a psum stays 2.5 bits (5.7 standard deviations) below the end of its width.
  TensorStatistics plan_mac() {
    const Layer& layer = *layer_;
    q_.fan_in = fan_in_of(layer);
    q_.has_bias = layer.bias || layer.batch_norm;
    const bool folds = layer.arithmetic == Arithmetic::multiply && layer.has_weights();
    q_.scale_fraction_bits = layer.batch_norm && !folds ? kScaleFractionBits : 0;
    const int terms = round_log2(q_.fan_in);
    int sum_level = 0, target = 0;
    if (layer.arithmetic == Arithmetic::adder) {
      q_.weight_magnitude_log2 = static_cast<std::uint32_t>(
          std::clamp(fraction_bits(bits(0)) + 1, 0, static_cast<int>(q_.widths.weight) - 1));
      const int x =
          layer.has_weights() ? integer_level(0) : std::max(integer_level(0), integer_level(1));
      // Sums of -|x - w| lie around their negative mean. A bias moves that to zero and leaves the
      // fluctuation; without one the mean itself has to fit: half of the output's range.
      sum_level = x + (q_.has_bias ? terms : 2 * terms);
      target = q_.has_bias ? 0 : 4;
    } else if (!layer.has_weights()) {
      sum_level = integer_level(0) + integer_level(1) + terms;
    } else {
      const int room = 2 * static_cast<int>(q_.widths.psum) - 7 - integer_level(0) - terms;
      const int most = layer.arithmetic == Arithmetic::shift
                           ? static_cast<int>(max_shift_exponent(q_.widths.weight))
                           : static_cast<int>(q_.widths.weight) - 1;
      const int magnitude = std::clamp(floor_half(room + 1), 0, most);
      q_.weight_magnitude_log2 = static_cast<std::uint32_t>(magnitude);
      sum_level = integer_level(0) + 2 * magnitude - 1 + terms;
    }
    q_.shift = std::max(0, floor_half(sum_level - 2 * output_fraction() - target + 1)) +
               static_cast<int>(q_.scale_fraction_bits);
    return {target, false};
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
          const bool alike = layer.type == LayerType::add && std::abs(out.level - other.level) <= 1;
          out.level = std::max(out.level, other.level) + (alike ? 1 : 0);
          out.rectified = out.rectified && other.rectified;
        }
        return out;
      case LayerType::scale:
        q_.shift = rescale_from(bits(0)) + fraction_bits(bits(1));
        return {out.level + statistics(1).level, out.rectified && statistics(1).rectified};
      case LayerType::max_pool2d:
        return {out.level + 1, out.rectified};
      case LayerType::avg_pool2d:
        q_.divisor = layer.kernel.y * layer.kernel.x;
        return {out.level - 1, out.rectified};
      case LayerType::global_avg_pool:
        q_.divisor = layer.in_shapes[0].h * layer.in_shapes[0].w;
        return {out.level - 2, out.rectified};
      case LayerType::softmax:
        // T values of mean 8 / T: the whole range stands for a probability of 1.
        q_.shift = 0;
        return {std::min(6, 7 - 2 * round_log2(layer.in_shapes[0].w)), true};
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
