#include "workloads/tensors.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/files.h"
#include "base/suggest.h"
#include "workloads/npy.h"

namespace chasm {
namespace {

constexpr std::uint32_t kParameterBits = 16;  // of scale, gamma and beta
constexpr std::uint32_t kBiasBits = 60;       // a biased sum still fits 64 bits

// The kinds of parameter files.
enum class Kind { weight, bias, scale, gamma, beta };
constexpr std::pair<Kind, const char*> kKinds[] = {{Kind::weight, "weight"},
                                                   {Kind::bias, "bias"},
                                                   {Kind::scale, "scale"},
                                                   {Kind::gamma, "gamma"},
                                                   {Kind::beta, "beta"}};

std::vector<std::uint64_t> weight_shape(const Layer& layer) {
  if (layer.type == LayerType::linear) return {layer.out_features, layer.in_features};
  return {layer.out_channels, layer.in_shapes[0].c / layer.groups, layer.kernel.y, layer.kernel.x};
}

// Why a layer has no parameters of that kind; empty when it has them.
std::string absence(const Layer& layer, const LayerQuantization& q, Kind kind) {
  switch (kind) {
    case Kind::weight:
      return layer.has_weights() ? "" : "only conv2d and linear layers have weights";
    case Kind::bias:
      return q.has_bias ? "" : "its \"bias\" and \"batch_norm\" are false";
    case Kind::scale:
      return q.scale_fraction_bits != 0
                 ? ""
                 : "only a batch norm that does not fold into multiply weights leaves a scale";
    case Kind::gamma:
    case Kind::beta:
      return layer.type == LayerType::layer_norm ? "" : "only layer_norm has it";
  }
  return {};
}

NpyExpectation expectation(const Layer& layer, const LayerQuantization& q, Kind kind) {
  const auto range = [&](std::vector<std::uint64_t> shape, std::uint32_t bits,
                         const std::string& what) {
    const std::int64_t limit = std::int64_t{1} << (bits - 1);
    return NpyExpectation{std::move(shape), -limit, limit - 1,
                          fmt::format("{} of layer \"{}\"", what, layer.name)};
  };
  const std::vector<std::uint64_t> channels{layer.out_shape.c};
  switch (kind) {
    case Kind::weight:
      if (layer.arithmetic == Arithmetic::shift) {
        const std::int64_t limit = std::int64_t{1} << max_shift_exponent(q.widths.weight);
        return {
            weight_shape(layer), -limit, limit,
            fmt::format("{}-bit shift weights (0 or a power of two with its sign) of layer \"{}\"",
                        q.widths.weight, layer.name)};
      }
      return range(weight_shape(layer), q.widths.weight,
                   fmt::format("{}-bit weights", q.widths.weight));
    case Kind::bias:
      return range(channels, kBiasBits, "biases");
    case Kind::scale:
      return range(channels, kParameterBits, "16-bit scales");
    case Kind::gamma:
      return range(channels, kParameterBits, "16-bit gammas");
    case Kind::beta:
      return range(channels, kParameterBits, "16-bit betas");
  }
  return {};
}

std::vector<std::int32_t>* values_of(LayerParameters& parameters, Kind kind) {
  switch (kind) {
    case Kind::weight:
      return &parameters.weights;
    case Kind::scale:
      return &parameters.scale;
    case Kind::gamma:
      return &parameters.gamma;
    case Kind::beta:
      return &parameters.beta;
    case Kind::bias:
      break;
  }
  return nullptr;
}

std::vector<std::int32_t> narrowed(const std::vector<std::int64_t>& values) {
  std::vector<std::int32_t> list(values.size());
  std::transform(values.begin(), values.end(), list.begin(),
                 [](std::int64_t v) { return static_cast<std::int32_t>(v); });
  return list;
}

std::vector<std::uint64_t> tensor_shape(const Network& network, std::uint32_t id) {
  const Shape& shape = network.tensor_shape(id);
  return {shape.size() == 0 ? 1 : tensor_words(network, id) / shape.size(), shape.c, shape.h,
          shape.w};
}

std::string tensor_file(const Network& network, std::uint32_t id) {
  return network.tensor_name(id) + (id < network.inputs.size() ? ".npy" : ".output.npy");
}

class Folder {
 public:
  Folder(const std::string& path, const Network& network, const QuantizationPlan& plan,
         Diagnostics& diagnostics)
      : path_(path), network_(network), plan_(plan), diagnostics_(diagnostics) {
    if (path.empty()) return;
    std::error_code problem;
    const std::filesystem::file_status status = std::filesystem::status(path, problem);
    if (status.type() == std::filesystem::file_type::not_found) return;
    std::filesystem::directory_iterator entry(path, problem), end;
    for (; !problem && entry != end; entry.increment(problem)) {
      const std::string name = entry->path().filename().string();
      if (name.ends_with(".npy")) files_.push_back(name);
    }
    if (problem) diagnostics.error(path, "", "cannot be read as a folder: " + problem.message());
    std::sort(files_.begin(), files_.end());
  }

  void read(NetworkData& data) {
    for (std::uint32_t id = 0; id < network_.inputs.size(); ++id)
      if (const auto file = take(tensor_file(network_, id))) read_input(*file, id, data);
    for (std::size_t i = 0; i < network_.layers.size(); ++i) {
      for (const auto& [kind, suffix] : kKinds)
        if (const auto file = take(fmt::format("{}.{}.npy", network_.layers[i].name, suffix)))
          read_parameter(*file, i, kind, data.parameters[i]);
      take(tensor_file(network_,
                       network_.output_of(i)));  // of an earlier run: it will be overwritten
    }
    warn_about_unclaimed();
  }

 private:
  // The path of a file that is there, which is then claimed.
  std::optional<std::string> take(const std::string& name) {
    if (!std::binary_search(files_.begin(), files_.end(), name)) return std::nullopt;
    claimed_.push_back(name);
    return (std::filesystem::path(path_) / name).string();
  }

  void read_input(const std::string& file, std::uint32_t id, NetworkData& data) {
    const std::int64_t limit = std::int64_t{1} << (plan_.tensor_bits[id] - 1);
    const NpyExpectation expected{tensor_shape(network_, id), -limit, limit - 1,
                                  fmt::format("{}-bit values of input \"{}\"",
                                              plan_.tensor_bits[id], network_.inputs[id].name)};
    if (auto array = read_npy(file, expected, diagnostics_))
      data.tensors[id] = narrowed(array->values);
  }

  void read_parameter(const std::string& file, std::size_t index, Kind kind,
                      LayerParameters& parameters) {
    const Layer& layer = network_.layers[index];
    const LayerQuantization& q = plan_.layers[index];
    if (const std::string reason = absence(layer, q, kind); !reason.empty())
      return diagnostics_.error(file, "", fmt::format("layer \"{}\" does not use it", layer.name),
                                reason);
    const auto array = read_npy(file, expectation(layer, q, kind), diagnostics_);
    if (!array) return;
    if (kind == Kind::bias) {
      parameters.bias = array->values;
      return;
    }
    if (kind == Kind::weight && layer.arithmetic == Arithmetic::shift &&
        !check_powers(file, *array))
      return;
    *values_of(parameters, kind) = narrowed(array->values);
  }

  bool check_powers(const std::string& file, const NpyArray& array) {
    for (std::size_t i = 0; i < array.values.size(); ++i) {
      const auto magnitude = static_cast<std::uint64_t>(std::abs(array.values[i]));
      if (magnitude == 0 || std::has_single_bit(magnitude)) continue;
      diagnostics_.error(file, "",
                         fmt::format("the value {} (element {} in C order) is not a power of two",
                                     array.values[i], i),
                         "weights of a shift layer are 0 or s * 2^p");
      return false;
    }
    return true;
  }

  void warn_about_unclaimed() {
    std::vector<std::string> known;
    for (std::uint32_t id = 0; id < network_.inputs.size(); ++id)
      known.push_back(tensor_file(network_, id));
    for (std::size_t i = 0; i < network_.layers.size(); ++i)
      for (const auto& [kind, suffix] : kKinds)
        if (absence(network_.layers[i], plan_.layers[i], kind).empty())
          known.push_back(fmt::format("{}.{}.npy", network_.layers[i].name, suffix));
    std::sort(claimed_.begin(), claimed_.end());
    for (const std::string& name : files_)
      if (!std::binary_search(claimed_.begin(), claimed_.end(), name))
        diagnostics_.warning(
            (std::filesystem::path(path_) / name).string(), "",
            fmt::format("is no tensor of network \"{}\" and is not read", network_.name),
            suggest(name, known));
  }

  const std::string& path_;
  const Network& network_;
  const QuantizationPlan& plan_;
  Diagnostics& diagnostics_;
  std::vector<std::string> files_, claimed_;  // sorted
};

// One line for each tensor, layer and table: as compact as it can be read.
std::string folded_text(const Json& json) {
  std::string text = "{\n";
  for (auto item = json.begin(); item != json.end(); ++item) {
    text += (item == json.begin() ? "" : ",\n") + Json(item.key()).dump() + ": ";
    if (!item->is_object()) {
      text += item->dump();
      continue;
    }
    text += "{";
    for (auto entry = item->begin(); entry != item->end(); ++entry)
      text += (entry == item->begin() ? "\n " : ",\n ") + Json(entry.key()).dump() + ": " +
              entry->dump();
    text += "}";
  }
  return text + "\n}\n";
}

bool fits_32_bits(const std::vector<std::int64_t>& values) {
  return std::all_of(values.begin(), values.end(), [](std::int64_t v) {
    return v >= std::numeric_limits<std::int32_t>::min() &&
           v <= std::numeric_limits<std::int32_t>::max();
  });
}

// Bits that hold a layer's weights as the integers they stand for.
std::uint32_t weight_storage_bits(const Layer& layer, const LayerQuantization& q) {
  return layer.arithmetic == Arithmetic::shift ? max_shift_exponent(q.widths.weight) + 2
                                               : q.widths.weight;
}

}  // namespace

std::optional<NetworkData> load_or_make_tensors(const Network& network,
                                                const QuantizationPlan& plan,
                                                const std::string& folder, std::uint64_t seed,
                                                Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.error_count();
  NetworkData data;
  data.parameters.resize(network.layers.size());
  data.tensors.resize(network.tensor_count());
  Folder(folder, network, plan, diagnostics).read(data);
  if (diagnostics.error_count() != before) return std::nullopt;
  for (std::uint32_t id = 0; id < network.inputs.size(); ++id)
    if (data.tensors[id].empty()) data.tensors[id] = make_tensor(network, plan, id, seed);
  for (std::size_t i = 0; i < network.layers.size(); ++i)
    data.parameters[i] = make_parameters(network, plan, i, seed, std::move(data.parameters[i]));
  return data;
}

bool write_tensors(const std::string& folder, const Network& network, const QuantizationPlan& plan,
                   const NetworkData& data, Diagnostics& diagnostics) {
  if (!make_folder(folder, diagnostics)) return false;
  const auto path = [&](const std::string& name) {
    return (std::filesystem::path(folder) / name).string();
  };
  bool good = true;
  for (std::uint32_t id = 0; id < network.tensor_count(); ++id)
    if (!data.tensors[id].empty())
      good = good && write_npy(path(tensor_file(network, id)), tensor_shape(network, id),
                               std::span(data.tensors[id]), plan.tensor_bits[id], diagnostics);
  for (std::size_t i = 0; i < network.layers.size() && good; ++i) {
    const Layer& layer = network.layers[i];
    const LayerParameters& p = data.parameters[i];
    const std::vector<std::uint64_t> channels{layer.out_shape.c};
    const auto write = [&](const char* kind, const std::vector<std::uint64_t>& shape,
                           const auto& values, std::uint32_t bits) {
      if (values.empty()) return;
      good = good && write_npy(path(fmt::format("{}.{}.npy", layer.name, kind)), shape,
                               std::span(values), bits, diagnostics);
    };
    if (layer.has_weights())
      write("weight", weight_shape(layer), p.weights, weight_storage_bits(layer, plan.layers[i]));
    write("bias", channels, p.bias, fits_32_bits(p.bias) ? 32 : 64);
    write("scale", channels, p.scale, kParameterBits);
    write("gamma", channels, p.gamma, kParameterBits);
    write("beta", channels, p.beta, kParameterBits);
  }
  return good && write_file(path("quantization.json"),
                            folded_text(to_json(network, plan, data.parameters)), diagnostics);
}

}  // namespace chasm
