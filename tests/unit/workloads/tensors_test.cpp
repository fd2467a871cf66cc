// Tensor folders: what is there is used, what is missing is made, what is wrong is said.
#include "workloads/tensors.h"

#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "workloads/npy.h"
#include "tests/unit/workloads/test_network.h"

namespace chasm {
namespace {

const char* const kNetwork =
    R"({"name": "n", "batch": 2, "inputs": [{"name": "image", "shape": [2, 2, 2]},
   {"name": "pos", "shape": [2, 2, 2], "constant": true}], "layers": [
   {"name": "sum", "type": "add", "inputs": ["image", "pos"]},
   {"name": "conv", "type": "conv2d", "arithmetic": "shift", "inputs": ["sum"], "out_channels": 4, "kernel": [1, 2],
    "groups": 2, "batch_norm": true},
   {"name": "fc", "type": "linear", "arithmetic": "adder", "inputs": ["conv"], "in_features": 4, "out_features": 3},
   {"name": "ln", "type": "layer_norm", "inputs": ["fc"]}]})";

class TensorFolder : public testing::Test {
 protected:
  TensorFolder()
      : net_(network_of(kNetwork)), plan_(plan_quantization(net_, std::vector<LayerWidths>(4))) {}
  void SetUp() override {
    folder_ = testing::TempDir() + "chasm_tensors_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void put(const std::string& name, const std::vector<std::uint64_t>& shape,
           const std::vector<std::int32_t>& values) {
    std::filesystem::create_directories(folder_);
    Diagnostics diagnostics;
    ASSERT_TRUE(write_npy(folder_ + "/" + name, shape, std::span(values), 32, diagnostics))
        << diagnostics.to_string();
  }
  std::optional<NetworkData> load(std::uint64_t seed = 1) {
    diagnostics_ = {};
    return load_or_make_tensors(net_, plan_, folder_, seed, diagnostics_);
  }
  ::testing::AssertionResult says(const std::string& part) const {
    const std::string text = diagnostics_.to_string();
    if (text.find(part) != std::string::npos) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "not said: " << part << "\n" << text;
  }

  Network net_;
  QuantizationPlan plan_;
  std::string folder_;
  Diagnostics diagnostics_;
};

TEST_F(TensorFolder, MakesEverythingWithoutAFolder) {
  const auto data = load();
  ASSERT_TRUE(data) << diagnostics_.to_string();
  EXPECT_EQ(data->tensors[0].size(), 16U);
  EXPECT_EQ(data->tensors[1].size(), 8U);  // one sample of a constant
  EXPECT_EQ(data->parameters[1].weights.size(), 4U * 2);
  EXPECT_EQ(data->parameters[1].scale.size(), 4U);
  EXPECT_EQ(data->parameters[1].bias.size(), 4U);
  EXPECT_TRUE(data->parameters[2].bias.empty());
  EXPECT_EQ(data->parameters[3].gamma.size(), 3U);
}

TEST_F(TensorFolder, ReadsBackWhatItWrote) {
  auto data = load(5);
  ASSERT_TRUE(data);
  golden_network(net_, plan_, *data);
  ASSERT_TRUE(write_tensors(folder_, net_, plan_, *data, diagnostics_)) << diagnostics_.to_string();
  auto again = load(6);  // another seed: everything comes from the files
  ASSERT_TRUE(again) << diagnostics_.to_string();
  EXPECT_EQ(diagnostics_.to_string(), "");
  golden_network(net_, plan_, *again);
  EXPECT_EQ(again->tensors, data->tensors);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(again->parameters[i].weights, data->parameters[i].weights);
    EXPECT_EQ(again->parameters[i].bias, data->parameters[i].bias);
    EXPECT_EQ(again->parameters[i].scale, data->parameters[i].scale);
    EXPECT_EQ(again->parameters[i].gamma, data->parameters[i].gamma);
    EXPECT_EQ(again->parameters[i].beta, data->parameters[i].beta);
  }
  Diagnostics diagnostics;
  EXPECT_EQ(read_npy(folder_ + "/conv.weight.npy", diagnostics)->shape,
            (std::vector<std::uint64_t>{4, 1, 1, 2}));
  EXPECT_EQ(read_npy(folder_ + "/fc.weight.npy", diagnostics)->shape,
            (std::vector<std::uint64_t>{3, 4}));
  EXPECT_EQ(read_npy(folder_ + "/image.npy", diagnostics)->shape,
            (std::vector<std::uint64_t>{2, 2, 2, 2}));
  EXPECT_EQ(read_npy(folder_ + "/pos.npy", diagnostics)->shape,
            (std::vector<std::uint64_t>{1, 2, 2, 2}));
  EXPECT_EQ(read_npy(folder_ + "/fc.output.npy", diagnostics)->shape,
            (std::vector<std::uint64_t>{2, 3, 2, 1}));
}

TEST_F(TensorFolder, WritesTheQuantisation) {
  const auto data = load();
  ASSERT_TRUE(write_tensors(folder_, net_, plan_, *data, diagnostics_));
  std::ifstream file(folder_ + "/quantization.json");
  const Json json = Json::parse(file);
  EXPECT_EQ(json["layers"].size(), 4U);
  EXPECT_EQ(json["layers"]["conv"]["shift"], plan_.layers[1].shift);
  EXPECT_EQ(json["layers"]["conv"]["inputs"][0]["file"], "sum.output.npy");
  EXPECT_EQ(json["layers"]["fc"]["bias"], Json::array({0, 0, 0}));
  EXPECT_EQ(json["layers"]["fc"]["scale"], Json::array({1, 1, 1}));
}

TEST_F(TensorFolder, UsesGivenWeightsAndMakesTheRest) {
  put("conv.weight.npy", {4, 1, 1, 2}, {1, 2, -4, 8, 0, -1, 1, 64});
  const auto data = load();
  ASSERT_TRUE(data) << diagnostics_.to_string();
  EXPECT_EQ(data->parameters[1].weights, (std::vector<std::int32_t>{1, 2, -4, 8, 0, -1, 1, 64}));
  EXPECT_EQ(data->tensors[0].size(), 16U);
}

TEST_F(TensorFolder, ReportsEveryFaultAtOnce) {
  put("conv.weight.npy", {4, 1, 1, 2}, {1, 2, 3, 8, 0, -1, 1, 64});
  put("fc.weight.npy", {4, 3}, std::vector<std::int32_t>(12, 1));
  put("image.npy", {2, 2, 2, 2}, std::vector<std::int32_t>(16, 128));
  put("pos.npy", {2, 2, 2, 2}, std::vector<std::int32_t>(16, 1));
  put("fc.bias.npy", {3}, {1, 2, 3});
  put("sum.weight.npy", {1}, {1});
  put("ln.gamma.npy", {3}, {1, 2, 40000});
  EXPECT_FALSE(load());
  EXPECT_EQ(diagnostics_.error_count(), 7U);
  EXPECT_TRUE(
      says("conv.weight.npy: error: the value 3 (element 2 in C order) is not a power of two"));
  EXPECT_TRUE(says(
      "fc.weight.npy: error: has the shape (4, 3); 8-bit weights of layer \"fc\" need (3, 4)"));
  EXPECT_TRUE(
      says("image.npy: error: the value 128 at (0, 0, 0, 0) is out of range; 8-bit values of input "
           "\"image\" lie in -128 to 127"));
  EXPECT_TRUE(says("pos.npy: error: has the shape (2, 2, 2, 2)"));
  EXPECT_TRUE(
      says("fc.bias.npy: error: layer \"fc\" does not use it; its \"bias\" and \"batch_norm\" are "
           "false"));
  EXPECT_TRUE(says("sum.weight.npy: error: layer \"sum\" does not use it"));
  EXPECT_TRUE(says("ln.gamma.npy: error: the value 40000 at (2,) is out of range") ||
              says("at (2,)"));
}

TEST_F(TensorFolder, WarnsAboutFilesOfNoLayer) {
  put("covn.weight.npy", {1}, {1});
  EXPECT_TRUE(load());
  EXPECT_TRUE(
      says("covn.weight.npy: warning: is no tensor of network \"n\" and is not read; did you mean "
           "\"conv.weight.npy\"?"));
}

TEST_F(TensorFolder, ReportsAFileInPlaceOfTheFolder) {
  std::ofstream(folder_) << "a file";
  EXPECT_FALSE(load());
  EXPECT_TRUE(says(folder_));
}

TEST(Parameters, DoNotDependOnTheOrderOfLayers) {
  const char* const inputs =
      R"({"name": "n", "inputs": [{"name": "a", "shape": [4, 3, 3]}], "layers": [)";
  const std::string x =
      R"({"name": "x", "type": "conv2d", "arithmetic": "adder", "inputs": ["a"], "out_channels": 4,
      "kernel": [3, 3], "bias": true})";
  const std::string y =
      R"({"name": "y", "type": "conv2d", "arithmetic": "multiply", "inputs": ["a"], "out_channels": 4,
      "kernel": [3, 3]})";
  const std::string sum = R"({"name": "s", "type": "add", "inputs": ["x", "y"]}]})";
  const Network one = network_of(inputs + x + "," + y + "," + sum),
                other = network_of(inputs + y + "," + x + "," + sum);
  const std::vector<LayerWidths> widths(3);
  const QuantizationPlan one_plan = plan_quantization(one, widths),
                         other_plan = plan_quantization(other, widths);
  EXPECT_EQ(make_parameters(one, one_plan, 0, 9).weights,
            make_parameters(other, other_plan, 1, 9).weights);
  EXPECT_EQ(make_parameters(one, one_plan, 0, 9).bias,
            make_parameters(other, other_plan, 1, 9).bias);
  EXPECT_NE(make_parameters(one, one_plan, 0, 9).weights,
            make_parameters(one, one_plan, 0, 10).weights);
  EXPECT_NE(make_parameters(one, one_plan, 0, 9).weights,
            make_parameters(one, one_plan, 1, 9).weights);
  EXPECT_EQ(make_tensor(one, one_plan, 0, 9), make_tensor(other, other_plan, 0, 9));
}

// Generated values lie in the range that files of the same thing may hold.
TEST(Parameters, AreLegal) {
  const Network net = network_of(std::string(zoo_text("toy_all_types")));
  for (const std::uint32_t bits : {2U, 3U, 6U, 8U, 16U}) {
    const std::vector<LayerWidths> widths(net.layers.size(), LayerWidths{bits, bits, 24, bits});
    const QuantizationPlan plan = plan_quantization(net, widths);
    Diagnostics diagnostics;
    EXPECT_TRUE(check_arithmetic(net, plan, diagnostics)) << diagnostics.to_string();
    const std::string folder = testing::TempDir() + "chasm_legal_" + std::to_string(bits);
    const auto data = load_or_make_tensors(net, plan, "", 3, diagnostics);
    ASSERT_TRUE(write_tensors(folder, net, plan, *data, diagnostics));
    EXPECT_TRUE(load_or_make_tensors(net, plan, folder, 4, diagnostics)) << diagnostics.to_string();
    EXPECT_EQ(diagnostics.to_string(), "");
    std::filesystem::remove_all(folder);
  }
}

TEST(Plan, ChoosesTheWidestUseOfAnInput) {
  const Network net =
      network_of(R"({"name": "n", "inputs": [{"name": "a", "shape": [2, 2, 1]}], "layers": [
      {"name": "x", "type": "softmax", "inputs": ["a"]}, {"name": "y", "type": "softmax", "inputs": ["a"]},
      {"name": "m", "type": "matmul", "arithmetic": "multiply", "inputs": ["x", "y"], "transpose_b": true}]})");
  const QuantizationPlan plan =
      plan_quantization(net, {{6, 8, 16, 5}, {7, 8, 16, 9}, {4, 12, 16, 8}});
  EXPECT_EQ(plan.tensor_bits, (std::vector<std::uint32_t>{7, 5, 9, 8}));
  EXPECT_EQ(plan.layers[0].inputs[0].narrow, 1U);
  EXPECT_EQ(plan.layers[2].inputs[0].bits, 4U);  // 5 bits at a 4-bit input
  EXPECT_EQ(plan.layers[2].inputs[1].bits, 9U);  // 9 bits at a 12-bit weight operand
}

TEST(Plan, RefusesWidthsItCannotComputeWith) {
  const Network net = network_of(std::string(zoo_text("toy_mixed3")));
  const QuantizationPlan plan =
      plan_quantization(net, {{17, 1, 64, 0}, {8, 8, 16, 8}, {8, 8, 16, 8}});
  Diagnostics diagnostics;
  EXPECT_FALSE(check_arithmetic(net, plan, diagnostics));
  EXPECT_EQ(diagnostics.error_count(), 4U) << diagnostics.to_string();
}

}  // namespace
}  // namespace chasm
