#include "tests/fuzz/random_documents.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "models/arch/document_edit.h"

namespace chasm::fuzz {
namespace {

struct Key {
  std::string path;
  const Json* schema;
};

void add_keys(const Json& schema, const Json& value, const std::string& path,
              std::vector<Key>& keys) {
  for (const auto& [name, property] : schema.at("properties").items()) {
    const std::string below = path + name;
    if (name == "chunks") {
      for (const Json& chunk : value.at(name))
        add_keys(property.at("items"), chunk,
                 fmt::format("{}.{}.", below, chunk.at("name").get<std::string>()), keys);
    } else if (property.contains("properties")) {
      add_keys(property, Json::object(), below + ".", keys);
    } else {
      keys.push_back({below, &property});
    }
  }
}

// Small numbers are drawn more often: what overflows is another target's, and simulation takes
// time.
std::string number_of(const Json& schema, FuzzedDataProvider& bytes) {
  const auto low = std::max<std::int64_t>(0, schema.value("minimum", Json(0)).get<std::int64_t>());
  const auto high = schema.value("maximum", Json(1 << 20)).get<std::int64_t>();
  const std::int64_t width = std::int64_t{1} << bytes.ConsumeIntegralInRange(0, 16);
  return fmt::to_string(bytes.ConsumeIntegralInRange(low, std::clamp(low + width, low, high)));
}

std::string value_of(const Json& schema, FuzzedDataProvider& bytes) {
  if (schema.contains("enum"))
    return schema["enum"].at(
        bytes.ConsumeIntegralInRange<std::size_t>(0, schema["enum"].size() - 1));
  const Json type = schema.value("type", Json());
  const std::string kind =
      type.is_array() ? type.at(0).get<std::string>() : type.get<std::string>();
  if (kind == "boolean") return bytes.ConsumeBool() ? "true" : "false";
  if (kind == "integer" || kind == "number") return number_of(schema, bytes);
  if (kind != "array" || !schema["items"].contains("enum")) return "";
  Json list = Json::array();
  for (const Json& word : schema["items"]["enum"])
    if (bytes.ConsumeBool()) list.push_back(word);
  return list.dump();
}

struct Tensor {
  std::string name;
  std::array<int, 3> shape;  // C, H, W
};

class Layers {
 public:
  explicit Layers(FuzzedDataProvider& bytes) : bytes_(bytes) {
    at_ = {"image", {between(1, 8), between(1, 9), between(1, 9)}};
    inputs_ = Json::array({{{"name", at_.name}, {"shape", at_.shape}}});
  }

  Json document() {
    const int count = between(1, 4);
    for (int i = 0; i < count; ++i) add();
    return {{"name", "random"}, {"inputs", inputs_}, {"layers", layers_}};
  }

 private:
  int between(int low, int high) { return bytes_.ConsumeIntegralInRange(low, high); }
  Json pair(int low, int high) { return {between(low, high), between(low, high)}; }

  void push(Json layer, std::array<int, 3> shape) {
    const std::string name = fmt::format("l{}", layers_.size());
    Json whole = {{"name", name}};
    whole.update(layer);
    if (!whole.contains("inputs")) whole["inputs"] = {at_.name};
    layers_.push_back(std::move(whole));
    at_ = {name, shape};
  }

  const char* arithmetic() {
    static constexpr std::array kNames = {"multiply", "shift", "adder"};
    return bytes_.PickValueInArray(kNames.data(), kNames.size());
  }

  // Rows and columns behind a window.
  std::array<int, 3> windowed(int channels, const Json& layer) const {
    std::array<int, 3> shape = {channels, 0, 0};
    for (std::size_t i = 0; i < 2; ++i) {
      const auto of = [&](const char* key, int otherwise) {
        return layer.contains(key) ? layer[key][i].get<int>() : otherwise;
      };
      const int reach = of("dilation", 1) * (of("kernel", 1) - 1) + 1;
      shape[i + 1] = (at_.shape[i + 1] + 2 * of("padding", 0) - reach) / of("stride", 1) + 1;
    }
    return shape;
  }

  void convolution() {
    const int groups = between(0, 2) == 0 ? at_.shape[0] : 1;
    const int channels = groups * between(1, groups > 1 ? 2 : 9);
    Json layer = {{"type", "conv2d"},
                  {"arithmetic", arithmetic()},
                  {"out_channels", channels},
                  {"kernel", pair(1, 3)},
                  {"stride", pair(1, 3)},
                  {"padding", pair(0, 2)},
                  {"dilation", pair(1, 2)},
                  {"groups", groups},
                  {"bias", bytes_.ConsumeBool()},
                  {"batch_norm", bytes_.ConsumeBool()},
                  {"activation", bytes_.ConsumeBool() ? "relu" : "none"}};
    push(layer, windowed(channels, layer));
  }

  void linear() {
    const int features = between(1, 12);
    const bool tokens = at_.shape[2] == 1;
    push({{"type", "linear"},
          {"arithmetic", arithmetic()},
          {"in_features", tokens ? at_.shape[0] : at_.shape[0] * at_.shape[1] * at_.shape[2]},
          {"out_features", features},
          {"bias", bytes_.ConsumeBool()},
          {"activation", "none"}},
         tokens ? std::array{features, at_.shape[1], 1} : std::array{features, 1, 1});
  }

  void pool() {
    Json layer = {{"type", bytes_.ConsumeBool() ? "max_pool2d" : "avg_pool2d"},
                  {"kernel", pair(1, 3)},
                  {"stride", pair(1, 2)},
                  {"padding", pair(0, 1)}};
    push(layer, windowed(at_.shape[0], layer));
  }

  // With a learned tensor of the same shape.
  void addition() {
    const std::string name = fmt::format("x{}", layers_.size());
    inputs_.push_back({{"name", name}, {"shape", at_.shape}, {"constant", bytes_.ConsumeBool()}});
    push({{"type", "add"}, {"inputs", {at_.name, name}}, {"activation", "none"}}, at_.shape);
  }

  void add() {
    switch (between(0, 7)) {
      case 0:
      case 1:
      case 2:
        return convolution();
      case 3:
        return linear();
      case 4:
        return pool();
      case 5:
        return addition();
      case 6:
        return push({{"type", bytes_.ConsumeBool() ? "softmax" : "layer_norm"}}, at_.shape);
      default:
        return push({{"type", "global_avg_pool"}}, {at_.shape[0], 1, 1});
    }
  }

  FuzzedDataProvider& bytes_;
  Json inputs_, layers_ = Json::array();
  Tensor at_;
};

}  // namespace

std::vector<Override> random_changes(const Json& machine, FuzzedDataProvider& bytes) {
  std::vector<Key> keys;
  add_keys(parsed_arch_schema(), machine, "", keys);
  std::vector<Override> changes;
  const int count = bytes.ConsumeIntegralInRange(0, 8);
  for (int i = 0; i < count; ++i) {
    const Key& key = keys[bytes.ConsumeIntegralInRange<std::size_t>(0, keys.size() - 1)];
    const std::string value = value_of(*key.schema, bytes);
    if (!value.empty()) changes.push_back({key.path, value});
  }
  return changes;
}

Json random_workload(FuzzedDataProvider& bytes) { return Layers(bytes).document(); }

}  // namespace chasm::fuzz
