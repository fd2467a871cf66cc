// JSON to network. The schema has checked keys, types and ranges before; here names are resolved,
// shapes inferred and the author's counts compared. What the schema refused is skipped, so that
// everything else is still checked.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/suggest.h"
#include "workloads/network.h"
#include "workloads/shape_inference.h"

namespace chasm {
namespace {

// Values of a JSON object; the default where a key is absent or (reported already) of the wrong
// type.
class Settings {
 public:
  explicit Settings(const Json& object) : object_(object) {}

  const Json* find(const char* key) const {
    if (!object_.is_object()) return nullptr;
    const auto it = object_.find(key);
    return it == object_.end() ? nullptr : &*it;
  }
  std::string text(const char* key) const {
    const Json* value = find(key);
    return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
  }
  std::uint64_t number(const char* key, std::uint64_t absent) const {
    const Json* value = find(key);
    return value != nullptr ? number_of(*value, absent) : absent;
  }
  bool flag(const char* key) const {
    const Json* value = find(key);
    return value != nullptr && value->is_boolean() && value->get<bool>();
  }
  std::vector<std::uint64_t> numbers(const char* key) const {
    std::vector<std::uint64_t> list;
    const Json* value = find(key);
    if (value != nullptr && value->is_array())
      for (const Json& item : *value) list.push_back(number_of(item, 0));
    return list;
  }
  Pair pair(const char* key, Pair absent) const {
    const std::vector<std::uint64_t> list = numbers(key);
    return list.size() == 2 ? Pair{list[0], list[1]} : absent;
  }
  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> list;
    const Json* value = find(key);
    if (value != nullptr && value->is_array())
      for (const Json& item : *value)
        list.push_back(item.is_string() ? item.get<std::string>() : "");
    return list;
  }
  // The value of an enumeration whose names to_string() gives, among 0 .. last.
  template <class Enum>
  Enum one_of(const char* key, Enum last, Enum absent) const {
    const std::string name = text(key);
    for (int i = 0; i <= static_cast<int>(last); ++i)
      if (name == to_string(static_cast<Enum>(i))) return static_cast<Enum>(i);
    return absent;
  }

 private:
  static std::uint64_t number_of(const Json& value, std::uint64_t otherwise) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>();
    if (value.is_number_integer() && value.get<std::int64_t>() >= 0)
      return value.get<std::uint64_t>();
    constexpr double kExact =
        9007199254740992.0;  // 2^53; JSON Schema counts 8.0 among the integers
    const double real = value.is_number_float() ? value.get<double>() : -1.0;
    return real >= 0.0 && real < kExact && real == std::floor(real)
               ? static_cast<std::uint64_t>(real)
               : otherwise;
  }
  const Json& object_;
};

Layer read_settings(const Settings& json) {
  Layer layer;
  layer.name = json.text("name");
  layer.type = json.one_of("type", LayerType::scale, LayerType::conv2d);
  layer.arithmetic = json.one_of("arithmetic", Arithmetic::adder, Arithmetic::none);
  layer.out_channels = json.number("out_channels", 0);
  layer.kernel = json.pair("kernel", {1, 1});
  layer.stride = json.pair("stride", {1, 1});
  layer.padding = json.pair("padding", {0, 0});
  layer.dilation = json.pair("dilation", {1, 1});
  layer.groups = json.number("groups", 1);
  layer.in_features = json.number("in_features", 0);
  layer.out_features = json.number("out_features", 0);
  layer.heads = json.number("heads", 1);
  layer.transpose_b = json.flag("transpose_b");
  layer.axis = json.text("axis") == "tokens" ? ConcatAxis::tokens : ConcatAxis::channels;
  layer.bias = json.flag("bias");
  layer.batch_norm = json.flag("batch_norm");
  layer.activation = json.one_of("activation", Activation::sigmoid, Activation::none);
  return layer;
}

// No size is zero: what the schema asks for, checked again where a division relies on it.
bool has_sizes(const Layer& layer) {
  const auto positive = [](const Pair& pair) { return pair.y > 0 && pair.x > 0; };
  return positive(layer.kernel) && positive(layer.stride) && positive(layer.dilation) &&
         layer.groups > 0 && layer.heads > 0;
}

class Reader {
 public:
  Reader(const Document& document, Diagnostics& diagnostics)
      : file_(document.file), root_(document.root), diagnostics_(diagnostics) {}

  std::optional<Network> read() {
    Diagnostics problems;
    static const Schema schema(Json::parse(workload_schema()));
    schema.validate(root_, file_, problems);
    for (const Diagnostic& d : problems.all()) refused_.insert(d.pointer);
    diagnostics_.add(problems);
    if (!is_list("inputs") || !is_list("layers")) return std::nullopt;
    // Of a list that is refused as a whole nothing is known about its entries.
    if (refused_.contains("/inputs") || refused_.contains("/layers")) return std::nullopt;
    const Settings top(root_);
    network_.name = top.text("name");
    network_.source = top.text("source");
    network_.batch = top.number("batch", 1);
    read_inputs();
    collect_layer_names();
    read_layers();
    check_consumption();
    read_zeros();
    if (complete()) check_totals();
    const bool good = problems.ok() && errors_ == 0;
    CHECK(!good || complete(), "{}: a layer was skipped without a reason", file_);
    return good ? std::optional(std::move(network_)) : std::nullopt;
  }

 private:
  // A tensor by name: where it is defined, and its id.
  struct Definition {
    std::string pointer;
    std::uint32_t tensor;
  };

  bool is_list(const char* key) const {
    return root_.is_object() && root_.contains(key) && root_[key].is_array();
  }
  void error(std::string pointer, std::string message, std::string hint = {}) {
    ++errors_;
    diagnostics_.error(file_, std::move(pointer), std::move(message), std::move(hint));
  }
  // Whether the schema refused something at or below the pointer.
  bool refused(const std::string& pointer) const {
    const auto at = refused_.lower_bound(pointer);
    if (at != refused_.end() && *at == pointer) return true;
    const auto below = refused_.lower_bound(pointer + "/");
    return below != refused_.end() && below->starts_with(pointer + "/");
  }
  bool complete() const { return std::find(known_.begin(), known_.end(), false) == known_.end(); }

  void define(const std::string& name, const std::string& pointer, std::uint32_t tensor) {
    if (name.empty()) return;  // reported by the schema
    const auto [at, added] = definitions_.try_emplace(name, Definition{pointer, tensor});
    if (added)
      names_.push_back(name);
    else
      error(pointer + "/name",
            fmt::format("the name \"{}\" is taken by {}", name, at->second.pointer));
  }

  void read_inputs() {
    const Json& list = root_["inputs"];
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string pointer = fmt::format("/inputs/{}", i);
      const Settings json(list[i]);
      NetworkInput input{json.text("name"), {}, json.flag("constant")};
      const std::vector<std::uint64_t> shape = json.numbers("shape");
      bool known = !refused(pointer) && shape.size() == 3;
      if (known) {
        input.shape = {shape[0], shape[1], shape[2]};
        known = checked_product({shape[0], shape[1], shape[2], network_.batch}).has_value();
        if (!known)
          error(pointer + "/shape", "has more than 2^60 elements",
                "more cannot be counted exactly");
      }
      define(input.name, pointer, static_cast<std::uint32_t>(i));
      network_.inputs.push_back(std::move(input));
      known_.push_back(known);
    }
  }

  void collect_layer_names() {
    const Json& list = root_["layers"];
    for (std::size_t i = 0; i < list.size(); ++i)
      define(Settings(list[i]).text("name"), fmt::format("/layers/{}", i), network_.output_of(i));
  }

  void read_layers() {
    const Json& list = root_["layers"];
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Settings json(list[i]);
      const std::string pointer = fmt::format("/layers/{}", i);
      Layer layer = read_settings(json);
      bool known = !refused(pointer) && has_sizes(layer);
      const std::vector<std::string> sources = json.texts("inputs");
      for (std::size_t k = 0; k < sources.size(); ++k)
        known = resolve(layer, sources[k], fmt::format("{}/inputs/{}", pointer, k), i) && known;
      if (known) {
        known = infer(layer, pointer);
        if (known) check_expect(layer, json, pointer + "/expect");
      }
      network_.layers.push_back(std::move(layer));
      known_.push_back(known);
    }
  }

  // Adds the tensor of that name to the layer's inputs; whether its shape is known.
  bool resolve(Layer& layer, const std::string& name, const std::string& pointer,
               std::size_t index) {
    if (name.empty()) return false;
    const auto found = definitions_.find(name);
    if (found == definitions_.end()) {
      error(pointer, fmt::format("unknown tensor \"{}\"", name), suggest_tensor(name));
      unresolved_ = true;
      return false;
    }
    const Definition& definition = found->second;
    const std::uint32_t self = network_.output_of(index);
    if (definition.tensor >= self) {
      wrong_order(name, definition, pointer, index);
      unresolved_ = true;
      return false;
    }
    layer.inputs.push_back(definition.tensor);
    layer.in_shapes.push_back(network_.tensor_shape(definition.tensor));
    consumed_.insert(definition.tensor);
    return known_[definition.tensor];
  }

  // Of the first few: each is compared with every name of the file.
  std::string suggest_tensor(const std::string& unknown) {
    constexpr int kMostSuggested = 20;
    return unknown_names_++ < kMostSuggested ? suggest(unknown, names_) : "";
  }

  void wrong_order(const std::string& name, const Definition& definition,
                   const std::string& pointer, std::size_t index) {
    if (definition.tensor == network_.output_of(index))
      return error(pointer, "the layer reads its own output");
    const std::size_t later = definition.tensor - network_.inputs.size();
    constexpr int kMostFollowed = 20;  // each may go through the whole network
    if (wrong_orders_++ < kMostFollowed && reaches(later, index))
      error(pointer,
            fmt::format("\"{}\" ({}) itself depends on this layer: a cycle", name,
                        definition.pointer),
            "a network must be acyclic");
    else
      error(pointer, fmt::format("\"{}\" is defined later, at {}", name, definition.pointer),
            "list layers in topological order");
  }

  // Whether layer `from` depends on layer `to`, by the names in the file.
  bool reaches(std::size_t from, std::size_t to) const {
    std::set<std::size_t> seen;
    std::vector<std::size_t> open{from};
    while (!open.empty()) {
      const std::size_t layer = open.back();
      open.pop_back();
      if (layer == to) return true;
      if (!seen.insert(layer).second) continue;
      for (const std::string& name : Settings(root_["layers"][layer]).texts("inputs")) {
        const auto found = definitions_.find(name);
        if (found != definitions_.end() && found->second.tensor >= network_.inputs.size())
          open.push_back(found->second.tensor - network_.inputs.size());
      }
    }
    return false;
  }

  bool infer(Layer& layer, const std::string& pointer) {
    std::vector<std::string> sources;
    for (const std::uint32_t tensor : layer.inputs)
      sources.push_back(
          fmt::format("\"{}\" ({})", network_.tensor_name(tensor), pointer_of(tensor)));
    const std::vector<LayerProblem> problems = infer_layer(layer, sources);
    for (const LayerProblem& p : problems)
      error(p.key.empty() ? pointer : pointer + "/" + p.key, p.message, p.hint);
    if (!problems.empty()) return false;
    const bool countable = checked_product({layer.out_shape.size(), network_.batch}) &&
                           checked_product({layer.operations, network_.batch});
    if (!countable)
      error(pointer,
            fmt::format("has more than 2^60 output elements or operations in a batch of {}",
                        network_.batch),
            "more cannot be counted exactly");
    return countable;
  }
  std::string pointer_of(std::uint32_t tensor) const {
    const std::size_t inputs = network_.inputs.size();
    return tensor < inputs ? fmt::format("/inputs/{}", tensor)
                           : fmt::format("/layers/{}", tensor - inputs);
  }

  void expect_equal(const std::string& pointer, const Settings& stated, const char* key,
                    std::uint64_t actual, const std::string& what) {
    const std::uint64_t count = stated.number(key, actual);
    if (count != actual)
      error(pointer + "/" + key, fmt::format("says {}, but {} {}", count, what, actual));
  }

  void check_expect(const Layer& layer, const Settings& json, const std::string& pointer) {
    const Json* object = json.find("expect");
    if (object == nullptr) return;
    const Settings expect(*object);
    const std::string has = fmt::format("the layer \"{}\" has", layer.name);
    if (const std::vector<std::uint64_t> shape = expect.numbers("out_shape");
        shape.size() == 3 && Shape{shape[0], shape[1], shape[2]} != layer.out_shape)
      error(pointer + "/out_shape", fmt::format("says {}, but the output of layer \"{}\" is {}",
                                                to_string(Shape{shape[0], shape[1], shape[2]}),
                                                layer.name, to_string(layer.out_shape)));
    expect_equal(pointer, expect, "macs", layer.operations, has);
    expect_equal(pointer, expect, "params", layer.params, has);
    expect_equal(pointer, expect, "weights", layer.weights, has);
  }

  void check_consumption() {
    if (unresolved_) return;
    for (std::size_t i = 0; i < network_.inputs.size(); ++i)
      if (consumed_.count(static_cast<std::uint32_t>(i)) == 0)
        error(fmt::format("/inputs/{}", i), "no layer reads this input");
    std::vector<std::string> loose;
    for (std::size_t i = 0; i < network_.layers.size(); ++i)
      if (consumed_.count(network_.output_of(i)) == 0)
        loose.push_back(fmt::format("\"{}\" (/layers/{})", network_.layers[i].name, i));
    if (loose.size() <= 1) return;
    constexpr std::size_t kMostListed = 10;
    std::string list;
    for (std::size_t i = 0; i < std::min(loose.size(), kMostListed); ++i)
      list += (i ? ", " : "") + loose[i];
    if (loose.size() > kMostListed) list += ", ..";
    error("/layers", fmt::format("{} layers are read by no other: {}", loose.size(), list),
          "exactly one layer, the output of the network, may be");
  }

  void read_zeros() {
    const Json* object = Settings(root_).find("zeros");
    if (object == nullptr || !object->is_object()) return;
    for (const auto& [name, share] : object->items()) {
      const auto found = definitions_.find(name);
      if (found == definitions_.end())
        error(child_pointer("/zeros", name), fmt::format("unknown tensor \"{}\"", name),
              suggest_tensor(name));
      else if (share.is_number())
        network_.zeros[found->second.tensor] = share.get<double>();
    }
  }

  void check_totals() {
    OperationCounts macs, weights;
    std::uint64_t mac_layers = 0, params = 0;
    for (const NetworkInput& input : network_.inputs)
      params += input.constant ? input.shape.size() : 0;
    for (const Layer& layer : network_.layers) {
      params += layer.params;
      if (params > kMaxCount || macs.total() > kMaxCount)
        return error("/layers", "together have more than 2^60 operations or parameters",
                     "more cannot be counted exactly");
      if (!layer.is_mac()) continue;
      ++mac_layers;
      macs.of(layer.arithmetic) += layer.operations;
      weights.of(layer.arithmetic) += layer.weights;
    }
    if (!checked_product({macs.total(), network_.batch}))
      return error("/batch", "makes more than 2^60 operations", "more cannot be counted exactly");
    const Json* object = Settings(root_).find("totals");
    if (object == nullptr) return;
    const Settings totals(*object);
    check_by_arithmetic("macs", totals, macs);
    check_by_arithmetic("weights", totals, weights);
    expect_equal("/totals", totals, "params", params, "the network has");
    expect_equal("/totals", totals, "layers", network_.layers.size(), "the network has");
    expect_equal("/totals", totals, "mac_layers", mac_layers, "the network has");
  }
  void check_by_arithmetic(const char* key, const Settings& totals, const OperationCounts& counts) {
    const Json* object = totals.find(key);
    if (object == nullptr) return;
    const Settings stated(*object);
    const std::string pointer = fmt::format("/totals/{}", key);
    expect_equal(pointer, stated, "multiply", counts.multiply, "the layers have");
    expect_equal(pointer, stated, "shift", counts.shift, "the layers have");
    expect_equal(pointer, stated, "adder", counts.adder, "the layers have");
    expect_equal(pointer, stated, "total", counts.total(), "the layers have");
  }

  const std::string& file_;
  const Json& root_;
  Diagnostics& diagnostics_;
  std::size_t errors_ = 0;
  std::set<std::string> refused_;  // pointers the schema complained about
  Network network_;
  std::vector<bool> known_;  // by tensor id: whether its shape could be inferred
  std::map<std::string, Definition> definitions_;
  std::vector<std::string> names_;
  std::set<std::uint32_t> consumed_;
  bool unresolved_ = false;
  int unknown_names_ = 0, wrong_orders_ = 0;
};

}  // namespace

std::optional<Network> read_network(const Document& document, Diagnostics& diagnostics) {
  return Reader(document, diagnostics).read();
}

}  // namespace chasm
