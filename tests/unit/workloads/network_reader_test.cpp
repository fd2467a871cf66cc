// Faults of a network file: every one is found, at its place, in one reading.
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "tests/unit/workloads/test_network.h"

namespace chasm {
namespace {

const char* const kInputs = R"("inputs": [{"name": "image", "shape": [4, 8, 8]}])";

std::string network(const std::string& layers) {
  return std::string(R"({"name": "n", )") + kInputs + R"(, "layers": [)" + layers + "]}";
}
std::string conv(const std::string& more = "", const std::string& name = "c",
                 const std::string& input = "image") {
  return R"({"name": ")" + name + R"(", "type": "conv2d", "arithmetic": "multiply", "inputs": [")" +
         input + R"("], "out_channels": 8, "kernel": [3, 3])" + more + "}";
}
std::string complaint(const std::string& json) {
  Diagnostics diagnostics;
  const auto read = try_network(json, diagnostics);
  EXPECT_EQ(read.has_value(), diagnostics.ok());
  return diagnostics.to_string();
}

struct Fault {
  const char* name;
  std::string json;
  std::vector<std::string> expected;  // each must stand in the diagnostics
};

class ReaderFault : public testing::TestWithParam<Fault> {};

TEST_P(ReaderFault, IsFoundAtItsPlace) {
  const std::string text = complaint(GetParam().json);
  for (const std::string& part : GetParam().expected)
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Table, ReaderFault,
    testing::Values(
        Fault{"no_object", "[]", {"net.json"}},
        Fault{"empty_object", "{}", {"\"name\"", "\"inputs\"", "\"layers\""}},
        Fault{"no_layers", network(""), {"/layers"}},
        Fault{"unknown_top_key",
              R"({"name": "n", "input": []})",
              {R"(unknown key "input"; did you mean "inputs"?)"}},
        Fault{"unknown_layer_key",
              network(conv(R"(, "strides": [1, 1])")),
              {R"(/layers/0: error: unknown key "strides"; did you mean "stride"?)"}},
        Fault{"key_of_another_type",
              network(R"({"name": "s", "type": "softmax", "inputs": ["image"], "kernel": [1, 1]})"),
              {"/layers/0", R"(unknown key "kernel")"}},
        Fault{"unknown_type",
              network(R"({"name": "s", "type": "conv2", "inputs": ["image"]})"),
              {"/layers/0/type", R"("conv2")", R"(did you mean "conv2d"?)"}},
        Fault{
            "unknown_arithmetic",
            network(
                R"({"name": "l", "type": "linear", "arithmetic": "shfit", "inputs": ["image"], "in_features": 4,
                          "out_features": 2})"),
            {"/layers/0/arithmetic", R"(did you mean "shift"?)"}},
        Fault{
            "missing_arithmetic",
            network(
                R"({"name": "l", "type": "linear", "inputs": ["image"], "in_features": 4, "out_features": 2})"),
            {R"(/layers/0: error: missing key "arithmetic")"}},
        Fault{"unknown_activation",
              network(conv(R"(, "activation": "swish")")),
              {"/layers/0/activation"}},
        Fault{
            "zero_kernel",
            network(
                R"({"name": "p", "type": "max_pool2d", "inputs": ["image"], "kernel": [0, 2], "stride": [1, 1]})"),
            {"/layers/0/kernel/0", "1 to 1000000000"}},
        Fault{"negative_stride", network(conv(R"(, "stride": [-1, 1])")), {"/layers/0/stride/0"}},
        Fault{"fraction", network(conv(R"(, "groups": 1.5)")), {"/layers/0/groups", "integer"}},
        Fault{"huge_size",
              network(conv(R"(, "groups": 1000000000000000000)")),
              {"/layers/0/groups", "1000000000"}},
        Fault{"infinite_size", network(conv(R"(, "groups": 1e300)")), {"/layers/0/groups"}},
        Fault{"text_for_a_number",
              network(conv(R"(, "groups": "2")")),
              {"/layers/0/groups", "write 2"}},
        Fault{"three_strides", network(conv(R"(, "stride": [1, 1, 1])")), {"/layers/0/stride"}},
        Fault{"null_layer", network("null"), {"/layers/0"}},
        Fault{"bad_name", network(conv("", "a/b")), {"/layers/0/name"}},
        Fault{
            "dotted_input_name",
            R"({"name": "n", "inputs": [{"name": "a.weight", "shape": [1, 1, 1]}], "layers": []})",
            {"/inputs/0/name"}},
        Fault{"duplicate_layers",
              network(conv() + "," + conv()),
              {R"(/layers/1/name: error: the name "c" is taken by /layers/0)"}},
        Fault{"layer_named_as_an_input",
              network(conv("", "image")),
              {"/layers/0/name", "taken by /inputs/0"}},
        Fault{"unknown_input",
              network(conv("", "c", "imgae")),
              {R"(/layers/0/inputs/0: error: unknown tensor "imgae"; did you mean "image"?)"}},
        Fault{"own_output",
              network(conv("", "c", "c")),
              {"/layers/0/inputs/0: error: the layer reads its own output"}},
        Fault{"forward_reference",
              network(conv("", "c", "d") + "," + conv("", "d")),
              {R"(/layers/0/inputs/0: error: "d" is defined later, at /layers/1)",
               "topological order"}},
        Fault{"cycle",
              network(conv("", "c", "d") + "," + conv("", "d", "c")),
              {R"("d" (/layers/1) itself depends on this layer: a cycle)"}},
        Fault{
            "two_outputs",
            network(conv("", "c") + "," + conv("", "d")),
            {R"(/layers: error: 2 layers are read by no other: "c" (/layers/0), "d" (/layers/1))"}},
        Fault{
            "unread_input",
            R"({"name": "n", "inputs": [{"name": "a", "shape": [1, 1, 1]}, {"name": "b", "shape": [1, 1, 1]}],
                  "layers": [{"name": "s", "type": "softmax", "inputs": ["a"]}]})",
            {"/inputs/1: error: no layer reads this input"}},
        Fault{
            "groups_and_channels",
            network(conv(R"(, "groups": 3)")),
            {R"(/layers/0/groups: error: 3 does not divide the 4 channels of "image" (/inputs/0) [4, 8, 8])",
             "3 does not divide out_channels 8"}},
        Fault{
            "kernel_beyond_the_image",
            network(conv(R"(, "dilation": [5, 1])")),
            {R"(/layers/0/kernel: error: reaches over 11 rows but "image" (/inputs/0) [4, 8, 8] has 8)"}},
        Fault{"in_features",
              network(
                  R"({"name": "l", "type": "linear", "arithmetic": "multiply", "inputs": ["image"],
                          "in_features": 5, "out_features": 2})"),
              {"/layers/0/in_features", "5 fits neither the 4 channels nor the 256 elements"}},
        Fault{
            "add_shapes",
            network(conv() + R"(, {"name": "s", "type": "add", "inputs": ["c", "image"]})"),
            {R"(/layers/1/inputs: error: must have equal shapes, but are "c" (/layers/0) [8, 6, 6] and "image" (/inputs/0) [4, 8, 8])"}},
        Fault{"scale_shape",
              network(R"({"name": "s", "type": "scale", "inputs": ["image", "image"]})"),
              {"/layers/0/inputs", "must be [4, 1, 1]"}},
        Fault{
            "concat_shapes",
            network(
                conv() +
                R"(, {"name": "s", "type": "concat", "axis": "channels", "inputs": ["c", "image"]})"),
            {"/layers/1/inputs", "same rows and columns", "\"c\" (/layers/0)",
             "\"image\" (/inputs/0)"}},
        Fault{"concat_without_axis",
              network(R"({"name": "s", "type": "concat", "inputs": ["image"]})"),
              {R"(missing key "axis")"}},
        Fault{"one_addend",
              network(R"({"name": "s", "type": "add", "inputs": ["image"]})"),
              {"/layers/0/inputs"}},
        Fault{
            "shift_matmul",
            network(
                R"({"name": "m", "type": "matmul", "arithmetic": "shift", "inputs": ["image", "image"],
                          "transpose_b": true})"),
            {"/layers/0/arithmetic", "cannot shift"}},
        Fault{
            "heads",
            network(
                R"({"name": "m", "type": "matmul", "arithmetic": "adder", "inputs": ["image", "image"],
                          "transpose_b": true, "heads": 3})"),
            {"/layers/0/heads: error: 3 does not divide the 4 channels"}},
        Fault{
            "matmul_shapes",
            network(
                conv() +
                R"(, {"name": "m", "type": "matmul", "arithmetic": "multiply", "inputs": ["c", "image"],
                          "transpose_b": true})"),
            {"/layers/1/inputs", "same channels"}},
        Fault{
            "weighted_values",
            network(
                R"({"name": "m", "type": "matmul", "arithmetic": "multiply", "inputs": ["image", "image"],
                          "transpose_b": false, "heads": 2})"),
            {"[heads, Ta, Tb] with 2 heads", "8 columns but", "64 positions"}},
        Fault{
            "padding_only_maximum",
            network(
                R"({"name": "p", "type": "max_pool2d", "inputs": ["image"], "kernel": [2, 2], "stride": [1, 1],
                          "padding": [2, 0]})"),
            {"/layers/0/padding", "smaller than the kernel"}},
        Fault{
            "too_many_inputs_elements",
            R"({"name": "n", "inputs": [{"name": "a", "shape": [1000000000, 1000000000, 1000000000]}],
                  "layers": [{"name": "s", "type": "softmax", "inputs": ["a"]}]})",
            {"/inputs/0/shape", "2^60"}},
        Fault{"too_many_operations",
              R"({"name": "n", "inputs": [{"name": "a", "shape": [1000000000, 1000000, 1]}],
                  "layers": [{"name": "l", "type": "linear", "arithmetic": "adder", "inputs": ["a"],
                              "in_features": 1000000000, "out_features": 1000000}]})",
              {"/layers/0", "2^60 operations"}},
        Fault{
            "too_many_operations_in_a_batch",
            R"({"name": "n", "batch": 1000000, "inputs": [{"name": "a", "shape": [1000000, 1, 1]}],
                  "layers": [{"name": "l", "type": "linear", "arithmetic": "adder", "inputs": ["a"],
                              "in_features": 1000000, "out_features": 10000000}]})",
            {"/layers/0", "batch of 1000000"}},
        Fault{
            "wrong_expect",
            network(conv(
                R"(, "expect": {"out_shape": [8, 6, 5], "macs": 1, "params": 2, "weights": 3})")),
            {R"(/layers/0/expect/out_shape: error: says [8, 6, 5], but the output of layer "c" is [8, 6, 6])",
             "/layers/0/expect/macs: error: says 1, but the layer \"c\" has 10368",
             "/layers/0/expect/params: error: says 2, but the layer \"c\" has 288",
             "/layers/0/expect/weights: error: says 3, but the layer \"c\" has 288"}},
        Fault{"wrong_totals",
              R"({"name": "n", "inputs": [{"name": "image", "shape": [4, 8, 8]}],
                  "totals": {"macs": {"multiply": 1, "shift": 2, "adder": 3, "total": 4}, "weights": {"total": 5},
                             "params": 6, "layers": 7, "mac_layers": 8}, "layers": [)" +
                  conv() + "]}",
              {"/totals/macs/multiply: error: says 1, but the layers have 10368",
               "/totals/macs/shift: error: says 2", "/totals/macs/adder", "/totals/macs/total",
               "/totals/weights/total: error: says 5, but the layers have 288",
               "/totals/params: error: says 6, but the network has 288",
               "/totals/layers: error: says 7", "/totals/mac_layers: error: says 8"}}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

std::string with_zeros(const char* zeros) {
  std::string json = network(conv());
  json.pop_back();
  return json + R"(, "zeros": )" + zeros + "}";
}

TEST(NetworkReader, TakesSharesOfZerosByName) {
  Diagnostics diagnostics;
  const auto network = try_network(with_zeros(R"({"c": 0.75, "image": 0})"), diagnostics);
  ASSERT_TRUE(network) << diagnostics.to_string();
  EXPECT_EQ(network->zeros, (std::map<std::uint32_t, double>{{0, 0.0}, {1, 0.75}}));
  EXPECT_NE(complaint(with_zeros(R"({"imgae": 0.5})"))
                .find(R"(/zeros/imgae: error: unknown tensor "imgae"; did you mean "image"?)"),
            std::string::npos);
  EXPECT_NE(complaint(with_zeros(R"({"c": 1.5})")).find("/zeros/c"), std::string::npos);
}

TEST(NetworkReader, ReportsFaultsOfAllLayersAtOnce) {
  const std::string text =
      complaint(network(conv(R"(, "groups": 3)") + "," + conv(R"(, "colour": 1)", "d", "c") + "," +
                        conv("", "e", "nobody") + "," + conv(R"(, "groups": 5)", "f")));
  EXPECT_NE(text.find("/layers/0/groups"), std::string::npos) << text;
  EXPECT_NE(text.find("/layers/1: error: unknown key \"colour\""), std::string::npos) << text;
  EXPECT_NE(text.find("/layers/2/inputs/0: error: unknown tensor"), std::string::npos) << text;
  EXPECT_NE(text.find("/layers/3/groups"), std::string::npos) << text;
}

// A layer whose input could not be inferred is not blamed for it.
TEST(NetworkReader, DoesNotReportConsequences) {
  Diagnostics diagnostics;
  EXPECT_FALSE(try_network(
      network(conv(R"(, "groups": 4, "stride": [0, 1])") + "," + conv("", "d", "c")), diagnostics));
  EXPECT_EQ(diagnostics.error_count(), 1U) << diagnostics.to_string();
}

// JSON Schema counts 2.0 among the integers: whether it is taken or refused, it is never read as
// something else.
TEST(NetworkReader, NeverMisreadsWholeNumbersWrittenAsFractions) {
  Diagnostics diagnostics;
  const auto read = try_network(network(conv(R"(, "groups": 2.0)")), diagnostics);
  EXPECT_EQ(read.has_value(), diagnostics.ok());
  EXPECT_EQ(read ? read->layers[0].groups : 2U, 2U);
}

// Every value of a good file replaced by bad ones: a diagnostic or a network, never a crash.
TEST(NetworkReader, SurvivesAnyReplacedValue) {
  const Json good = Json::parse(zoo_text("toy_all_types"));
  const std::vector<Json> bad = {nullptr,
                                 true,
                                 -1,
                                 0,
                                 3,
                                 1000000000,
                                 1e300,
                                 0.5,
                                 "",
                                 "stem",
                                 "x",
                                 Json::array(),
                                 Json::object(),
                                 Json::array({1, 2}),
                                 Json::array({0, 0, 0}),
                                 18446744073709551615U};
  const Json flat = good.flatten();
  Rng rng(7);
  for (int i = 0; i < 250; ++i) {
    auto at = flat.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(rng.below(flat.size())));
    Json::json_pointer pointer(at.key());
    for (std::uint64_t up = rng.below(3); up > 0 && !pointer.empty(); --up)
      pointer = pointer.parent_pointer();
    Document document{"mutated", good};
    document.root[pointer] = bad[static_cast<std::size_t>(rng.below(bad.size()))];
    Diagnostics diagnostics;
    const auto read = read_network(document, diagnostics);
    ASSERT_EQ(read.has_value(), diagnostics.ok()) << pointer.to_string() << "\n"
                                                  << diagnostics.to_string();
  }
}

TEST(NetworkReader, InfersShapesAndCounts) {
  const Network net = network_of(network(
      R"({"name": "c", "type": "conv2d", "arithmetic": "shift", "inputs": ["image"], "out_channels": 6, "kernel": [3, 2],
          "stride": [2, 3], "padding": [1, 0], "dilation": [2, 1], "groups": 2, "bias": true, "batch_norm": true})"));
  const Layer& layer = net.layers[0];
  EXPECT_EQ(layer.out_shape,
            (Shape{6, 3, 3}));  // rows (8 + 2 - 5) / 2 + 1, columns (8 - 2) / 3 + 1
  EXPECT_EQ(layer.weights, 6U * 2 * 3 * 2);
  EXPECT_EQ(layer.params, layer.weights + 6 + 12);
  EXPECT_EQ(layer.operations, layer.weights * 9);
  EXPECT_EQ(net.operations().shift, layer.operations);
  EXPECT_EQ(net.tensor_name(1), "c");
  EXPECT_EQ(net.tensor_shape(0), (Shape{4, 8, 8}));
}

TEST(NetworkReader, KeepsAnImageInWeightedValues) {
  const char* const inputs =
      R"("inputs": [{"name": "s", "shape": [2, 6, 6]}, {"name": "v", "shape": [4, 2, 3]}])";
  const Network net = network_of(std::string(R"({"name": "n", )") + inputs + R"(, "layers": [
      {"name": "m", "type": "matmul", "arithmetic": "multiply", "inputs": ["s", "v"], "heads": 2, "transpose_b": false}]})");
  EXPECT_EQ(net.layers[0].out_shape, (Shape{4, 2, 3}));
  EXPECT_EQ(net.layers[0].operations, 6U * 6 * 4);
}

TEST(LoadNetwork, SuggestsAShippedName) {
  Diagnostics diagnostics;
  EXPECT_FALSE(load_network("resnet81", diagnostics));
  EXPECT_NE(diagnostics.to_string().find("did you mean \"resnet18\"?"), std::string::npos)
      << diagnostics.to_string();
}

TEST(LoadNetwork, ReportsAMissingFile) {
  Diagnostics diagnostics;
  EXPECT_FALSE(load_network("no/such/file.json", diagnostics));
  EXPECT_NE(diagnostics.to_string().find("no/such/file.json"), std::string::npos);
}

TEST(WorkloadSchema, IsJson) {
  EXPECT_TRUE(Json::parse(workload_schema())["definitions"].contains("layer_conv2d"));
}

}  // namespace
}  // namespace chasm
