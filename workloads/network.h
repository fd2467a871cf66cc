// A network: a DAG of layers in topological order over tensors. Tensor ids: 0 .. inputs-1 are the
// network's inputs, inputs + i is the output of layer i.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "workloads/layer.h"

namespace chasm {

struct NetworkInput {
  std::string name;
  Shape shape;
  bool constant =
      false;  // a learned tensor (class token, position embedding): counts as parameters
};

struct OperationCounts {
  std::uint64_t multiply = 0, shift = 0, adder = 0;
  std::uint64_t total() const { return multiply + shift + adder; }
  std::uint64_t& of(Arithmetic);
  bool operator==(const OperationCounts&) const = default;
};

struct Network {
  std::string name;
  std::string source;
  std::uint64_t batch = 1;
  std::vector<NetworkInput> inputs;
  std::vector<Layer> layers;
  // Share of zeros in a tensor, by tensor id, as its author measured it.
  std::map<std::uint32_t, double> zeros;

  std::size_t tensor_count() const { return inputs.size() + layers.size(); }
  const Shape& tensor_shape(std::uint32_t id) const;
  const std::string& tensor_name(std::uint32_t id) const;
  std::uint32_t output_of(std::size_t layer) const {
    return static_cast<std::uint32_t>(inputs.size() + layer);
  }
  OperationCounts operations() const;  // of one sample, by arithmetic
  std::uint64_t params() const;
};

// Reads, infers shapes and counts, and checks every `expect` and `totals`. Problems become
// diagnostics (all of them, at their JSON pointers); the network is returned only when there was
// none.
std::optional<Network> read_network(const Document&, Diagnostics&);

// A shipped name (zoo) or a path. Unknown names get a did-you-mean.
std::optional<Document> load_network_document(const std::string& name_or_path, Diagnostics&);
std::optional<Network> load_network(const std::string& name_or_path, Diagnostics&);
std::vector<std::string> zoo_names();
std::string_view workload_schema();                // the JSON Schema's text
std::string_view zoo_text(std::string_view name);  // empty when there is none of that name

}  // namespace chasm
