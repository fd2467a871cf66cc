// Small networks for tests, read from JSON text.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "workloads/network.h"
#include "models/program/operation.h"

namespace chasm {

// `inputs` and `layers` are the elements of the JSON arrays of the same name.
inline Network network_of(const std::string& inputs, const std::string& layers,
                          std::uint64_t batch = 1) {
  Diagnostics diagnostics;
  const std::string text = R"({"name":"test","batch":)" + std::to_string(batch) + R"(,"inputs":[)" +
                           inputs + R"(],"layers":[)" + layers + "]}";
  const std::optional<Document> document = parse_json(text, "test.json", diagnostics);
  std::optional<Network> network;
  if (document) network = read_network(*document, diagnostics);
  EXPECT_TRUE(network) << diagnostics.to_string();
  return network ? *network : Network{};
}

// The first operation of the first layer.
inline Operation operation_of(const std::string& inputs, const std::string& layers,
                              std::uint64_t batch = 1) {
  return operations_of(network_of(inputs, layers, batch), 0).at(0);
}

}  // namespace chasm
