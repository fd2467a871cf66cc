#include "workloads/shape_inference.h"

#include <utility>

#include <fmt/format.h>

namespace chasm {
namespace {

// Infers one layer; collects problems. Sizes are at most 10^9 (the schema says so), products are
// checked.
class Inference {
 public:
  Inference(Layer& layer, const std::vector<std::string>& sources)
      : layer_(layer), sources_(sources) {}

  std::vector<LayerProblem> run() {
    switch (layer_.type) {
      case LayerType::conv2d:
        convolution();
        break;
      case LayerType::linear:
        linear();
        break;
      case LayerType::matmul:
        matmul();
        break;
      case LayerType::add:
        add();
        break;
      case LayerType::avg_pool2d:
      case LayerType::max_pool2d:
        pool();
        break;
      case LayerType::global_avg_pool:
        layer_.out_shape = {in().c, 1, 1};
        break;
      case LayerType::softmax:
        layer_.out_shape = in();
        break;
      case LayerType::layer_norm:
        layer_norm();
        break;
      case LayerType::concat:
        concat();
        break;
      case LayerType::scale:
        scale();
        break;
    }
    if (problems_.empty() &&
        !checked_product({layer_.out_shape.c, layer_.out_shape.h, layer_.out_shape.w}))
      too_many("output elements");
    return std::move(problems_);
  }

 private:
  const Shape& in(std::size_t i = 0) const { return layer_.in_shapes[i]; }
  std::string source(std::size_t i) const {
    return fmt::format("{} {}", sources_[i], to_string(in(i)));
  }
  void problem(std::string key, std::string message, std::string hint = {}) {
    problems_.push_back({std::move(key), std::move(message), std::move(hint)});
  }
  void too_many(const char* what) {
    problem("", fmt::format("has more than 2^60 {}", what), "more cannot be counted exactly");
  }
  void set(std::uint64_t& count, std::initializer_list<std::uint64_t> factors, const char* what) {
    if (const auto product = checked_product(factors))
      count = *product;
    else
      too_many(what);
  }

  // Output positions along one direction, rounded down; 0 when the kernel does not fit.
  std::uint64_t windows(const char* direction, std::uint64_t extent, std::uint64_t kernel,
                        std::uint64_t stride, std::uint64_t padding, std::uint64_t dilation) {
    const std::uint64_t padded = extent + 2 * padding, reach = dilation * (kernel - 1) + 1;
    if (reach <= padded) return (padded - reach) / stride + 1;
    problem("kernel",
            fmt::format("reaches over {} {} but {} has {} with its padding", reach, direction,
                        source(0), padded),
            dilation > 1 ? "reach = dilation * (kernel - 1) + 1" : "");
    return 0;
  }
  void window_positions() {
    layer_.out_shape.h = windows("rows", in().h, layer_.kernel.y, layer_.stride.y, layer_.padding.y,
                                 layer_.dilation.y);
    layer_.out_shape.w = windows("columns", in().w, layer_.kernel.x, layer_.stride.x,
                                 layer_.padding.x, layer_.dilation.x);
  }

  void norm_params() {
    if (layer_.batch_norm) layer_.params += 2 * layer_.out_shape.c;
  }

  void convolution() {
    if (in().c % layer_.groups != 0)
      problem("groups", fmt::format("{} does not divide the {} channels of {}", layer_.groups,
                                    in().c, source(0)));
    if (layer_.out_channels % layer_.groups != 0)
      problem("groups", fmt::format("{} does not divide out_channels {}", layer_.groups,
                                    layer_.out_channels));
    layer_.out_shape.c = layer_.out_channels;
    window_positions();
    if (!problems_.empty()) return;
    const std::uint64_t c = in().c / layer_.groups;
    set(layer_.weights, {layer_.out_channels, c, layer_.kernel.y, layer_.kernel.x}, "weights");
    set(layer_.operations,
        {layer_.out_channels, c, layer_.kernel.y, layer_.kernel.x, layer_.out_shape.h,
         layer_.out_shape.w},
        "operations");
    layer_.params = layer_.weights + (layer_.bias ? layer_.out_channels : 0);
    norm_params();
  }

  void linear() {
    const std::uint64_t flat = in().size();
    if (layer_.in_features == in().c) {
      layer_.out_shape = {layer_.out_features, in().h, in().w};
    } else if (layer_.in_features == flat) {
      layer_.out_shape = {layer_.out_features, 1, 1};
    } else {
      problem("in_features",
              fmt::format("{} fits neither the {} channels nor the {} elements of {}",
                          layer_.in_features, in().c, flat, source(0)));
      return;
    }
    set(layer_.weights, {layer_.out_features, layer_.in_features}, "weights");
    set(layer_.operations,
        {layer_.out_features, layer_.in_features, layer_.out_shape.h, layer_.out_shape.w},
        "operations");
    layer_.params = layer_.weights + (layer_.bias ? layer_.out_features : 0);
  }

  void matmul() {
    if (layer_.arithmetic == Arithmetic::shift)
      problem("arithmetic",
              "a matmul cannot shift: its second operand holds activations, not powers of two",
              "use \"multiply\" or \"adder\"");
    const std::uint64_t depth = in(1).c;
    if (depth % layer_.heads != 0)
      problem("heads", fmt::format("{} does not divide the {} channels of {}", layer_.heads, depth,
                                   source(1)));
    layer_.transpose_b ? scores() : weighted_values();
    norm_params();
  }
  void scores() {
    const std::uint64_t ta = in(0).h * in(0).w, tb = in(1).h * in(1).w;
    if (in(0).c != in(1).c)
      problem("inputs",
              fmt::format("must have the same channels, but are {} and {}", source(0), source(1)));
    layer_.out_shape = {layer_.heads, ta, tb};
    if (problems_.empty()) set(layer_.operations, {ta, tb, in(1).c}, "operations");
  }
  void weighted_values() {
    const std::uint64_t ta = in(0).h, tb = in(0).w, positions = in(1).h * in(1).w;
    if (in(0).c != layer_.heads)
      problem("inputs", fmt::format("the first must be [heads, Ta, Tb] with {} heads, but is {}",
                                    layer_.heads, source(0)));
    if (tb != positions)
      problem("inputs", fmt::format("{} has {} columns but {} has {} positions; they must be equal",
                                    source(0), tb, source(1), positions));
    layer_.out_shape = {in(1).c, ta, 1};
    if (ta == positions) layer_.out_shape = in(1);  // an image stays an image
    if (problems_.empty()) set(layer_.operations, {ta, tb, in(1).c}, "operations");
  }

  void add() {
    if (in(0) != in(1))
      problem("inputs",
              fmt::format("must have equal shapes, but are {} and {}", source(0), source(1)));
    layer_.out_shape = in();
  }
  void scale() {
    if (in(1) != Shape{in(0).c, 1, 1})
      problem(
          "inputs",
          fmt::format("the second must be [{}, 1, 1], a factor for each channel of {}, but is {}",
                      in(0).c, source(0), source(1)));
    layer_.out_shape = in();
  }
  void pool() {
    layer_.out_shape.c = in().c;
    window_positions();
    const bool only_padding =
        layer_.padding.y >= layer_.kernel.y || layer_.padding.x >= layer_.kernel.x;
    if (layer_.type == LayerType::max_pool2d && only_padding)
      problem("padding",
              fmt::format("[{}, {}] must be smaller than the kernel [{}, {}]", layer_.padding.y,
                          layer_.padding.x, layer_.kernel.y, layer_.kernel.x),
              "else a maximum would be taken of padding alone");
  }
  void layer_norm() {
    layer_.out_shape = in();
    layer_.params = 2 * in().c;
  }
  void concat() {
    const bool channels = layer_.axis == ConcatAxis::channels;
    std::uint64_t joined = 0;
    for (std::size_t i = 0; i < layer_.in_shapes.size(); ++i) {
      joined += channels ? in(i).c : in(i).h * in(i).w;
      const bool fits = channels ? in(i).h == in().h && in(i).w == in().w : in(i).c == in().c;
      if (!fits)
        problem("inputs",
                fmt::format("must have the same {}, but are {} and {}",
                            channels ? "rows and columns" : "channels", source(0), source(i)));
    }
    layer_.out_shape = channels ? Shape{joined, in().h, in().w} : Shape{in().c, joined, 1};
  }

  Layer& layer_;
  const std::vector<std::string>& sources_;
  std::vector<LayerProblem> problems_;
};

}  // namespace

std::optional<std::uint64_t> checked_product(std::initializer_list<std::uint64_t> factors) {
  std::uint64_t product = 1;
  for (const std::uint64_t factor : factors)
    if (__builtin_mul_overflow(product, factor, &product) || product > kMaxCount)
      return std::nullopt;
  return product;
}

std::vector<LayerProblem> infer_layer(Layer& layer, const std::vector<std::string>& sources) {
  return Inference(layer, sources).run();
}

std::string to_string(const Shape& shape) {
  return fmt::format("[{}, {}, {}]", shape.c, shape.h, shape.w);
}

}  // namespace chasm
