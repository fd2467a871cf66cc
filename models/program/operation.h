// What a program computes: a loop nest over the dimensions of dims.h and, for each tensor, which
// word an iteration touches. A layer is one operation, or several (a concat copies each input). The
// word of a tensor is separable: every dimension moves at most one axis of a tensor, which is what
// makes all counts products over axes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "workloads/network.h"
#include "models/program/dims.h"

namespace chasm {

// What a PE does in one iteration.
enum class OpKind {
  multiply_accumulate,  // psum += x * w
  shift_accumulate,     // psum += s * (x << p), w = s * 2^p
  adder_accumulate,     // psum -= |x - w|
  max_pool,             // psum = max(psum, x)
  sum_pool,             // psum += x, divided by the window at the end
  add,                  // x + y (y: operand `weight`)
  scale,                // x * y
  copy,                 // x
  softmax,     // rows along C; R counts the three passes (maximum, sum of exponentials, quotient)
  layer_norm,  // rows along C; R counts the three passes (sum, sum of squares, result)
};

enum class Operand : std::uint8_t { input, weight, output };
inline constexpr std::size_t kOperands = 3;
inline constexpr std::array<Operand, kOperands> kAllOperands = {Operand::input, Operand::weight,
                                                                Operand::output};
const char* to_string(Operand);
const char* to_string(OpKind);
Arithmetic arithmetic_of(OpKind);  // none for everything but the accumulations

// coordinate = offset + sum of coefficient * index over the terms; coordinates outside [0, extent)
// are padding: they hold zero (-infinity for max_pool), are not stored and never moved.
struct Axis {
  struct Term {
    Dim dim;
    std::int64_t coefficient;
    bool operator==(const Term&) const = default;
  };
  std::vector<Term> terms;       // one or two dimensions (output position and kernel position)
  std::int64_t offset = 0;       // minus the padding
  std::int64_t extent = 1;       // stored coordinates
  std::int64_t word_stride = 1;  // words of the tensor between neighbouring coordinates
  bool operator==(const Axis&) const = default;
};

// The input of a flattened convolution, seen through an image-to-column unit (docs/
// microarchitecture.md, section 8): P numbers output pixels, C the words of a filter. The axes of
// the access then number the elements of the matrix; what is stored lies below.
struct Im2col {
  std::vector<Axis> stored;        // over N, G, C, P, R, Q, S as before flattening
  DimArray<std::uint64_t> unflat;  // the bounds before flattening
  bool operator==(const Im2col&) const = default;

  // The smallest box of index ranges before flattening that contains a block of the flattened
  // dimensions; other dimensions stay.
  void unflatten(DimArray<std::uint64_t>& offsets, DimArray<std::uint64_t>& lengths) const;
  // Elements of a block of pixels and words of a filter that are not padding, of one sample and
  // group.
  std::uint64_t stored_elements(std::uint64_t pixel, std::uint64_t pixels, std::uint64_t word,
                                std::uint64_t words) const;
  // Words, padding counted, of the largest box over all positions of a tile of the flattened
  // dimensions.
  std::uint64_t largest_box(const DimArray<std::uint64_t>& tile) const;
};

struct TensorAccess {
  bool used = false;
  bool is_parameter = false;     // a weight of the layer, not a tensor of the network
  std::uint32_t tensor = 0;      // tensor id when !is_parameter
  std::uint64_t words = 0;       // words of the whole tensor (all samples)
  std::uint64_t base_word = 0;   // word of coordinate 0 on every axis
  std::vector<Axis> axes;        // outermost (largest stride) first
  std::optional<Im2col> im2col;  // the axes number elements, not words

  bool depends_on(Dim) const;
  const std::vector<Axis>& stored_axes() const { return im2col ? im2col->stored : axes; }
  bool operator==(const TensorAccess&) const = default;
};

struct Operation {
  std::string name;
  std::size_t layer = 0;  // index in the network
  OpKind kind = OpKind::multiply_accumulate;
  DimArray<std::uint64_t> bounds = ones();
  std::array<TensorAccess, kOperands> access;

  const TensorAccess& of(Operand o) const { return access[static_cast<std::size_t>(o)]; }
  TensorAccess& of(Operand o) { return access[static_cast<std::size_t>(o)]; }
  // A reduction dimension is one that the output does not depend on.
  bool is_reduction(Dim d) const { return !of(Operand::output).depends_on(d); }
  bool is_row_op() const { return kind == OpKind::softmax || kind == OpKind::layer_norm; }
  bool is_mac() const { return kind <= OpKind::adder_accumulate; }
  std::uint64_t iterations() const;  // product of the bounds
  bool operator==(const Operation&) const = default;
};

// The operations of a layer, in execution order. Tensors are stored [N][C][H][W], weights
// [G][K][C][R][S].
std::vector<Operation> operations_of(const Network&, std::size_t layer);

}  // namespace chasm
