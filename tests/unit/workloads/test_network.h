// Networks written inline in tests.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/check.h"
#include "workloads/golden.h"
#include "workloads/network.h"

namespace chasm {

inline std::optional<Network> try_network(const std::string& json, Diagnostics& diagnostics) {
  const auto document = parse_json(json, "net.json", diagnostics);
  return document ? read_network(*document, diagnostics) : std::nullopt;
}

inline Network network_of(const std::string& json) {
  Diagnostics diagnostics;
  auto network = try_network(json, diagnostics);
  CHECK(network.has_value(), "{}", diagnostics.to_string());
  return *network;
}

// A network of one layer; `inputs` is the JSON list of its inputs, named a, b, ..
inline Network one_layer(const std::string& inputs, const std::string& layer, int batch = 1) {
  return network_of(R"({"name": "one", "batch": )" + std::to_string(batch) + R"(, "inputs": )" +
                    inputs + R"(, "layers": [{"name": "layer", )" + layer + "}]}");
}

// The only layer's output for the given inputs and parameters. `shift` replaces the planned one
// where given.
inline GoldenOutput evaluate(const Network& network, const LayerWidths& widths,
                             const LayerParameters& parameters, const std::vector<Tensor>& inputs,
                             std::optional<int> shift = {}) {
  QuantizationPlan plan = plan_quantization(network, {widths});
  if (shift) plan.layers[0].shift = *shift;
  std::vector<const Tensor*> pointers;
  for (const Tensor& input : inputs) pointers.push_back(&input);
  return golden_layer(network, plan, 0, parameters, pointers);
}

}  // namespace chasm
