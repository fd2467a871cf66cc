// The scalar building blocks of the integer arithmetic (docs/formats.md, "Arithmetic and
// quantisation"), shared by the golden evaluation and by hardware that computes values. All of it
// is exact: 64-bit sums never overflow under a plan that passed check_arithmetic.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "workloads/parameters.h"
#include "workloads/quantization.h"

namespace chasm {

// v / 2^n rounded half to even (n <= 62); n < 0: v * 2^-n.
inline std::int64_t round_half_even(std::int64_t v, int n) {
  if (n <= 0) return v * (std::int64_t{1} << -n);
  const std::int64_t quotient = v >> n;  // towards minus infinity
  const std::int64_t rest = v & ((std::int64_t{1} << n) - 1);
  const std::int64_t half = std::int64_t{1} << (n - 1);
  return quotient + (rest > half || (rest == half && (quotient & 1) != 0) ? 1 : 0);
}

// n / d rounded half to even, d > 0.
inline std::int64_t divide_half_even(std::int64_t n, std::int64_t d) {
  std::int64_t quotient = n / d;
  std::int64_t rest = n % d;
  if (rest < 0) {
    rest += d;
    --quotient;
  }
  const std::int64_t above = d - rest;
  return quotient + (rest > above || (rest == above && (quotient & 1) != 0) ? 1 : 0);
}

// Clamps to the signed range of `bits` bits.
inline std::int64_t saturate(std::int64_t v, std::uint32_t bits) {
  const std::int64_t limit = std::int64_t{1} << (bits - 1);
  return v < -limit ? -limit : v >= limit ? limit - 1 : v;
}

// The signed number that `bits` bits hold of v (modulo 2^bits).
inline std::int64_t wrap(std::int64_t v, std::uint32_t bits) {
  const std::uint32_t drop = 64 - bits;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(v) << drop) >> drop;
}

// The largest r with r * r <= v, v >= 0.
std::int64_t integer_sqrt(std::int64_t v);

// One iteration of a MAC layer's PE.
inline std::int64_t multiply_accumulate(std::int64_t psum, std::int64_t x, std::int64_t w) {
  return psum + x * w;
}
inline std::int64_t shift_accumulate(std::int64_t psum, std::int64_t x, std::int64_t w) {
  if (w == 0) return psum;  // w = s * 2^p
  const std::int64_t shifted = x << std::countr_zero(static_cast<std::uint64_t>(w));
  return w > 0 ? psum + shifted : psum - shifted;
}
inline std::int64_t adder_accumulate(std::int64_t psum, std::int64_t x, std::int64_t w) {
  return x >= w ? psum - (x - w) : psum - (w - x);
}

// Where the sum of a max_pool starts; every other psum starts at 0.
inline constexpr std::int64_t kMaxPoolStart = std::numeric_limits<std::int64_t>::min();

// A stored word as it enters the datapath.
class InputConversion {
 public:
  explicit InputConversion(const OperandQuantization& operand)
      : narrow_(static_cast<int>(operand.narrow)), bits_(operand.bits), align_(operand.align) {}
  std::int32_t operator()(std::int32_t stored) const {
    const std::int64_t x =
        narrow_ == 0 ? stored : saturate(round_half_even(stored, narrow_), bits_);
    return static_cast<std::int32_t>(x * (std::int64_t{1} << align_));
  }

 private:
  int narrow_;
  std::uint32_t bits_, align_;
};

// From the exact psum of one output word to the stored word, for every layer but softmax and
// layer_norm. The psum is: the sum of a MAC layer, x1 + x2 of add, x1 * x2 of scale, x of concat,
// the maximum or the sum of a pool, all of converted inputs.
class OutputStage {
 public:
  OutputStage(const Layer&, const LayerQuantization&, const LayerParameters&);

  // `channel`: index along C of the layer's output. `overflows` counts psums that left the psum
  // width.
  std::int32_t operator()(std::int64_t exact_psum, std::size_t channel,
                          std::uint64_t& overflows) const {
    std::int64_t t = exact_psum;
    if (psum_bits_ != 0) {
      t = wrap(exact_psum, psum_bits_);
      overflows += t != exact_psum ? 1 : 0;
    }
    if (!scale_.empty()) t *= scale_[channel];
    if (!bias_.empty()) t += bias_[channel];
    t = t < low_ ? low_ : t > high_ ? high_ : t;
    const std::int64_t rounded =
        divisor_ == 1 ? round_half_even(t, shift_) : divide_half_even(t * factor_, divisor_);
    const std::int64_t y = saturate(rounded, output_bits_);
    if (table_.empty()) return static_cast<std::int32_t>(y);
    return table_[static_cast<std::size_t>(y + (std::int64_t{1} << (output_bits_ - 1)))];
  }

 private:
  std::uint32_t psum_bits_ = 0;  // 0: sums of this layer type do not wrap
  std::uint32_t output_bits_;
  int shift_;
  std::int64_t low_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t high_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t factor_ = 1, divisor_ = 1;  // the average pools divide instead of shifting
  std::vector<std::int32_t> scale_;
  std::vector<std::int64_t> bias_;
  std::vector<std::int32_t> table_;  // silu, gelu, sigmoid of every output value
};

// What a row of softmax or layer_norm keeps between its three passes.
struct RowState {
  std::int64_t first = 0;   // softmax: maximum; layer_norm: sum
  std::int64_t second = 0;  // softmax: sum of exponentials; layer_norm: sum of squares
  std::int64_t root = -1;   // layer_norm: integer standard deviation, once asked for
};

// Softmax and layer_norm in three passes over the elements of a row, in any order within a pass.
// Elements are converted inputs; every element of a row goes through pass 0, then every one through
// 1, then through `finish`.
class RowStage {
 public:
  RowStage(const Layer&, const LayerQuantization&, const LayerParameters&,
           std::uint64_t row_length);

  RowState start() const;
  void pass0(RowState& row, std::int32_t x) const {
    if (softmax_)
      row.first = x > row.first ? x : row.first;
    else
      row.first += x;
  }
  void pass1(RowState& row, std::int32_t x) const {
    row.second += softmax_ ? exponential(row, x) : std::int64_t{x} * x;
  }
  // `channel`: index along C (layer_norm's gamma and beta).
  std::int32_t finish(RowState& row, std::int32_t x, std::size_t channel) const {
    return softmax_ ? finish_softmax(row, x) : finish_layer_norm(row, x, channel);
  }

 private:
  std::int64_t exponential(const RowState& row, std::int32_t x) const {
    return table_[static_cast<std::size_t>(row.first - x)];
  }
  std::int32_t finish_softmax(const RowState&, std::int32_t x) const;
  std::int32_t finish_layer_norm(RowState&, std::int32_t x, std::size_t channel) const;

  bool softmax_;
  std::int64_t length_;
  std::uint32_t output_bits_;
  std::vector<std::int32_t> table_;  // softmax: 2^15 * exp(-d)
  std::vector<std::int32_t> gamma_, beta_;
};

// The length of the rows of a softmax (W) or layer_norm (C) layer.
std::uint64_t row_length(const Layer&);

// 2^15 * exp(-d * 2^-(bits - 4)) for d in 0 .. 2^bits - 1.
std::vector<std::int32_t> exponential_table(std::uint32_t bits);
// silu, gelu or sigmoid of every value of that width, from the most negative; empty for other
// activations.
std::vector<std::int32_t> activation_table(Activation, std::uint32_t bits);

}  // namespace chasm
