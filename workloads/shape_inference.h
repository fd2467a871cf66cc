// From a layer's settings and the shapes of its inputs to the shape of its output and its counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/layer.h"

namespace chasm {

// Something about a layer that cannot be. `key` is the JSON key of the layer at fault.
struct LayerProblem {
  std::string key, message, hint;
};

// The largest count (elements, steps) the program deals with: sums of a few of them still fit 64
// bits.
inline constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 60;

// a * b * .. or nothing when it exceeds kMaxCount.
std::optional<std::uint64_t> checked_product(std::initializer_list<std::uint64_t> factors);

// Fills out_shape, operations, weights and params from the settings and in_shapes; returns what is
// wrong, all of it. `sources`: what to call each input in a message, e.g. `"stem" (/layers/0)`.
std::vector<LayerProblem> infer_layer(Layer&, const std::vector<std::string>& sources);

// `[8, 6, 5]`
std::string to_string(const Shape&);

}  // namespace chasm
