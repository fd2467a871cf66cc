// quantization.json: everything of the plan that someone needs to recompute a layer from its
// tensors.
#include <span>

#include <fmt/format.h>

#include "base/check.h"
#include "base/resource.h"
#include "workloads/arithmetic.h"
#include "workloads/quantization.h"
#include "workloads/quantization_schema.h"

namespace chasm {

std::span<const Resource> workload_schema_resources();

namespace {

Json operands_json(const Network& network, const Layer& layer, const LayerQuantization& q) {
  Json list = Json::array();
  for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
    const OperandQuantization& operand = q.inputs[k];
    const std::string& name = network.tensor_name(layer.inputs[k]);
    const bool is_layer = layer.inputs[k] >= network.inputs.size();
    list.push_back({{"tensor", name},
                    {"file", name + (is_layer ? ".output.npy" : ".npy")},
                    {"stored_bits", operand.stored_bits},
                    {"bits", operand.bits},
                    {"narrow", operand.narrow},
                    {"align", operand.align}});
  }
  return list;
}

// The table a layer looks up, and its name among "tables"; empty when it needs none.
std::string table_name(const Layer& layer, const LayerQuantization& q) {
  if (layer.type == LayerType::softmax) return fmt::format("exp_{}", q.inputs[0].bits);
  switch (layer.activation) {
    case Activation::silu:
    case Activation::gelu:
    case Activation::sigmoid:
      return fmt::format("{}_{}", to_string(layer.activation), q.widths.output);
    case Activation::none:
    case Activation::relu:
    case Activation::relu6:
      break;
  }
  return {};
}
std::vector<std::int32_t> table_of(const Layer& layer, const LayerQuantization& q) {
  return layer.type == LayerType::softmax ? exponential_table(q.inputs[0].bits)
                                          : activation_table(layer.activation, q.widths.output);
}

Json layer_json(const Network& network, const Layer& layer, const LayerQuantization& q,
                const LayerParameters& parameters) {
  Json json = {{"type", to_string(layer.type)}, {"arithmetic", to_string(layer.arithmetic)}};
  json["bits"] = {{"input", q.widths.input},
                  {"weight", q.widths.weight},
                  {"psum", q.widths.psum},
                  {"output", q.widths.output}};
  json["inputs"] = operands_json(network, layer, q);
  json["shift"] = q.shift;
  if (layer.is_mac()) {
    const auto channels = static_cast<std::size_t>(layer.out_shape.c);
    json["scale_fraction_bits"] = q.scale_fraction_bits;
    json["scale"] =
        parameters.scale.empty() ? std::vector<std::int32_t>(channels, 1) : parameters.scale;
    json["bias"] =
        parameters.bias.empty() ? std::vector<std::int64_t>(channels, 0) : parameters.bias;
  }
  if (layer.type == LayerType::avg_pool2d || layer.type == LayerType::global_avg_pool)
    json["divisor"] = q.divisor;
  if (layer.type == LayerType::layer_norm) {
    json["gamma_fraction_bits"] = kGammaFractionBits;
    json["gamma"] = parameters.gamma;
    json["beta"] = parameters.beta;
  }
  json["activation"] = to_string(layer.activation);
  if (const std::string table = table_name(layer, q); !table.empty()) json["table"] = table;
  return json;
}

}  // namespace

Json to_json(const Network& network, const QuantizationPlan& plan,
             const std::vector<LayerParameters>& parameters) {
  Json tensors = Json::object(), layers = Json::object(), tables = Json::object();
  for (std::uint32_t id = 0; id < network.tensor_count(); ++id)
    tensors[network.tensor_name(id)] = {{"bits", plan.tensor_bits[id]}};
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    layers[layer.name] = layer_json(network, layer, plan.layers[i], parameters[i]);
    const std::string table = table_name(layer, plan.layers[i]);
    if (!table.empty() && !tables.contains(table)) tables[table] = table_of(layer, plan.layers[i]);
  }
  return {{"schema", "chasm/quantization/1"},
          {"network", network.name},
          {"batch", network.batch},
          {"tensors", tensors},
          {"layers", layers},
          {"tables", tables}};
}

std::string_view quantization_schema() {
  const Resource* schema = find_resource(workload_schema_resources(), "quantization.schema");
  CHECK(schema != nullptr, "quantization.schema.json is not in the program");
  return schema->text;
}

}  // namespace chasm
