#include "models/program/operation.h"

#include "base/check.h"

namespace chasm {
namespace {

using Signed = std::int64_t;

Signed to_signed(std::uint64_t value) { return static_cast<Signed>(value); }

Axis axis(Dim dim, std::uint64_t extent, std::uint64_t word_stride) {
  return {{{dim, 1}}, 0, to_signed(extent), to_signed(word_stride)};
}

// The rows (or columns) of an input under a sliding window: position * stride + kernel * dilation -
// padding.
Axis window(Axis::Term position, Axis::Term kernel, std::uint64_t padding, std::uint64_t extent,
            std::uint64_t word_stride) {
  return {{position, kernel}, -to_signed(padding), to_signed(extent), to_signed(word_stride)};
}

// A tensor of the network without axes but the batch's; a constant holds one sample for all.
TensorAccess activation(const Network& network, std::uint32_t tensor) {
  const std::uint64_t size = network.tensor_shape(tensor).size();
  const bool constant = tensor < network.inputs.size() && network.inputs[tensor].constant;
  TensorAccess access;
  access.used = true;
  access.tensor = tensor;
  access.words = constant ? size : size * network.batch;
  if (!constant) access.axes.push_back(axis(Dim::N, network.batch, size));
  return access;
}

TensorAccess parameters(std::vector<Axis> axes) {
  TensorAccess access;
  access.used = true;
  access.is_parameter = true;
  access.words = 1;
  for (const Axis& a : axes) access.words *= static_cast<std::uint64_t>(a.extent);
  access.axes = std::move(axes);
  return access;
}

void append(TensorAccess& access, std::initializer_list<Axis> axes) {
  access.axes.insert(access.axes.end(), axes);
}

// Fills an operation of one layer: knows the network, the layer and its tensors.
class Builder {
 public:
  Builder(const Network& network, std::size_t layer_index)
      : network_(network), layer_(network.layers[layer_index]) {
    operation_.name = layer_.name;
    operation_.layer = layer_index;
    operation_.bounds[Dim::N] = network.batch;
    operation_.of(Operand::input) = activation(network, layer_.inputs[0]);
    operation_.of(Operand::output) = activation(network, network.output_of(layer_index));
  }

  std::vector<Operation> build() {
    switch (layer_.type) {
      case LayerType::conv2d:
        convolution();
        break;
      case LayerType::linear:
        linear();
        break;
      case LayerType::matmul:
        layer_.transpose_b ? matmul_transposed() : matmul();
        break;
      case LayerType::avg_pool2d:
      case LayerType::max_pool2d:
        pool();
        break;
      case LayerType::global_avg_pool:
        global_pool();
        break;
      case LayerType::add:
        add();
        break;
      case LayerType::scale:
        scale();
        break;
      case LayerType::softmax:
        softmax();
        break;
      case LayerType::layer_norm:
        layer_norm();
        break;
      case LayerType::concat:
        return concat();
    }
    return {std::move(operation_)};
  }

 private:
  void bound(Dim d, std::uint64_t value) { operation_.bounds[d] = value; }
  TensorAccess& input() { return operation_.of(Operand::input); }
  TensorAccess& weight() { return operation_.of(Operand::weight); }
  TensorAccess& output() { return operation_.of(Operand::output); }
  const Shape& in() const { return layer_.in_shapes[0]; }
  const Shape& out() const { return layer_.out_shape; }

  OpKind mac_kind() const {
    switch (layer_.arithmetic) {
      case Arithmetic::multiply:
        return OpKind::multiply_accumulate;
      case Arithmetic::shift:
        return OpKind::shift_accumulate;
      case Arithmetic::adder:
        return OpKind::adder_accumulate;
      case Arithmetic::none:
        break;
    }
    CHECK(false, "layer {} accumulates without an arithmetic", layer_.name);
    return OpKind::multiply_accumulate;
  }

  Axis input_rows() const {
    return window({Dim::P, to_signed(layer_.stride.y)}, {Dim::R, to_signed(layer_.dilation.y)},
                  layer_.padding.y, in().h, in().w);
  }
  Axis input_columns() const {
    return window({Dim::Q, to_signed(layer_.stride.x)}, {Dim::S, to_signed(layer_.dilation.x)},
                  layer_.padding.x, in().w, 1);
  }
  void output_positions() {
    bound(Dim::P, out().h);
    bound(Dim::Q, out().w);
    append(output(), {axis(Dim::P, out().h, out().w), axis(Dim::Q, out().w, 1)});
  }

  void convolution() {
    operation_.kind = mac_kind();
    const std::uint64_t g = layer_.groups, k = layer_.out_channels / g, c = in().c / g;
    const std::uint64_t r = layer_.kernel.y, s = layer_.kernel.x;
    bound(Dim::G, g), bound(Dim::K, k), bound(Dim::C, c), bound(Dim::R, r), bound(Dim::S, s);
    const std::uint64_t plane = in().h * in().w, out_plane = out().h * out().w;
    append(input(),
           {axis(Dim::G, g, c * plane), axis(Dim::C, c, plane), input_rows(), input_columns()});
    weight() = parameters({axis(Dim::G, g, k * c * r * s), axis(Dim::K, k, c * r * s),
                           axis(Dim::C, c, r * s), axis(Dim::R, r, s), axis(Dim::S, s, 1)});
    append(output(), {axis(Dim::G, g, k * out_plane), axis(Dim::K, k, out_plane)});
    output_positions();
  }

  // in_features == C: at every position. Else the input is flattened: a kernel as large as the
  // image.
  void linear() {
    operation_.kind = mac_kind();
    const std::uint64_t k = layer_.out_features, c = in().c, plane = in().h * in().w;
    const bool flattened = layer_.in_features != c;
    const std::uint64_t r = flattened ? in().h : 1, s = flattened ? in().w : 1;
    bound(Dim::K, k), bound(Dim::C, c), bound(Dim::R, r), bound(Dim::S, s);
    append(input(), {axis(Dim::C, c, plane), axis(flattened ? Dim::R : Dim::P, in().h, in().w),
                     axis(flattened ? Dim::S : Dim::Q, in().w, 1)});
    weight() = parameters({axis(Dim::K, k, c * r * s), axis(Dim::C, c, r * s), axis(Dim::R, r, s),
                           axis(Dim::S, s, 1)});
    append(output(), {axis(Dim::K, k, out().h * out().w)});
    output_positions();
  }

  // A[D, Ta] x B[D, Tb] -> [heads, Ta, Tb]
  void matmul_transposed() {
    operation_.kind = mac_kind();
    const std::uint64_t heads = layer_.heads, depth = in().c / heads;
    const std::uint64_t ta = in().h * in().w, tb = layer_.in_shapes[1].h * layer_.in_shapes[1].w;
    bound(Dim::G, heads), bound(Dim::C, depth), bound(Dim::P, ta), bound(Dim::K, tb);
    append(input(),
           {axis(Dim::G, heads, depth * ta), axis(Dim::C, depth, ta), axis(Dim::P, ta, 1)});
    weight() = activation(network_, layer_.inputs[1]);
    append(weight(),
           {axis(Dim::G, heads, depth * tb), axis(Dim::C, depth, tb), axis(Dim::K, tb, 1)});
    append(output(), {axis(Dim::G, heads, ta * tb), axis(Dim::P, ta, tb), axis(Dim::K, tb, 1)});
  }

  // A[heads, Ta, Tb] x B[D, Tb] -> [D, Ta]
  void matmul() {
    operation_.kind = mac_kind();
    const std::uint64_t heads = layer_.heads, depth = layer_.in_shapes[1].c / heads;
    const std::uint64_t ta = in().h, tb = in().w;
    bound(Dim::G, heads), bound(Dim::K, depth), bound(Dim::P, ta), bound(Dim::C, tb);
    append(input(), {axis(Dim::G, heads, ta * tb), axis(Dim::P, ta, tb), axis(Dim::C, tb, 1)});
    weight() = activation(network_, layer_.inputs[1]);
    append(weight(),
           {axis(Dim::G, heads, depth * tb), axis(Dim::K, depth, tb), axis(Dim::C, tb, 1)});
    append(output(),
           {axis(Dim::G, heads, depth * ta), axis(Dim::K, depth, ta), axis(Dim::P, ta, 1)});
  }

  void pool() {
    operation_.kind = layer_.type == LayerType::max_pool2d ? OpKind::max_pool : OpKind::sum_pool;
    bound(Dim::G, in().c), bound(Dim::R, layer_.kernel.y), bound(Dim::S, layer_.kernel.x);
    append(input(), {axis(Dim::G, in().c, in().h * in().w), input_rows(), input_columns()});
    append(output(), {axis(Dim::G, in().c, out().h * out().w)});
    output_positions();
  }

  void global_pool() {
    operation_.kind = OpKind::sum_pool;
    bound(Dim::G, in().c), bound(Dim::R, in().h), bound(Dim::S, in().w);
    append(input(), {axis(Dim::G, in().c, in().h * in().w), axis(Dim::R, in().h, in().w),
                     axis(Dim::S, in().w, 1)});
    append(output(), {axis(Dim::G, in().c, 1)});
  }

  void elementwise(OpKind kind) {
    operation_.kind = kind;
    bound(Dim::K, in().c);
    append(input(), {axis(Dim::K, in().c, in().h * in().w), axis(Dim::P, in().h, in().w),
                     axis(Dim::Q, in().w, 1)});
    append(output(), {axis(Dim::K, in().c, in().h * in().w)});
    output_positions();
  }

  void add() {
    elementwise(OpKind::add);
    weight() = activation(network_, layer_.inputs[1]);
    append(weight(), {axis(Dim::K, in().c, in().h * in().w), axis(Dim::P, in().h, in().w),
                      axis(Dim::Q, in().w, 1)});
  }

  // [C, H, W] times [C, 1, 1]
  void scale() {
    elementwise(OpKind::scale);
    weight() = activation(network_, layer_.inputs[1]);
    append(weight(), {axis(Dim::K, in().c, 1)});
  }

  void softmax() {
    operation_.kind = OpKind::softmax;
    bound(Dim::G, in().c), bound(Dim::P, in().h), bound(Dim::C, in().w), bound(Dim::R, 3);
    for (TensorAccess* access : {&input(), &output()}) {
      append(*access, {axis(Dim::G, in().c, in().h * in().w), axis(Dim::P, in().h, in().w),
                       axis(Dim::C, in().w, 1)});
    }
  }

  void layer_norm() {
    operation_.kind = OpKind::layer_norm;
    bound(Dim::C, in().c), bound(Dim::P, in().h), bound(Dim::Q, in().w), bound(Dim::R, 3);
    for (TensorAccess* access : {&input(), &output()}) {
      append(*access, {axis(Dim::C, in().c, in().h * in().w), axis(Dim::P, in().h, in().w),
                       axis(Dim::Q, in().w, 1)});
    }
  }

  // One copy an input, into its part of the output. Along tokens, positions are flattened and
  // joined.
  std::vector<Operation> concat() {
    const bool tokens = layer_.axis == ConcatAxis::tokens;
    const std::uint64_t out_plane = out().h * out().w;
    std::vector<Operation> copies;
    std::uint64_t base_word = 0;
    for (std::size_t i = 0; i < layer_.inputs.size(); ++i) {
      Operation copy = operation_;
      const Shape& shape = layer_.in_shapes[i];
      const std::uint64_t plane = shape.h * shape.w;
      const std::uint64_t rows = tokens ? plane : shape.h, columns = tokens ? 1 : shape.w;
      if (i > 0) copy.name += "#" + std::to_string(i);
      copy.kind = OpKind::copy;
      copy.bounds[Dim::K] = shape.c;
      copy.bounds[Dim::P] = rows;
      copy.bounds[Dim::Q] = columns;
      copy.of(Operand::input) = activation(network_, layer_.inputs[i]);
      append(copy.of(Operand::input),
             {axis(Dim::K, shape.c, plane), axis(Dim::P, rows, columns), axis(Dim::Q, columns, 1)});
      append(copy.of(Operand::output), {axis(Dim::K, shape.c, out_plane),
                                        axis(Dim::P, rows, columns), axis(Dim::Q, columns, 1)});
      copy.of(Operand::output).base_word = base_word;
      base_word += tokens ? plane : shape.c * out_plane;
      copies.push_back(std::move(copy));
    }
    return copies;
  }

  const Network& network_;
  const Layer& layer_;
  Operation operation_;
};

}  // namespace

const char* to_string(Operand operand) {
  switch (operand) {
    case Operand::input:
      return "input";
    case Operand::weight:
      return "weight";
    case Operand::output:
      return "output";
  }
  CHECK(false, "operand {}", static_cast<int>(operand));
  return "";
}

const char* to_string(OpKind kind) {
  switch (kind) {
    case OpKind::multiply_accumulate:
      return "multiply_accumulate";
    case OpKind::shift_accumulate:
      return "shift_accumulate";
    case OpKind::adder_accumulate:
      return "adder_accumulate";
    case OpKind::max_pool:
      return "max_pool";
    case OpKind::sum_pool:
      return "sum_pool";
    case OpKind::add:
      return "add";
    case OpKind::scale:
      return "scale";
    case OpKind::copy:
      return "copy";
    case OpKind::softmax:
      return "softmax";
    case OpKind::layer_norm:
      return "layer_norm";
  }
  CHECK(false, "operation kind {}", static_cast<int>(kind));
  return "";
}

Arithmetic arithmetic_of(OpKind kind) {
  if (kind == OpKind::multiply_accumulate) return Arithmetic::multiply;
  if (kind == OpKind::shift_accumulate) return Arithmetic::shift;
  if (kind == OpKind::adder_accumulate) return Arithmetic::adder;
  return Arithmetic::none;
}

bool TensorAccess::depends_on(Dim d) const {
  for (const Axis& a : axes) {
    for (const Axis::Term& term : a.terms) {
      if (term.dim == d) return true;
    }
  }
  return false;
}

std::uint64_t Operation::iterations() const {
  std::uint64_t product = 1;
  for (const Dim d : kAllDims) product *= bounds[d];
  return product;
}

std::vector<Operation> operations_of(const Network& network, std::size_t layer) {
  CHECK(layer < network.layers.size(), "layer {} of {}", layer, network.layers.size());
  return Builder(network, layer).build();
}

}  // namespace chasm
