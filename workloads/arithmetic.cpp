#include "workloads/arithmetic.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace chasm {
namespace {

// f of every value of that width, rounded half to even and saturated.
template <class F>
std::vector<std::int32_t> tabulate(std::uint32_t bits, F f) {
  const std::int32_t half = std::int32_t{1} << (bits - 1);
  const double unit = std::ldexp(1.0, -fraction_bits(bits));
  std::vector<std::int32_t> table;
  table.reserve(static_cast<std::size_t>(half) * 2);
  for (std::int32_t v = -half; v < half; ++v) {
    const auto rounded = static_cast<std::int64_t>(std::nearbyint(f(v * unit) / unit));
    table.push_back(static_cast<std::int32_t>(saturate(rounded, bits)));
  }
  return table;
}

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

}  // namespace

std::int64_t integer_sqrt(std::int64_t v) {
  CHECK(v >= 0, "square root of {}", v);
  // The floating result is off by one at most; the largest root of 63 bits keeps (r + 1)^2 in
  // range.
  constexpr std::int64_t kLargest = 3037000499;
  auto r = std::min(kLargest, static_cast<std::int64_t>(std::sqrt(static_cast<double>(v))));
  while (r * r > v) --r;
  while (r < kLargest && (r + 1) * (r + 1) <= v) ++r;
  return r;
}

std::vector<std::int32_t> exponential_table(std::uint32_t bits) {
  const double unit = std::ldexp(1.0, -fraction_bits(bits));
  std::vector<std::int32_t> table;
  for (std::uint32_t d = 0; d < (std::uint32_t{1} << bits); ++d)
    table.push_back(static_cast<std::int32_t>(std::nearbyint(32768.0 * std::exp(-(d * unit)))));
  return table;
}

std::vector<std::int32_t> activation_table(Activation activation, std::uint32_t bits) {
  switch (activation) {
    case Activation::silu:
      return tabulate(bits, [](double x) { return x * sigmoid(x); });
    case Activation::gelu:
      return tabulate(bits,
                      [](double x) { return 0.5 * x * (1.0 + std::erf(x / std::sqrt(2.0))); });
    case Activation::sigmoid:
      return tabulate(bits, sigmoid);
    case Activation::none:
    case Activation::relu:
    case Activation::relu6:
      break;
  }
  return {};
}

OutputStage::OutputStage(const Layer& layer, const LayerQuantization& quantization,
                         const LayerParameters& parameters)
    : output_bits_(quantization.widths.output),
      shift_(quantization.shift),
      scale_(parameters.scale),
      bias_(parameters.bias),
      table_(activation_table(layer.activation, quantization.widths.output)) {
  if (layer.is_mac()) psum_bits_ = quantization.widths.psum;
  if (layer.activation == Activation::relu || layer.activation == Activation::relu6) low_ = 0;
  if (layer.activation == Activation::relu6) {
    const int exponent = fraction_bits(output_bits_) + shift_;
    high_ = exponent >= 0 ? std::int64_t{6} << exponent : std::int64_t{6} >> -exponent;
  }
  divisor_ = static_cast<std::int64_t>(quantization.divisor);
  if (divisor_ != 1) {
    divisor_ *= std::int64_t{1} << std::max(0, shift_);
    factor_ = std::int64_t{1} << std::max(0, -shift_);
  }
}

RowStage::RowStage(const Layer& layer, const LayerQuantization& quantization,
                   const LayerParameters& parameters, std::uint64_t row_length)
    : softmax_(layer.type == LayerType::softmax),
      length_(static_cast<std::int64_t>(row_length)),
      output_bits_(quantization.widths.output),
      gamma_(parameters.gamma),
      beta_(parameters.beta) {
  CHECK(softmax_ || layer.type == LayerType::layer_norm, "layer {} has no rows", layer.name);
  if (softmax_) table_ = exponential_table(quantization.inputs[0].bits);
}

RowState RowStage::start() const {
  RowState row;
  if (softmax_) row.first = std::numeric_limits<std::int64_t>::min();
  return row;
}

std::int32_t RowStage::finish_softmax(const RowState& row, std::int32_t x) const {
  const std::int64_t scaled = exponential(row, x) << (output_bits_ - 1);
  return static_cast<std::int32_t>(saturate((scaled + row.second / 2) / row.second, output_bits_));
}

std::int32_t RowStage::finish_layer_norm(RowState& row, std::int32_t x, std::size_t channel) const {
  if (row.root < 0)
    row.root =
        std::max<std::int64_t>(1, integer_sqrt(length_ * row.second - row.first * row.first));
  const int fraction = fraction_bits(output_bits_);
  const std::int64_t deviation =
      (length_ * x - row.first) * (std::int64_t{1} << std::max(0, fraction));
  const std::int64_t u = divide_half_even(deviation, row.root << std::max(0, -fraction));
  const std::int64_t y = round_half_even(u * gamma_[channel], kGammaFractionBits) + beta_[channel];
  return static_cast<std::int32_t>(saturate(y, output_bits_));
}

std::uint64_t row_length(const Layer& layer) {
  return layer.type == LayerType::softmax ? layer.in_shapes[0].w : layer.in_shapes[0].c;
}

}  // namespace chasm
