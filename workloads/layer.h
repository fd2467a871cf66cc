// One layer of a network: what is computed, never how. Shapes are [C, H, W]; a sequence of T tokens
// with D features is [D, T, 1]. Counts are per sample (the batch multiplies them).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chasm {

enum class LayerType {
  conv2d,
  linear,
  matmul,
  add,
  avg_pool2d,
  max_pool2d,
  global_avg_pool,
  softmax,
  layer_norm,
  concat,
  scale
};
// `none` is every layer without multiply-, shift- or adder-accumulate steps: the vector unit runs
// it.
enum class Arithmetic { multiply, shift, adder, none };
enum class Activation { none, relu, relu6, silu, gelu, sigmoid };

const char* to_string(LayerType);
const char* to_string(Arithmetic);
const char* to_string(Activation);

struct Shape {
  std::uint64_t c = 0, h = 0, w = 0;
  std::uint64_t size() const { return c * h * w; }
  bool operator==(const Shape&) const = default;
};

// A pair of vertical, horizontal values.
struct Pair {
  std::uint64_t y = 1, x = 1;
  bool operator==(const Pair&) const = default;
};

enum class ConcatAxis { channels, tokens };

struct Layer {
  std::string name;
  LayerType type = LayerType::conv2d;
  Arithmetic arithmetic = Arithmetic::none;
  std::vector<std::uint32_t> inputs;  // tensor ids (Network::tensor)

  // conv2d and pools (kernel, stride, padding); unused ones keep their neutral defaults.
  std::uint64_t out_channels = 0;
  Pair kernel{1, 1}, stride{1, 1}, padding{0, 0}, dilation{1, 1};
  std::uint64_t groups = 1;
  // linear
  std::uint64_t in_features = 0, out_features = 0;
  // matmul: transpose_b ? [D,Ta]x[D,Tb] -> [heads,Ta,Tb] : [heads,Ta,Tb]x[D,Tb] -> [D,Ta]
  std::uint64_t heads = 1;
  bool transpose_b = false;
  ConcatAxis axis = ConcatAxis::channels;

  bool bias = false;
  bool batch_norm = false;
  Activation activation = Activation::none;

  // Inferred by the reader.
  std::vector<Shape> in_shapes;  // one an input
  Shape out_shape;
  std::uint64_t operations =
      0;  // multiply-, shift- or adder-accumulate steps, padded positions included
  std::uint64_t weights = 0;  // weight elements
  std::uint64_t params = 0;   // weights + bias + 2 a channel of a batch or layer norm

  bool has_weights() const { return type == LayerType::conv2d || type == LayerType::linear; }
  bool is_mac() const { return has_weights() || type == LayerType::matmul; }
};

}  // namespace chasm
