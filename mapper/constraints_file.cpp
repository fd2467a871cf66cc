#include "mapper/constraints_file.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/check.h"
#include "base/resource.h"
#include "base/suggest.h"
#include "mapper/build_program.h"
#include "mapper/mapping.h"

namespace chasm {

std::span<const Resource> mapper_schemas();

namespace {

constexpr const char* kAll = "*";

// Where each level stands in the file: its loops, and its limits.
struct Place {
  Level level;
  Json::json_pointer loops, limits;
};
const std::array<Place, kLevels>& places() {
  using Pointer = Json::json_pointer;
  static const std::array<Place, kLevels> all = {{
      {Level::rf, Pointer("/rf/temporal"), Pointer("/rf")},
      {Level::x, Pointer("/array/spatial_x"), Pointer("/array/x")},
      {Level::y, Pointer("/array/spatial_y"), Pointer("/array/y")},
      {Level::buffer, Pointer("/buffer/temporal"), Pointer("/buffer")},
      {Level::dram, Pointer("/dram/temporal"), Pointer("/dram")},
  }};
  return all;
}

using Parameter = std::optional<std::uint64_t> RowStationary::*;
struct NamedParameter {
  const char* name;
  Parameter parameter;
  Dim dim;  // that it counts
};
constexpr std::array<NamedParameter, 7> kParameters = {{{"n", &RowStationary::n, Dim::N},
                                                        {"m", &RowStationary::m, Dim::K},
                                                        {"p", &RowStationary::p, Dim::K},
                                                        {"q", &RowStationary::q, Dim::C},
                                                        {"r", &RowStationary::r, Dim::C},
                                                        {"t", &RowStationary::t, Dim::K},
                                                        {"e", &RowStationary::e, Dim::P}}};

DimArray<std::optional<std::uint64_t>> numbers(const Json& level, const char* key) {
  DimArray<std::optional<std::uint64_t>> result;
  if (!level.contains(key)) return result;
  for (const auto& [name, number] : level[key].items())
    result[*dim_from(name)] = number.get<std::uint64_t>();
  return result;
}

MapConstraints::PerLevel level_of(const Json& layer, const Place& place) {
  MapConstraints::PerLevel result;
  if (layer.contains(place.loops)) result.loops = loops_from_json(layer[place.loops]);
  if (!layer.contains(place.limits)) return result;
  const Json& limits = layer[place.limits];
  result.factors = numbers(limits, "factors");
  result.most = numbers(limits, "max");
  if (limits.contains("dims")) {
    result.dims.emplace();
    for (const Json& name : limits["dims"])
      result.dims->push_back(*dim_from(name.get<std::string>()));
  }
  return result;
}

MapConstraints constraints_from(const Json& layer) {
  MapConstraints result;
  for (const Place& place : places()) result.at(place.level) = level_of(layer, place);
  const Json tiles = layer.value("/buffer/tiles"_json_pointer, Json::object());
  for (const Operand o : kAllOperands)
    if (tiles.contains(to_string(o)))
      result.buffer_tiles[static_cast<std::size_t>(o)] = tiles[to_string(o)].get<std::uint32_t>();
  result.bypass = bypass_from_json(layer);
  const Json parameters = layer.value("row_stationary", Json::object());
  for (const NamedParameter& p : kParameters)
    if (parameters.contains(p.name))
      result.row_stationary.*p.parameter = parameters[p.name].get<std::uint64_t>();
  if (layer.contains("dataflow"))
    result.dataflow = *loop_dataflow_from(layer["dataflow"].get<std::string>());
  else if (result.row_stationary.any())
    result.dataflow = LoopDataflow::rs;
  return result;
}

// The layer's entry, and those keys of "*" that it does not have.
Json merged(const Json& all, const Json& layer) {
  Json result = layer;
  for (const auto& [key, value] : all.items()) {
    const bool of_dataflow = key == "row_stationary" && layer.contains("dataflow");
    if (!layer.contains(key) && !of_dataflow) result[key] = value;
  }
  return result;
}

// What the schema cannot say of one entry.
class EntryCheck {
 public:
  EntryCheck(const std::string& file, const std::string& name, Diagnostics& diagnostics)
      : file_(file), where_(layer_pointer(name)), diagnostics_(diagnostics) {}

  void check(const MapConstraints& constraints) {
    for (const Place& place : places()) {
      const MapConstraints::PerLevel& level = constraints.at(place.level);
      for (const Dim d : kAllDims) contradictions(place, level, d);
    }
    const RowStationary& rows = constraints.row_stationary;
    if (rows.any() && constraints.dataflow != LoopDataflow::rs)
      error("/row_stationary", fmt::format("parameters of the dataflow rs, but the dataflow is {}",
                                           to_string(constraints.dataflow)));
    if (rows.m && !(rows.p && rows.t))
      error("/row_stationary/m", "m output channels in the buffer are made of p x t in the array",
            "give p and t as well");
  }

  // Against the operation; what is beyond its bounds.
  void check_bounds(const MapConstraints& constraints, const Operation& operation) {
    for (const Place& place : places()) {
      const MapConstraints::PerLevel& level = constraints.at(place.level);
      for (std::size_t i = 0; level.loops && i < level.loops->size(); ++i)
        bound(fmt::format("{}/{}", place.loops.to_string(), i), (*level.loops)[i].dim,
              (*level.loops)[i].trips, operation);
      for (const Dim d : kAllDims)
        if (level.factors[d])
          bound(fmt::format("{}/factors/{}", place.limits.to_string(), letter(d)), d,
                *level.factors[d], operation);
    }
    for (const NamedParameter& p : kParameters)
      if (constraints.row_stationary.*p.parameter)
        bound(fmt::format("/row_stationary/{}", p.name), p.dim,
              *(constraints.row_stationary.*p.parameter), operation);
  }

  void check_bypass(const MapConstraints& constraints, const ChunkSpec& chunk) {
    const std::array<bool, kOperands> can = bypass_of(chunk);
    for (std::size_t o = 0; constraints.bypass && o < kOperands; ++o)
      if ((*constraints.bypass)[o] && !can[o])
        error("/buffer/bypass", fmt::format("{} cannot go past the global buffer on chunk {}",
                                            to_string(kAllOperands[o]), chunk.name));
  }

 private:
  void error(const std::string& at, const std::string& message, const std::string& hint = {}) {
    diagnostics_.error(file_, where_ + at, message, hint);
  }

  void contradictions(const Place& place, const MapConstraints::PerLevel& level, Dim d) {
    if (!level.factors[d]) return;
    const std::uint64_t factor = *level.factors[d];
    const std::string at = fmt::format("{}/factors/{}", place.limits.to_string(), letter(d));
    if (level.loops) error(at, "the loops of this level are given: nothing is left to its factors");
    if (level.most[d] && factor > *level.most[d])
      error(at, fmt::format("{} trips of {}, but \"max\" allows {}", factor, letter(d),
                            *level.most[d]));
    const auto& dims = level.dims;
    if (factor > 1 && dims && std::find(dims->begin(), dims->end(), d) == dims->end())
      error(at, fmt::format("{} trips of {}, but \"dims\" does not name {}", factor, letter(d),
                            letter(d)));
  }

  void bound(const std::string& at, Dim d, std::uint64_t trips, const Operation& operation) {
    const std::uint64_t bound = operation.bounds[d];
    if (trips <= bound) return;
    error(at, fmt::format("{}: {} trips of {}, but the dimension has {} iterations; allowed: 1 to "
                          "{}",
                          operation.name, trips, letter(d), bound, bound));
  }

  const std::string& file_;
  const std::string where_;
  Diagnostics& diagnostics_;
};

void cut(std::optional<std::uint64_t>& number, std::uint64_t most) {
  if (number) number = std::min(*number, most);
}

void cut_to_bounds(MapConstraints& constraints, const Operation& operation) {
  for (MapConstraints::PerLevel& level : constraints.levels) {
    if (level.loops)
      for (Loop& loop : *level.loops) loop.trips = std::min(loop.trips, operation.bounds[loop.dim]);
    for (const Dim d : kAllDims) cut(level.factors[d], operation.bounds[d]);
  }
  for (const NamedParameter& p : kParameters)
    cut(constraints.row_stationary.*p.parameter, operation.bounds[p.dim]);
}

}  // namespace

std::optional<ConstraintsFile> ConstraintsFile::read(const Document& document,
                                                     Diagnostics& diagnostics) {
  static const Schema schema(Json::parse(constraints_schema()));
  if (!schema.validate(document.root, document.file, diagnostics)) return std::nullopt;
  const std::size_t before = diagnostics.error_count();
  ConstraintsFile result;
  result.file_ = document.file;
  const Json& layers = document.root["layers"];
  const Json all = layers.value(kAll, Json::object());
  const auto entry = [](const Json& json) {
    Entry made{std::nullopt, constraints_from(json)};
    if (json.contains("chunk")) made.chunk = json["chunk"].get<std::string>();
    return made;
  };
  for (const auto& [name, layer] : layers.items()) {
    result.own_[name] = entry(layer);
    result.merged_[name] = entry(merged(all, layer));
    EntryCheck(document.file, name, diagnostics).check(result.merged_[name].constraints);
  }
  if (diagnostics.error_count() != before) return std::nullopt;
  return result;
}

bool ConstraintsFile::check_names(const Network& network, const ArchSpec& arch,
                                  Diagnostics& diagnostics) const {
  const std::size_t before = diagnostics.error_count();
  std::vector<std::string> layer_names, chunk_names;
  for (std::size_t l = 0; l < network.layers.size(); ++l)
    for (const Operation& operation : operations_of(network, l))
      layer_names.push_back(operation.name);
  for (const ChunkSpec& chunk : arch.chunks) chunk_names.push_back(chunk.name);
  KnownWords layers(std::move(layer_names)), chunks(std::move(chunk_names));
  for (const auto& [name, entry] : own_) {
    if (name != kAll && !layers.contains(name))
      diagnostics.error(file_, layer_pointer(name),
                        fmt::format("network {} has no layer \"{}\"", network.name, name),
                        layers.suggest(name));
    if (entry.chunk && !chunks.contains(*entry.chunk))
      diagnostics.error(file_, layer_pointer(name) + "/chunk",
                        fmt::format("{} has no chunk \"{}\"", arch.name, *entry.chunk),
                        chunks.suggest(*entry.chunk));
  }
  return diagnostics.error_count() == before;
}

const ConstraintsFile::Entry* ConstraintsFile::entry_of(const std::string& operation) const {
  for (const std::string& name : {operation, std::string(kAll)}) {
    const auto found = merged_.find(name);
    if (found != merged_.end()) return &found->second;
  }
  return nullptr;
}

std::optional<std::string> ConstraintsFile::chunk_of(const std::string& operation) const {
  const Entry* entry = entry_of(operation);
  return entry ? entry->chunk : std::nullopt;
}

std::optional<MapConstraints> ConstraintsFile::constraints_of(const Operation& operation,
                                                              const ChunkSpec& chunk,
                                                              Diagnostics& diagnostics) const {
  const Entry* entry = entry_of(operation.name);
  if (!entry) return MapConstraints{};
  const auto own = own_.find(operation.name);
  if (own != own_.end()) {
    const std::size_t before = diagnostics.error_count();
    EntryCheck check(file_, operation.name, diagnostics);
    check.check_bounds(own->second.constraints, operation);
    check.check_bypass(own->second.constraints, chunk);
    if (diagnostics.error_count() != before) return std::nullopt;
  }
  MapConstraints result = entry->constraints;
  cut_to_bounds(result, operation);
  if (result.bypass) result.bypass = bypass_choices(operation, chunk, result.bypass).front();
  return result;
}

std::string_view constraints_schema() {
  const Resource* schema = find_resource(mapper_schemas(), "constraints.schema");
  CHECK(schema != nullptr, "constraints.schema.json is not compiled in");
  return schema->text;
}

}  // namespace chasm
