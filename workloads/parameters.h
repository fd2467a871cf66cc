// The numbers a layer needs besides its inputs, and data made from a seed for those that nobody
// supplied.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/quantization.h"

namespace chasm {

// The integers of a tensor, [N][C][H][W] (a constant holds one sample for all); every value fits
// the tensor's stored width.
using Tensor = std::vector<std::int32_t>;

// Unused members stay empty.
struct LayerParameters {
  // Canonical order [G][K][C][R][S], which is [out][in / groups][R][S]; linear: [out][in]. Shift
  // layers hold the value s * 2^p itself.
  std::vector<std::int32_t> weights;
  std::vector<std::int64_t> bias;   // per output channel, added after the scale
  std::vector<std::int32_t> scale;  // per output channel, scale_fraction_bits fractional bits
  std::vector<std::int32_t> gamma;  // layer_norm, per channel, kGammaFractionBits fractional bits
  std::vector<std::int32_t> beta;   // layer_norm, per channel, in units of the output
};

inline constexpr std::uint32_t kScaleFractionBits = 6;
inline constexpr std::uint32_t kGammaFractionBits = 6;

// Data that neither vanish nor saturate much under the plan. A layer's parameters depend on the
// seed, its name, its shape and its widths, not on its place in the network. Members of `given`
// that are not empty are kept, and the others made to go with them.
LayerParameters make_parameters(const Network&, const QuantizationPlan&, std::size_t layer,
                                std::uint64_t seed, LayerParameters given = {});

// Values of a tensor: for the network's inputs and constants, or for any tensor when one layer is
// tried alone.
Tensor make_tensor(const Network&, const QuantizationPlan&, std::uint32_t tensor,
                   std::uint64_t seed);

// Words of a tensor: its shape for every sample, or for one if it is a constant.
std::uint64_t tensor_words(const Network&, std::uint32_t tensor);

// The seed of one named thing, so that nothing depends on the order in which things are made.
std::uint64_t seed_of(std::uint64_t seed, const std::string& name, const char* what);

}  // namespace chasm
