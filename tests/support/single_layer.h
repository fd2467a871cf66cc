// One layer of a network as a network of its own, its inputs given as network inputs.
#pragma once

#include "workloads/network.h"
#include "workloads/shape_inference.h"

namespace chasm {

inline Network single_layer_network(const Network& network, std::size_t index) {
  Network single;
  Layer layer = network.layers[index];
  single.name = network.name + "/" + layer.name;
  single.batch = network.batch;
  for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
    const std::uint32_t tensor = layer.inputs[i];
    const bool constant = tensor < network.inputs.size() && network.inputs[tensor].constant;
    single.inputs.push_back({"x" + std::to_string(i), layer.in_shapes[i], constant});
    layer.inputs[i] = static_cast<std::uint32_t>(i);
  }
  single.layers.push_back(std::move(layer));
  return single;
}

// The same layer on fewer rows of its input (fewer tokens of a sequence), so that it has at most so
// many operations, where rows can be left out: channels, kernel and stride stay as they are.
inline Network cropped_layer_network(Network single, std::uint64_t most_operations) {
  const Layer whole = single.layers[0];
  if (!whole.has_weights()) return single;
  for (std::uint64_t rows = whole.in_shapes[0].h; rows > 0; --rows) {
    Layer layer = whole;
    layer.in_shapes[0].h = rows;
    const Shape& shape = layer.in_shapes[0];
    if (whole.type == LayerType::linear && whole.in_features == whole.in_shapes[0].size())
      layer.in_features = shape.size();
    if (!infer_layer(layer, {"x0"}).empty()) break;
    single.inputs[0].shape = shape;
    single.layers[0] = layer;
    if (layer.operations <= most_operations) break;
  }
  return single;
}

}  // namespace chasm
