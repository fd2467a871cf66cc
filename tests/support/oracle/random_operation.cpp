#include "tests/support/oracle/random_operation.h"

#include <iterator>
#include <utility>
#include <vector>

namespace chasm::oracle {
namespace {

std::int64_t volume(const std::vector<Axis>& axes) {
  std::int64_t words = 1;
  for (const Axis& axis : axes) words *= axis.extent;
  return words;
}

Axis axis(Dim dim, std::int64_t extent) { return {{{dim, 1}}, 0, extent, 1}; }

// A dense tensor: the strides follow from the extents.
TensorAccess dense(std::vector<Axis> axes, bool parameter = false) {
  TensorAccess access;
  access.used = true;
  access.is_parameter = parameter;
  access.words = static_cast<std::uint64_t>(volume(axes));
  std::int64_t stride = 1;
  for (std::size_t a = axes.size(); a-- > 0;) {
    axes[a].word_stride = stride;
    stride *= axes[a].extent;
  }
  access.axes = std::move(axes);
  return access;
}

class Builder {
 public:
  explicit Builder(Rng& rng) : rng_(rng) {}

  Operation build() {
    using Make = void (Builder::*)();
    static constexpr Make kMakers[] = {
        &Builder::convolution, &Builder::convolution, &Builder::convolution, &Builder::convolution,
        &Builder::matmul,      &Builder::matmul,      &Builder::pool,        &Builder::add,
        &Builder::scale,       &Builder::copy,        &Builder::softmax,     &Builder::layer_norm,
        &Builder::flattened,   &Builder::depthwise};
    op_.name = "random";
    bound(Dim::N, rng_.below(4) == 0 ? 2 : 1);
    (this->*kMakers[rng_.below(std::size(kMakers))])();
    return op_;
  }

 private:
  std::int64_t pick(std::int64_t low, std::int64_t high) { return rng_.between(low, high); }
  std::int64_t bound(Dim d, std::int64_t value) {
    op_.bounds[d] = static_cast<std::uint64_t>(value);
    return value;
  }
  std::int64_t bound_of(Dim d) const { return static_cast<std::int64_t>(op_.bounds[d]); }
  Axis along(Dim d) const { return axis(d, bound_of(d)); }
  TensorAccess& input() { return op_.of(Operand::input); }
  TensorAccess& weight() { return op_.of(Operand::weight); }
  TensorAccess& output() { return op_.of(Operand::output); }
  OpKind mac() { return static_cast<OpKind>(rng_.below(3)); }

  // Positions and kernel of one direction; returns the input's axis.
  Axis window(Dim position, Dim kernel) {
    // Now and then more padding than image.
    const std::int64_t extent = pick(1, rng_.below(4) == 0 ? 2 : 9), stride = pick(1, 3),
                       dilation = pick(1, 2);
    std::int64_t size = bound(kernel, pick(1, 3));
    std::int64_t padding = pick(0, 2);
    if (extent + 2 * padding < dilation * (size - 1) + 1) size = bound(kernel, 1);
    bound(position, (extent + 2 * padding - dilation * (size - 1) - 1) / stride + 1);
    return {{{position, stride}, {kernel, dilation}}, -padding, extent, 1};
  }

  void convolution_of(std::int64_t groups, std::int64_t k, std::int64_t c) {
    op_.kind = mac();
    bound(Dim::G, groups), bound(Dim::K, k), bound(Dim::C, c);
    const Axis rows = window(Dim::P, Dim::R), columns = window(Dim::Q, Dim::S);
    input() = dense({along(Dim::N), along(Dim::G), along(Dim::C), rows, columns});
    weight() =
        dense({along(Dim::G), along(Dim::K), along(Dim::C), along(Dim::R), along(Dim::S)}, true);
    output() = dense({along(Dim::N), along(Dim::G), along(Dim::K), along(Dim::P), along(Dim::Q)});
  }
  // Drawn before the call: compilers evaluate arguments in different orders.
  void convolution() {
    const std::int64_t c = pick(1, 5), k = pick(1, 6), groups = rng_.below(4) == 0 ? 2 : 1;
    convolution_of(groups, k, c);
  }
  void depthwise() { convolution_of(pick(1, 6), 1, 1); }

  // A linear layer over a whole image: the kernel is as large as the image.
  void flattened() {
    op_.kind = mac();
    bound(Dim::K, pick(1, 9)), bound(Dim::C, pick(1, 6));
    bound(Dim::R, pick(1, 3)), bound(Dim::S, pick(1, 3));
    input() = dense({along(Dim::N), along(Dim::C), along(Dim::R), along(Dim::S)});
    weight() = dense({along(Dim::K), along(Dim::C), along(Dim::R), along(Dim::S)}, true);
    output() = dense({along(Dim::N), along(Dim::K)});
  }

  void matmul() {
    op_.kind = mac();
    bound(Dim::G, pick(1, 2)), bound(Dim::P, pick(1, 7));
    bound(Dim::K, pick(1, 7)), bound(Dim::C, pick(1, 7));
    const bool transposed = rng_.below(2) == 0;
    const Axis n = along(Dim::N), g = along(Dim::G), p = along(Dim::P), k = along(Dim::K),
               c = along(Dim::C);
    input() = transposed ? dense({n, g, c, p}) : dense({n, g, p, c});
    weight() = transposed ? dense({n, g, c, k}) : dense({n, g, k, c});
    output() = transposed ? dense({n, g, p, k}) : dense({n, g, k, p});
  }

  void pool() {
    op_.kind = rng_.below(2) == 0 ? OpKind::max_pool : OpKind::sum_pool;
    bound(Dim::G, pick(1, 6));
    const Axis rows = window(Dim::P, Dim::R), columns = window(Dim::Q, Dim::S);
    input() = dense({along(Dim::N), along(Dim::G), rows, columns});
    output() = dense({along(Dim::N), along(Dim::G), along(Dim::P), along(Dim::Q)});
  }

  void elementwise(OpKind kind) {
    op_.kind = kind;
    bound(Dim::K, pick(1, 7)), bound(Dim::P, pick(1, 7)), bound(Dim::Q, pick(1, 7));
    input() = output() = dense({along(Dim::N), along(Dim::K), along(Dim::P), along(Dim::Q)});
  }
  void add() {
    elementwise(OpKind::add);
    weight() = input();
    // A constant operand has one sample for all.
    if (rng_.below(3) == 0) weight() = dense({along(Dim::K), along(Dim::P), along(Dim::Q)});
  }
  void scale() {
    elementwise(OpKind::scale);
    weight() = dense({along(Dim::N), along(Dim::K)});
  }
  // A part of a larger output: other strides and a base.
  void copy() {
    elementwise(OpKind::copy);
    const std::int64_t more = pick(0, 3), first = pick(0, more);
    const std::int64_t plane = bound_of(Dim::P) * bound_of(Dim::Q);
    output().axes[0].word_stride = (bound_of(Dim::K) + more) * plane;
    output().base_word = static_cast<std::uint64_t>(first * plane);
    output().words =
        static_cast<std::uint64_t>(bound_of(Dim::N) * (bound_of(Dim::K) + more) * plane);
  }

  void softmax() {
    op_.kind = OpKind::softmax;
    bound(Dim::G, pick(1, 3)), bound(Dim::P, pick(1, 6)), bound(Dim::C, pick(1, 9));
    bound(Dim::R, 3);
    input() = output() = dense({along(Dim::N), along(Dim::G), along(Dim::P), along(Dim::C)});
  }
  void layer_norm() {
    op_.kind = OpKind::layer_norm;
    bound(Dim::C, pick(1, 9)), bound(Dim::P, pick(1, 6)), bound(Dim::Q, pick(1, 3));
    bound(Dim::R, 3);
    input() = output() = dense({along(Dim::N), along(Dim::C), along(Dim::P), along(Dim::Q)});
  }

  Rng& rng_;
  Operation op_;
};

}  // namespace

Operation random_operation(Rng& rng) { return Builder(rng).build(); }

}  // namespace chasm::oracle
