// One layer of a network as a network of its own, its inputs given as network inputs.
#pragma once

#include "workloads/network.h"

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

}  // namespace chasm
