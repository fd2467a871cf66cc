#include "mapper/mapping.h"

#include <span>

#include "base/check.h"
#include "base/resource.h"

namespace chasm {

std::span<const Resource> mapper_schemas();

namespace {

Json loops_to_json(const std::vector<Loop>& loops) {
  Json array = Json::array();
  for (const Loop& loop : loops) {
    array.push_back(Json::array({std::string(1, letter(loop.dim)), loop.trips}));
  }
  return array;
}

// The loops under `level`.`key`; none where absent.
std::vector<Loop> loops_under(const Json& layer, const char* level, const char* key) {
  const auto found = layer.find(level);
  if (found == layer.end() || !found->contains(key)) return {};
  return loops_from_json((*found)[key]);
}

Json to_json(const OperationMapping& mapping) {
  Json buffer{{"temporal", loops_to_json(mapping.buffer)}};
  for (const Operand o : kAllOperands) {
    const std::optional<std::uint32_t> tiles = mapping.buffer_tiles[static_cast<std::size_t>(o)];
    if (tiles) buffer["tiles"][to_string(o)] = *tiles;
  }
  if (mapping.bypass) {
    buffer["bypass"] = Json::array();
    for (const Operand o : kAllOperands)
      if ((*mapping.bypass)[static_cast<std::size_t>(o)]) buffer["bypass"].push_back(to_string(o));
  }
  return Json{{"chunk", mapping.chunk},
              {"dram", Json{{"temporal", loops_to_json(mapping.dram)}}},
              {"buffer", std::move(buffer)},
              {"array", Json{{"spatial_x", loops_to_json(mapping.spatial_x)},
                             {"spatial_y", loops_to_json(mapping.spatial_y)}}},
              {"rf", Json{{"temporal", loops_to_json(mapping.rf)}}}};
}

OperationMapping operation_mapping(const Json& layer) {
  OperationMapping mapping;
  mapping.chunk = layer["chunk"].get<std::string>();
  mapping.dram = loops_under(layer, "dram", "temporal");
  mapping.buffer = loops_under(layer, "buffer", "temporal");
  mapping.spatial_x = loops_under(layer, "array", "spatial_x");
  mapping.spatial_y = loops_under(layer, "array", "spatial_y");
  mapping.rf = loops_under(layer, "rf", "temporal");
  const Json tiles = layer.value("/buffer/tiles"_json_pointer, Json::object());
  for (const Operand o : kAllOperands) {
    if (!tiles.contains(to_string(o))) continue;
    mapping.buffer_tiles[static_cast<std::size_t>(o)] = tiles[to_string(o)].get<std::uint32_t>();
  }
  mapping.bypass = bypass_from_json(layer);
  return mapping;
}

}  // namespace

Json to_json(const Mapping& mapping) {
  Json layers = Json::object();
  for (const auto& [name, operation] : mapping.layers) append_new(layers, name, to_json(operation));
  return Json{{"schema", "chasm/mapping/1"}, {"layers", std::move(layers)}};
}

std::vector<Loop> loops_from_json(const Json& pairs) {
  std::vector<Loop> loops;
  for (const Json& pair : pairs)
    loops.push_back({*dim_from(pair[0].get<std::string>()), pair[1].get<std::uint64_t>()});
  return loops;
}

std::optional<std::array<bool, kOperands>> bypass_from_json(const Json& layer) {
  const Json::json_pointer place("/buffer/bypass");
  if (!layer.contains(place)) return std::nullopt;
  std::array<bool, kOperands> bypass{};
  for (const Json& name : layer[place])
    for (const Operand o : kAllOperands)
      if (name == to_string(o)) bypass[static_cast<std::size_t>(o)] = true;
  return bypass;
}

std::string layer_pointer(const std::string& name) { return child_pointer("/layers", name); }

std::optional<Mapping> read_mapping(const Document& document, Diagnostics& diagnostics) {
  static const Schema schema(Json::parse(mapping_schema()));
  if (!schema.validate(document.root, document.file, diagnostics)) return std::nullopt;
  Mapping mapping;
  for (const auto& [name, layer] : document.root["layers"].items()) {
    mapping.layers[name] = operation_mapping(layer);
  }
  return mapping;
}

std::string_view mapping_schema() {
  const Resource* schema = find_resource(mapper_schemas(), "mapping.schema");
  CHECK(schema != nullptr, "mapping.schema.json is not compiled in");
  return schema->text;
}

}  // namespace chasm
