// Every shipped network is read, and its counts are the published ones.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "workloads/network.h"

namespace chasm {
namespace {

class Zoo : public testing::TestWithParam<std::string> {};

TEST_P(Zoo, IsReadWithoutAnyComplaint) {
  Diagnostics diagnostics;
  const auto network = load_network(GetParam(), diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  ASSERT_TRUE(network);
  EXPECT_EQ(network->name, GetParam());
}

// The counts of the file are compared by the reader, so every one of them must be there.
TEST_P(Zoo, StatesEveryCount) {
  const Json root = Json::parse(zoo_text(GetParam()));
  for (const char* key : {"macs", "weights", "params", "layers", "mac_layers"})
    EXPECT_TRUE(root["totals"].contains(key)) << key;
  for (const Json& layer : root["layers"]) {
    for (const char* key : {"out_shape", "macs", "params"})
      EXPECT_TRUE(layer["expect"].contains(key)) << layer["name"] << " " << key;
    const bool has_weights = layer["type"] == "conv2d" || layer["type"] == "linear";
    EXPECT_EQ(layer["expect"].contains("weights"), has_weights) << layer["name"];
  }
}

// Nothing of a network depends on the counts stated in its file.
TEST_P(Zoo, CountsTheSameWithoutTheAuthorsCounts) {
  Document document{"stripped", Json::parse(zoo_text(GetParam()))};
  const Json totals = document.root["totals"];
  document.root.erase("totals");
  for (Json& layer : document.root["layers"]) layer.erase("expect");
  Diagnostics diagnostics;
  const auto network = read_network(document, diagnostics);
  ASSERT_TRUE(network) << diagnostics.to_string();
  EXPECT_EQ(network->params(), totals["params"].get<std::uint64_t>());
  const OperationCounts counts = network->operations();
  EXPECT_EQ(counts.multiply, totals["macs"]["multiply"].get<std::uint64_t>());
  EXPECT_EQ(counts.shift, totals["macs"]["shift"].get<std::uint64_t>());
  EXPECT_EQ(counts.adder, totals["macs"]["adder"].get<std::uint64_t>());
  EXPECT_EQ(counts.total(), totals["macs"]["total"].get<std::uint64_t>());
}

INSTANTIATE_TEST_SUITE_P(Networks, Zoo, testing::ValuesIn(zoo_names()),
                         [](const auto& parameter) { return parameter.param; });

TEST(ZooTable, HoldsTheExpectedNetworksInOrder) {
  const std::vector<std::string> names = zoo_names();
  EXPECT_EQ(names.size(), 24U);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const char* name :
       {"nasa_hybrid_all_b_cifar10", "resnet18", "resnet20_cifar10", "resnet50",
        "resnet20_deepshift_cifar10", "resnet20_addernet_cifar10", "mobilenet_v2", "vgg16",
        "alexnet_eyeriss_conv", "deit_tiny", "bert_base_layer_seq128",
        "shiftaddnas_t0_mix_v3_224_nose", "toy_all_types", "toy_mixed3"})
    EXPECT_TRUE(std::count(names.begin(), names.end(), name) == 1) << name;
  EXPECT_EQ(zoo_text("no_such_network"), "");
}

// Parameters as the frameworks' model listings publish them.
TEST(ZooTable, HasThePublishedParameterCounts) {
  const std::map<std::string, std::uint64_t> published = {{"alexnet_grouped", 60'965'224},
                                                          {"alexnet_torchvision", 61'100'840},
                                                          {"vgg16", 138'357'544},
                                                          {"resnet18", 11'689'512},
                                                          {"resnet50", 25'557'032},
                                                          {"mobilenet_v2", 3'504'872},
                                                          {"deit_tiny", 5'717'416},
                                                          {"resnet20_cifar10", 272'474},
                                                          {"bert_base_layer_seq128", 7'087'872}};
  for (const auto& [name, params] : published) {
    Diagnostics diagnostics;
    const auto network = load_network(name, diagnostics);
    ASSERT_TRUE(network) << diagnostics.to_string();
    EXPECT_EQ(network->params(), params) << name;
  }
}

// Operations counted from the ONNX exports of the frameworks, in steps of 1000.
TEST(ZooTable, HasTheOperationsOfTheOnnxExports) {
  const std::map<std::string, std::uint64_t> exported = {{"resnet18", 1'814'073},
                                                         {"mobilenet_v2", 300'774}};
  for (const auto& [name, thousands] : exported) {
    Diagnostics diagnostics;
    const auto network = load_network(name, diagnostics);
    ASSERT_TRUE(network) << diagnostics.to_string();
    EXPECT_EQ(network->operations().multiply / 1000, thousands) << name;
  }
}

}  // namespace
}  // namespace chasm
