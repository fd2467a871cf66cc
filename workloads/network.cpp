#include "workloads/network.h"

#include <span>

#include "base/check.h"
#include "base/named_document.h"
#include "base/resource.h"

namespace chasm {

std::span<const Resource> zoo_resources();
std::span<const Resource> workload_schema_resources();

std::uint64_t& OperationCounts::of(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::multiply:
      return multiply;
    case Arithmetic::shift:
      return shift;
    case Arithmetic::adder:
      return adder;
    case Arithmetic::none:
      break;
  }
  CHECK(false, "layers without arithmetic have no operations to count");
  return multiply;
}

const Shape& Network::tensor_shape(std::uint32_t id) const {
  CHECK(id < tensor_count(), "tensor {} of {}", id, tensor_count());
  return id < inputs.size() ? inputs[id].shape : layers[id - inputs.size()].out_shape;
}

const std::string& Network::tensor_name(std::uint32_t id) const {
  CHECK(id < tensor_count(), "tensor {} of {}", id, tensor_count());
  return id < inputs.size() ? inputs[id].name : layers[id - inputs.size()].name;
}

OperationCounts Network::operations() const {
  OperationCounts counts;
  for (const Layer& layer : layers)
    if (layer.is_mac()) counts.of(layer.arithmetic) += layer.operations;
  return counts;
}

std::uint64_t Network::params() const {
  std::uint64_t total = 0;
  for (const NetworkInput& input : inputs)
    if (input.constant) total += input.shape.size();
  for (const Layer& layer : layers) total += layer.params;
  return total;
}

std::vector<std::string> zoo_names() {
  std::vector<std::string> names;
  for (const Resource& resource : zoo_resources()) names.emplace_back(resource.name);
  return names;
}

std::string_view zoo_text(std::string_view name) {
  const Resource* resource = find_resource(zoo_resources(), name);
  return resource == nullptr ? std::string_view{} : resource->text;
}

std::string_view workload_schema() {
  return find_resource(workload_schema_resources(), "workload.schema")->text;
}

std::optional<Document> load_network_document(const std::string& name_or_path,
                                              Diagnostics& diagnostics) {
  static constexpr ShippedDocuments kZoo{"network", "nets", zoo_names, zoo_text};
  return load_named_document(name_or_path, kZoo, diagnostics);
}

std::optional<Network> load_network(const std::string& name_or_path, Diagnostics& diagnostics) {
  const std::optional<Document> document = load_network_document(name_or_path, diagnostics);
  return document ? read_network(*document, diagnostics) : std::nullopt;
}

}  // namespace chasm
