#include "workloads/golden.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "workloads/arithmetic.h"

namespace chasm {
namespace {

// Sizes are cast once: tensors that fit in memory have indices that fit std::size_t.
std::size_t size(std::uint64_t count) { return static_cast<std::size_t>(count); }

// [C][H][W] values with their padding made explicit.
struct Image {
  std::size_t c = 0, h = 0, w = 0;
  std::vector<std::int32_t> values;
  const std::int32_t* row(std::size_t channel, std::size_t y) const {
    return &values[(channel * h + y) * w];
  }
};

class Evaluation {
 public:
  Evaluation(const Network& network, const QuantizationPlan& plan, std::size_t index,
             const LayerParameters& parameters, const std::vector<const Tensor*>& inputs)
      : network_(network),
        layer_(network.layers[index]),
        quantization_(plan.layers[index]),
        parameters_(parameters),
        out_c_(size(layer_.out_shape.c)),
        out_h_(size(layer_.out_shape.h)),
        out_w_(size(layer_.out_shape.w)) {
    CHECK(inputs.size() == layer_.inputs.size(), "layer {}: {} inputs", layer_.name, inputs.size());
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      CHECK(inputs[k]->size() == tensor_words(network, layer_.inputs[k]),
            "layer {}: input {} has {} words", layer_.name, k, inputs[k]->size());
      const InputConversion convert(quantization_.inputs[k]);
      Tensor converted(inputs[k]->size());
      std::transform(inputs[k]->begin(), inputs[k]->end(), converted.begin(), convert);
      inputs_.push_back(std::move(converted));
    }
  }

  GoldenOutput run() {
    result_.output.resize(size(network_.batch * layer_.out_shape.size()));
    for (std::size_t n = 0; n < network_.batch; ++n) {
      out_ = &result_.output[n * size(layer_.out_shape.size())];
      sample(n);
    }
    return std::move(result_);
  }

 private:
  const Shape& shape(std::size_t k = 0) const { return layer_.in_shapes[k]; }
  // Sample n of an input; a constant has one sample for all.
  const std::int32_t* input(std::size_t k, std::size_t n) const {
    const std::size_t words = size(shape(k).size());
    return inputs_[k].data() + (inputs_[k].size() == words ? 0 : n * words);
  }

  void sample(std::size_t n) {
    switch (layer_.type) {
      case LayerType::conv2d:
      case LayerType::linear:
        return by_arithmetic([&](auto step) { convolution(n, step); });
      case LayerType::matmul:
        return by_arithmetic([&](auto step) { matmul(n, step); });
      case LayerType::add:
        return add(n);
      case LayerType::scale:
        return scale(n);
      case LayerType::concat:
        return concat(n);
      case LayerType::avg_pool2d:
      case LayerType::max_pool2d:
        return pool(n);
      case LayerType::global_avg_pool:
        return global_pool(n);
      case LayerType::softmax:
        return softmax(n);
      case LayerType::layer_norm:
        return layer_norm(n);
    }
  }

  template <class F>
  void by_arithmetic(F f) {
    using Sum = std::int64_t;
    switch (layer_.arithmetic) {
      case Arithmetic::multiply:
        return f([](Sum s, Sum x, Sum w) { return multiply_accumulate(s, x, w); });
      case Arithmetic::shift:
        return f([](Sum s, Sum x, Sum w) { return shift_accumulate(s, x, w); });
      case Arithmetic::adder:
        return f([](Sum s, Sum x, Sum w) { return adder_accumulate(s, x, w); });
      case Arithmetic::none:
        break;
    }
    CHECK(false, "layer {} accumulates without an arithmetic", layer_.name);
  }

  Image padded(std::size_t n, std::size_t pad_y, std::size_t pad_x) const {
    Image image;
    const std::size_t h = size(shape().h), w = size(shape().w);
    image.c = size(shape().c), image.h = h + 2 * pad_y, image.w = w + 2 * pad_x;
    image.values.assign(image.c * image.h * image.w, 0);
    const std::int32_t* from = input(0, n);
    for (std::size_t c = 0; c < image.c; ++c)
      for (std::size_t y = 0; y < h; ++y)
        std::copy_n(from + (c * h + y) * w, w,
                    &image.values[(c * image.h + y + pad_y) * image.w + pad_x]);
    return image;
  }

  void store(const OutputStage& stage, const std::vector<std::int64_t>& psums, std::size_t channel,
             std::size_t first) {
    for (std::size_t i = 0; i < psums.size(); ++i)
      out_[first + i] = stage(psums[i], channel, result_.overflows);
  }

  // Convolutions, and linear layers as convolutions with a kernel of one or of the whole image.
  template <class Step>
  void convolution(std::size_t n, Step step) {
    const bool whole = layer_.type == LayerType::linear && layer_.in_features != shape().c;
    const std::size_t kernel_h = size(whole ? shape().h : layer_.kernel.y);
    const std::size_t kernel_w = size(whole ? shape().w : layer_.kernel.x);
    const Image image = padded(n, size(layer_.padding.y), size(layer_.padding.x));
    const std::size_t groups = size(layer_.groups), per_group = out_c_ / groups,
                      c_group = image.c / groups;
    const OutputStage stage(layer_, quantization_, parameters_);
    std::vector<std::int64_t> psums(out_h_ * out_w_);
    const std::int32_t* w = parameters_.weights.data();
    for (std::size_t k = 0; k < out_c_; ++k) {
      std::fill(psums.begin(), psums.end(), 0);
      for (std::size_t c = 0; c < c_group; ++c)
        for (std::size_t r = 0; r < kernel_h; ++r)
          for (std::size_t s = 0; s < kernel_w; ++s, ++w)
            add_weight(image, k / per_group * c_group + c, r * size(layer_.dilation.y),
                       s * size(layer_.dilation.x), *w, step, psums);
      store(stage, psums, k, k * psums.size());
    }
  }
  // One weight meets every output position of its channel.
  template <class Step>
  void add_weight(const Image& image, std::size_t c, std::size_t y0, std::size_t x0, std::int64_t w,
                  Step step, std::vector<std::int64_t>& psums) const {
    const std::size_t stride_y = size(layer_.stride.y), stride_x = size(layer_.stride.x);
    for (std::size_t p = 0; p < out_h_; ++p) {
      const std::int32_t* x = image.row(c, y0 + p * stride_y) + x0;
      std::int64_t* psum = &psums[p * out_w_];
      if (stride_x == 1)
        for (std::size_t q = 0; q < out_w_; ++q) psum[q] = step(psum[q], x[q], w);
      else
        for (std::size_t q = 0; q < out_w_; ++q) psum[q] = step(psum[q], x[q * stride_x], w);
    }
  }

  // transpose_b: out[g][a][b] = sum over d of A[g][d][a] B[g][d][b]; else out[g][d][a] = sum over b
  // of A[g][a][b] B[g][d][b].
  template <class Step>
  void matmul(std::size_t n, Step step) {
    const std::int32_t *a = input(0, n), *b = input(1, n);
    const OutputStage stage(layer_, quantization_, parameters_);
    const std::size_t heads = size(layer_.heads), depth = size(shape(1).c) / heads;
    const std::size_t tb = size(shape(1).h * shape(1).w);
    const std::size_t ta = layer_.transpose_b ? size(shape(0).h * shape(0).w) : size(shape(0).h);
    std::vector<std::int64_t> psums(layer_.transpose_b ? tb : ta);
    for (std::size_t g = 0; g < heads; ++g) {
      const std::int32_t* values = b + g * depth * tb;
      if (layer_.transpose_b) {
        for (std::size_t i = 0; i < ta; ++i) {
          std::fill(psums.begin(), psums.end(), 0);
          for (std::size_t d = 0; d < depth; ++d) {
            const std::int64_t x = a[(g * depth + d) * ta + i];
            for (std::size_t j = 0; j < tb; ++j) psums[j] = step(psums[j], x, values[d * tb + j]);
          }
          store(stage, psums, g, (g * ta + i) * tb);
        }
      } else {
        for (std::size_t d = 0; d < depth; ++d) {
          for (std::size_t i = 0; i < ta; ++i) {
            const std::int32_t* scores = a + (g * ta + i) * tb;
            std::int64_t sum = 0;
            for (std::size_t j = 0; j < tb; ++j) sum = step(sum, scores[j], values[d * tb + j]);
            psums[i] = sum;
          }
          store(stage, psums, g * depth + d, (g * depth + d) * ta);
        }
      }
    }
  }

  void add(std::size_t n) {
    const OutputStage stage(layer_, quantization_, parameters_);
    const std::int32_t *a = input(0, n), *b = input(1, n);
    for (std::size_t i = 0; i < size(layer_.out_shape.size()); ++i)
      out_[i] = stage(std::int64_t{a[i]} + b[i], 0, result_.overflows);
  }

  void scale(std::size_t n) {
    const OutputStage stage(layer_, quantization_, parameters_);
    const std::int32_t *x = input(0, n), *factor = input(1, n);
    const std::size_t plane = out_h_ * out_w_;
    for (std::size_t i = 0; i < out_c_ * plane; ++i)
      out_[i] = stage(std::int64_t{x[i]} * factor[i / plane], 0, result_.overflows);
  }

  void concat(std::size_t n) {
    const OutputStage stage(layer_, quantization_, parameters_);
    const std::size_t rows =
        layer_.axis == ConcatAxis::channels ? 1 : out_c_;  // joined within each row
    std::size_t at = 0;
    for (std::size_t row = 0; row < rows; ++row)
      for (std::size_t k = 0; k < inputs_.size(); ++k) {
        const std::size_t words = size(shape(k).size()) / rows;
        const std::int32_t* x = input(k, n) + row * words;
        for (std::size_t i = 0; i < words; ++i) out_[at++] = stage(x[i], 0, result_.overflows);
      }
  }

  void pool(std::size_t n) {
    const OutputStage stage(layer_, quantization_, parameters_);
    const bool maximum = layer_.type == LayerType::max_pool2d;
    const std::int32_t* x = input(0, n);
    const std::size_t h = size(shape().h), w = size(shape().w);
    for (std::size_t c = 0; c < out_c_; ++c)
      for (std::size_t p = 0; p < out_h_; ++p)
        for (std::size_t q = 0; q < out_w_; ++q) {
          std::int64_t psum = maximum ? kMaxPoolStart : 0;
          for (std::size_t r = 0; r < layer_.kernel.y; ++r)
            for (std::size_t s = 0; s < layer_.kernel.x; ++s) {
              // Positions before the padding wrap to huge numbers and are out of the image too.
              const std::size_t y = p * size(layer_.stride.y) + r - size(layer_.padding.y);
              const std::size_t column = q * size(layer_.stride.x) + s - size(layer_.padding.x);
              if (y >= h || column >= w) continue;
              const std::int64_t value = x[(c * h + y) * w + column];
              psum = maximum ? std::max(psum, value) : psum + value;
            }
          out_[(c * out_h_ + p) * out_w_ + q] = stage(psum, c, result_.overflows);
        }
  }

  void global_pool(std::size_t n) {
    const OutputStage stage(layer_, quantization_, parameters_);
    const std::size_t plane = size(shape().h * shape().w);
    for (std::size_t c = 0; c < out_c_; ++c) {
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < plane; ++i) sum += input(0, n)[c * plane + i];
      out_[c] = stage(sum, c, result_.overflows);
    }
  }

  void softmax(std::size_t n) {
    const std::vector<std::int32_t> exponentials = exponential_table(quantization_.inputs[0].bits);
    const std::uint32_t bits = quantization_.widths.output;
    for (std::size_t row = 0; row < out_c_ * out_h_; ++row) {
      const std::int32_t* x = input(0, n) + row * out_w_;
      const std::int32_t largest = *std::max_element(x, x + out_w_);
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < out_w_; ++i)
        sum += exponentials[static_cast<std::size_t>(largest - x[i])];
      for (std::size_t i = 0; i < out_w_; ++i) {
        const std::int64_t e = exponentials[static_cast<std::size_t>(largest - x[i])];
        const std::int64_t y = (e * (std::int64_t{1} << (bits - 1)) + sum / 2) / sum;
        out_[row * out_w_ + i] = static_cast<std::int32_t>(saturate(y, bits));
      }
    }
  }

  void layer_norm(std::size_t n) {
    const std::uint32_t bits = quantization_.widths.output;
    const int fraction = fraction_bits(bits);
    const std::size_t plane = out_h_ * out_w_;
    const auto count = static_cast<std::int64_t>(out_c_);
    for (std::size_t i = 0; i < plane; ++i) {
      const std::int32_t* x = input(0, n) + i;
      std::int64_t sum = 0, squares = 0;
      for (std::size_t c = 0; c < out_c_; ++c) {
        sum += x[c * plane];
        squares += std::int64_t{x[c * plane]} * x[c * plane];
      }
      const std::int64_t root =
          std::max<std::int64_t>(1, integer_sqrt(count * squares - sum * sum));
      for (std::size_t c = 0; c < out_c_; ++c) {
        const std::int64_t deviation = count * x[c * plane] - sum;
        const std::int64_t u =
            fraction >= 0 ? divide_half_even(deviation * (std::int64_t{1} << fraction), root)
                          : divide_half_even(deviation, root * (std::int64_t{1} << -fraction));
        const std::int64_t y =
            round_half_even(u * parameters_.gamma[c], kGammaFractionBits) + parameters_.beta[c];
        out_[c * plane + i] = static_cast<std::int32_t>(saturate(y, bits));
      }
    }
  }

  const Network& network_;
  const Layer& layer_;
  const LayerQuantization& quantization_;
  const LayerParameters& parameters_;
  std::size_t out_c_, out_h_, out_w_;
  std::vector<Tensor> inputs_;  // converted
  GoldenOutput result_;
  std::int32_t* out_ = nullptr;  // the sample being computed
};

}  // namespace

GoldenOutput golden_layer(const Network& network, const QuantizationPlan& plan, std::size_t layer,
                          const LayerParameters& parameters,
                          const std::vector<const Tensor*>& inputs) {
  return Evaluation(network, plan, layer, parameters, inputs).run();
}

std::vector<std::uint64_t> golden_network(const Network& network, const QuantizationPlan& plan,
                                          NetworkData& data) {
  CHECK(data.parameters.size() == network.layers.size() &&
            data.tensors.size() == network.tensor_count(),
        "data of another network");
  std::vector<std::uint64_t> overflows;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    std::vector<const Tensor*> inputs;
    for (const std::uint32_t tensor : network.layers[i].inputs)
      inputs.push_back(&data.tensors[tensor]);
    GoldenOutput result = golden_layer(network, plan, i, data.parameters[i], inputs);
    data.tensors[network.output_of(i)] = std::move(result.output);
    overflows.push_back(result.overflows);
  }
  return overflows;
}

}  // namespace chasm
