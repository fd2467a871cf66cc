// How wide every tensor of a network is and how sums are scaled back to it: the static plan behind
// the integer arithmetic of docs/formats.md, "Arithmetic and quantisation". It follows from shapes
// and bit widths only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/json.h"
#include "workloads/network.h"

namespace chasm {

struct LayerParameters;

// Bit widths of the chunk that runs a layer.
struct LayerWidths {
  std::uint32_t input = 8, weight = 8, psum = 16, output = 8;
};

// What a tensor's values are expected to look like. It chooses the shifts and scales the generated
// data; no result depends on it otherwise.
struct TensorStatistics {
  // 8 * log2 of the mean square of the real value: 0 for a standard deviation of 1.
  int level = 0;
  bool rectified = false;  // about half of the values are zero and none is (much) below it
};

// 8 * log2(n) rounded, n > 0, in integer arithmetic: the unit of levels.
int log2_eighths(std::uint64_t n);

// How one operand enters the datapath: stored words that are too wide are rounded; the operands of
// `add` and `concat` are then shifted left to a common scale.
struct OperandQuantization {
  std::uint32_t stored_bits = 8;
  std::uint32_t bits = 8;    // min(stored_bits, the chunk's width for the operand)
  std::uint32_t narrow = 0;  // stored_bits - bits
  std::uint32_t align = 0;   // left shift to the common scale
};

struct LayerQuantization {
  LayerWidths widths;
  std::vector<OperandQuantization> inputs;  // one an input of the layer
  int shift = 0;  // of the requantisation, to the right; negative: to the left
  std::uint32_t scale_fraction_bits =
      0;                      // of the per-channel scale; `shift` includes them; 0: no scale
  bool has_bias = false;      // a per-channel bias is added (bias, or what remains of a batch norm)
  std::uint64_t divisor = 1;  // of the average pools: positions of the window
  std::uint64_t fan_in = 0;   // products (or differences) a sum is made of; MAC layers only
  // Generated weights: multiply uniform in +-amplitude; shift 0 or s * 2^p with p uniform in 0 ..
  // amplitude; adder mostly of magnitude amplitude / 2 .. amplitude with a random sign: |x - w| is
  // then |w| plus or minus x with equal chances, and a change that all inputs share cancels
  // instead of driving every sum.
  std::uint32_t weight_amplitude = 0;
};

struct QuantizationPlan {
  std::vector<std::uint32_t> tensor_bits;    // stored width, by tensor id
  std::vector<TensorStatistics> statistics;  // by tensor id
  std::vector<LayerQuantization> layers;
};

// Fractional bits of a tensor of that width: its values stand for value * 2^-(bits - 4), so they
// span -8 .. 8.
constexpr int fraction_bits(std::uint32_t bits) { return static_cast<int>(bits) - 4; }

// `widths`: one a layer. Works for any widths and sizes (only simulations that compute values need
// more).
QuantizationPlan plan_quantization(const Network&, const std::vector<LayerWidths>& widths);

// Whether the integer arithmetic is defined (64-bit sums are exact) for this plan; problems become
// diagnostics.
bool check_arithmetic(const Network&, const QuantizationPlan&, Diagnostics&);

// The exponents a shift layer's weights may use: 0 .. this. A width of b bits holds sign and zero
// in two bits.
std::uint32_t max_shift_exponent(std::uint32_t weight_bits);

// quantization.json (docs/formats.md): widths, conversions, shifts, per-channel parameters, tables.
Json to_json(const Network&, const QuantizationPlan&, const std::vector<LayerParameters>&);

}  // namespace chasm
