#include "tests/support/machines/random_network.h"

#include <algorithm>
#include <array>
#include <optional>

#include "workloads/layer.h"
#include "tests/support/oracle/random_draw.h"

namespace chasm {
namespace {

using oracle::one_in;
using oracle::one_of;

constexpr std::uint64_t kMostOperations = 3000;  // of a layer
constexpr std::uint64_t kMostWords = 600;        // of a tensor

struct Tensor {
  std::string name;
  Shape shape;
  std::uint64_t positions() const { return shape.h * shape.w; }
};

class NetworkMaker {
 public:
  NetworkMaker(Rng& rng, const ArchSpec& arch) : rng_(rng) {
    const auto runs = [&](Arithmetic arithmetic) {
      return std::any_of(arch.chunks.begin(), arch.chunks.end(),
                         [&](const ChunkSpec& chunk) { return chunk.runs(arithmetic); });
    };
    for (const Arithmetic a : {Arithmetic::multiply, Arithmetic::shift, Arithmetic::adder})
      if (runs(a)) macs_.push_back(a);
    for (const Arithmetic a : {Arithmetic::multiply, Arithmetic::adder})
      if (runs(a)) products_.push_back(a);
    vector_ = runs(Arithmetic::none);
  }

  Json make() {
    const std::uint64_t layers = 1 + rng_.below(4);
    unread_ = {new_input(random_shape())};
    while (layers_.size() < layers) add_layer();
    while (unread_.size() > 1) join();
    Json network = {{"name", "random"}, {"batch", one_in(rng_, 4) ? 2 + rng_.below(2) : 1}};
    network["inputs"] = inputs_;
    if (one_in(rng_, 2)) network["zeros"] = zeros();
    network["layers"] = layers_;
    return network;
  }

 private:
  using Make = bool (NetworkMaker::*)(const Tensor&);

  std::uint64_t pick(std::int64_t low, std::int64_t high) {
    return static_cast<std::uint64_t>(rng_.between(low, high));
  }
  // Mostly small.
  std::uint64_t size(std::int64_t most) { return one_in(rng_, 3) ? pick(1, most) : pick(1, 5); }
  Shape random_shape() {
    Shape shape;
    do shape = {size(24), size(12), one_in(rng_, 4) ? 1 : size(12)};
    while (shape.size() > kMostWords);
    return shape;
  }

  // ---- tensors

  Tensor new_input(const Shape& shape) {
    const std::string name = "x" + std::to_string(inputs_.size());
    inputs_.push_back({{"name", name}, {"shape", {shape.c, shape.h, shape.w}}});
    if (inputs_.size() > 1 && one_in(rng_, 2)) inputs_.back()["constant"] = true;
    return {name, shape};
  }
  // A tensor of that shape, made before or new.
  Tensor another(const Shape& shape) {
    for (const Tensor& tensor : made_)
      if (tensor.shape == shape && one_in(rng_, 2)) return tensor;
    return new_input(shape);
  }
  void read(const Tensor& tensor) {
    unread_.erase(std::remove_if(unread_.begin(), unread_.end(),
                                 [&](const Tensor& t) { return t.name == tensor.name; }),
                  unread_.end());
  }

  bool add(const char* type, const std::vector<Tensor>& inputs, const Shape& shape, Json settings,
           std::uint64_t operations) {
    if (operations > kMostOperations || shape.size() > kMostWords) return false;
    Json layer = {{"name", "l" + std::to_string(layers_.size())}, {"type", type}};
    layer["inputs"] = Json::array();
    for (const Tensor& tensor : inputs) {
      layer["inputs"].push_back(tensor.name);
      read(tensor);
    }
    if (settings.is_object()) layer.update(settings);
    made_.push_back({layer["name"], shape});
    unread_.push_back(made_.back());
    layers_.push_back(std::move(layer));
    return true;
  }

  Json activation() {
    return one_of<const char*>(rng_, {"none", "none", "relu", "relu6", "silu", "gelu", "sigmoid"});
  }
  Json flag() { return one_in(rng_, 2); }
  const char* any_of(const std::vector<Arithmetic>& some) {
    return to_string(some[rng_.below(some.size())]);
  }

  // ---- layers of one tensor

  struct Window {  // one direction
    std::uint64_t kernel, stride, padding, dilation, positions;
  };
  std::optional<Window> window(std::uint64_t extent, std::uint64_t most_dilation) {
    Window w{pick(1, 3), pick(1, 3), one_in(rng_, 2) ? 0 : pick(1, 2), 1, 0};
    if (one_in(rng_, 12)) w.kernel = pick(4, 7);
    if (one_in(rng_, 3)) w.dilation = pick(1, static_cast<std::int64_t>(most_dilation));
    const std::uint64_t padded = extent + 2 * w.padding, reach = w.dilation * (w.kernel - 1) + 1;
    if (reach > padded) return std::nullopt;
    w.positions = (padded - reach) / w.stride + 1;
    return w;
  }

  bool conv2d(const Tensor& x) {
    const auto rows = window(x.shape.h, 3), columns = window(x.shape.w, 3);
    if (!rows || !columns) return false;
    std::uint64_t groups = one_in(rng_, 3) ? pick(1, 4) : one_in(rng_, 4) ? x.shape.c : 1;
    if (x.shape.c % groups != 0) groups = 1;
    const std::uint64_t k = groups * size(9);
    const Shape shape = {k, rows->positions, columns->positions};
    return add("conv2d", {x}, shape,
               {{"arithmetic", any_of(macs_)},
                {"out_channels", k},
                {"kernel", {rows->kernel, columns->kernel}},
                {"stride", {rows->stride, columns->stride}},
                {"padding", {rows->padding, columns->padding}},
                {"dilation", {rows->dilation, columns->dilation}},
                {"groups", groups},
                {"bias", flag()},
                {"batch_norm", flag()},
                {"activation", activation()}},
               shape.size() * (x.shape.c / groups) * rows->kernel * columns->kernel);
  }

  bool linear(const Tensor& x) {
    const bool flat = one_in(rng_, 3);
    const std::uint64_t in = flat ? x.shape.size() : x.shape.c, out = size(12);
    const Shape shape =
        flat && in != x.shape.c ? Shape{out, 1, 1} : Shape{out, x.shape.h, x.shape.w};
    return add("linear", {x}, shape,
               {{"arithmetic", any_of(macs_)},
                {"in_features", in},
                {"out_features", out},
                {"bias", flag()},
                {"activation", activation()}},
               shape.size() * in);
  }

  bool matmul(const Tensor& x) {
    if (products_.empty()) return false;
    const bool transposed = one_in(rng_, 2);
    const Json settings = {{"arithmetic", any_of(products_)},
                           {"transpose_b", transposed},
                           {"batch_norm", flag()},
                           {"activation", activation()}};
    return transposed ? scores(x, settings) : weighted_values(x, settings);
  }
  bool scores(const Tensor& x, Json settings) {
    const std::uint64_t d = x.shape.c;
    return scores_of(x, another({d, size(9), one_in(rng_, 2) ? 1 : pick(1, 3)}), settings);
  }
  bool scores_of(const Tensor& x, const Tensor& y, Json settings) {
    const std::uint64_t d = x.shape.c, heads = d % 2 == 0 && one_in(rng_, 2) ? 2 : 1;
    settings["heads"] = heads;
    return add("matmul", {x, y}, {heads, x.positions(), y.positions()}, settings,
               x.positions() * y.positions() * d);
  }
  bool weighted_values(const Tensor& x, Json settings) {
    const std::uint64_t heads = x.shape.c, d = heads * pick(1, 3);
    const Tensor y = another({d, x.shape.w, 1});
    settings["heads"] = heads;
    const Shape shape = x.shape.h == y.positions() ? y.shape : Shape{d, x.shape.h, 1};
    return add("matmul", {x, y}, shape, settings, x.positions() * d);
  }

  bool pool(const char* type, const Tensor& x) {
    const auto rows = window(x.shape.h, 1), columns = window(x.shape.w, 1);
    if (!rows || !columns) return false;
    const bool maximum = std::string(type) == "max_pool2d";
    if (maximum && (rows->padding >= rows->kernel || columns->padding >= columns->kernel))
      return false;
    const Shape shape = {x.shape.c, rows->positions, columns->positions};
    return add(type, {x}, shape,
               {{"kernel", {rows->kernel, columns->kernel}},
                {"stride", {rows->stride, columns->stride}},
                {"padding", {rows->padding, columns->padding}}},
               shape.size() * rows->kernel * columns->kernel);
  }
  bool avg_pool2d(const Tensor& x) { return pool("avg_pool2d", x); }
  bool max_pool2d(const Tensor& x) { return pool("max_pool2d", x); }
  bool global_avg_pool(const Tensor& x) {
    return add("global_avg_pool", {x}, {x.shape.c, 1, 1}, {}, 0);
  }
  bool softmax(const Tensor& x) { return add("softmax", {x}, x.shape, {}, 0); }
  bool layer_norm(const Tensor& x) { return add("layer_norm", {x}, x.shape, {}, 0); }
  bool add_layers(const Tensor& x) {
    return add("add", {x, another(x.shape)}, x.shape, {{"activation", activation()}}, 0);
  }
  bool scale(const Tensor& x) {
    return add("scale", {x, another({x.shape.c, 1, 1})}, x.shape, {}, 0);
  }
  bool concat(const Tensor& x) {
    std::vector<Tensor> parts = {x};
    const bool channels = one_in(rng_, 2);
    for (std::uint64_t more = rng_.below(3); more > 0; --more)
      parts.push_back(
          another(channels ? Shape{size(6), x.shape.h, x.shape.w} : Shape{x.shape.c, size(6), 1}));
    return concat_of(parts, channels);
  }
  bool concat_of(const std::vector<Tensor>& parts, bool channels) {
    std::uint64_t joined = 0;
    for (const Tensor& part : parts) joined += channels ? part.shape.c : part.positions();
    const Shape& first = parts.front().shape;
    return add("concat", parts,
               channels ? Shape{joined, first.h, first.w} : Shape{first.c, joined, 1},
               {{"axis", channels ? "channels" : "tokens"}}, 0);
  }

  // ---- the graph

  bool can_join() const { return vector_ || !products_.empty(); }

  // Of a tensor that is not read yet, or, where what is left over can be joined, of any.
  void add_layer() {
    static constexpr std::array<Make, 4> kMac = {&NetworkMaker::conv2d, &NetworkMaker::conv2d,
                                                 &NetworkMaker::linear, &NetworkMaker::matmul};
    static constexpr std::array<Make, 8> kVector = {
        &NetworkMaker::add_layers,      &NetworkMaker::avg_pool2d,
        &NetworkMaker::max_pool2d,      &NetworkMaker::softmax,
        &NetworkMaker::global_avg_pool, &NetworkMaker::layer_norm,
        &NetworkMaker::concat,          &NetworkMaker::scale};
    const bool mac = !macs_.empty() && (!vector_ || !one_in(rng_, 3));
    const Make maker = mac ? kMac[rng_.below(kMac.size())] : kVector[rng_.below(kVector.size())];
    const bool branch = can_join() && !made_.empty() && one_in(rng_, 3);
    const auto& from = branch ? made_ : unread_;
    const Tensor x = from[rng_.below(from.size())];
    const Json inputs = inputs_;
    if (!(this->*maker)(x)) inputs_ = inputs;  // an input that was made for it is read by nobody
  }

  // Two of the tensors that nobody reads become one.
  void join() {
    Tensor a = unread_[0], b = unread_[1];
    const bool same_plane = a.shape.h == b.shape.h && a.shape.w == b.shape.w;
    if (vector_ && a.shape == b.shape && add("add", {a, b}, a.shape, {}, 0)) return;
    if (vector_ && same_plane && concat_of({a, b}, true)) return;
    if (vector_ && a.shape.c == b.shape.c && concat_of({a, b}, false)) return;
    if (!products_.empty() && a.shape.c == b.shape.c) {
      const Json settings = {{"arithmetic", any_of(products_)}, {"transpose_b", true}};
      if (scores_of(a, b, settings)) return;
    }
    shrink(a.shape.size() > b.shape.size() ? a : b);
  }
  void shrink(const Tensor& x) {
    if (vector_ && x.positions() > 1) {
      global_avg_pool(x);
      return;
    }
    const std::uint64_t in = x.shape.size();
    const Json settings = {{"arithmetic", any_of(macs_)}, {"in_features", in}, {"out_features", 1}};
    add("linear", {x}, {1, 1, 1}, settings, in);
  }

  Json zeros() {
    Json shares = Json::object();
    for (const Json& input : inputs_) shares[input["name"].get<std::string>()] = share();
    for (const Tensor& tensor : made_) shares[tensor.name] = share();
    return shares;
  }
  double share() { return one_of(rng_, {0.0, 0.1, 0.37, 0.5, 0.9, 0.99, 1.0}); }

  Rng& rng_;
  std::vector<Arithmetic> macs_, products_;
  bool vector_ = false;
  Json inputs_ = Json::array(), layers_ = Json::array();
  std::vector<Tensor> made_, unread_;
};

}  // namespace

Json random_network(Rng& rng, const ArchSpec& arch) { return NetworkMaker(rng, arch).make(); }

}  // namespace chasm
