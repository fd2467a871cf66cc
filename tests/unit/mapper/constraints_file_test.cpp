#include "mapper/constraints_file.h"

#include <gtest/gtest.h>

#include "mapper/mapping.h"
#include "tests/unit/mapper/support.h"

namespace chasm {
namespace {

std::optional<ConstraintsFile> read(const std::string& text, Diagnostics& diagnostics) {
  const std::optional<Document> document = parse_json(text, "c.json", diagnostics);
  return document ? ConstraintsFile::read(*document, diagnostics) : std::nullopt;
}

// A convolution of 16 filters, 8 channels, 10 x 10 outputs, 3 x 3.
Operation convolution(const std::string& name) {
  Operation operation;
  operation.name = name;
  operation.bounds = {{1, 1, 16, 8, 10, 10, 3, 3}};
  return operation;
}

MapConstraints of_layer(const std::string& text, const std::string& layer) {
  Diagnostics diagnostics;
  const auto file = read(text, diagnostics);
  std::optional<MapConstraints> constraints;
  if (file)
    constraints =
        file->constraints_of(convolution(layer), preset("nasa-45nm").chunks[0], diagnostics);
  EXPECT_TRUE(constraints) << diagnostics.to_string();
  return constraints ? *constraints : MapConstraints{};
}

TEST(ConstraintsFile, ReadsEveryKey) {
  const MapConstraints c = of_layer(R"({"schema": "chasm/constraints/1", "layers": {"a": {
      "dataflow": "rs", "row_stationary": {"n":1,"p":4,"q":2,"r":1,"t":2,"m":16,"e":5},
      "dram":   {"temporal": [["K",2],["P",2]]},
      "buffer": {"dims": ["C","Q"], "max": {"Q":5}, "tiles": {"input":2}, "bypass": []},
      "array":  {"spatial_x": [["P",5]], "y": {"factors": {"R":3}}},
      "rf":     {"factors": {"S":3}, "max": {"K":8}}}}})",
                                    "a");
  EXPECT_EQ(c.dataflow, LoopDataflow::rs);
  const RowStationary& rows = c.row_stationary;
  EXPECT_EQ((std::array{rows.n, rows.p, rows.q, rows.r, rows.t, rows.m, rows.e}),
            (std::array<std::optional<std::uint64_t>, 7>{1, 4, 2, 1, 2, 16, 5}));
  EXPECT_EQ(c.at(Level::dram).loops, (std::vector<Loop>{{Dim::K, 2}, {Dim::P, 2}}));
  EXPECT_FALSE(c.at(Level::buffer).loops);
  EXPECT_EQ(c.at(Level::buffer).dims, (std::vector<Dim>{Dim::C, Dim::Q}));
  EXPECT_EQ(c.at(Level::buffer).most[Dim::Q], 5U);
  EXPECT_EQ(c.buffer_tiles, (std::array<std::optional<std::uint32_t>, 3>{2, {}, {}}));
  EXPECT_EQ(c.bypass, (std::array{false, false, false}));
  EXPECT_EQ(c.at(Level::x).loops, (std::vector<Loop>{{Dim::P, 5}}));
  EXPECT_EQ(c.at(Level::y).factors[Dim::R], 3U);
  EXPECT_EQ(c.at(Level::rf).factors[Dim::S], 3U);
  EXPECT_EQ(c.at(Level::rf).most[Dim::K], 8U);
  EXPECT_FALSE(c.at(Level::rf).loops);
}

TEST(ConstraintsFile, ALayersEntryReplacesThatOfAllKeyByKey) {
  const std::string text = R"({"layers": {
      "*": {"chunk": "CLP", "row_stationary": {"p":4}, "rf": {"factors": {"K":4}},
            "dram": {"dims": ["P"]}},
      "a": {"rf": {"max": {"C":2}}},
      "b": {"dataflow": "ws", "chunk": "SLP"}}})";
  const MapConstraints all = of_layer(text, "other"), a = of_layer(text, "a"),
                       b = of_layer(text, "b");
  EXPECT_EQ(all.dataflow, LoopDataflow::rs);
  EXPECT_EQ(all.at(Level::rf).factors[Dim::K], 4U);
  EXPECT_EQ(a.dataflow, LoopDataflow::rs);
  EXPECT_EQ(a.row_stationary.p, 4U);
  EXPECT_FALSE(a.at(Level::rf).factors[Dim::K]);
  EXPECT_EQ(a.at(Level::rf).most[Dim::C], 2U);
  EXPECT_EQ(a.at(Level::dram).dims, std::vector<Dim>{Dim::P});
  EXPECT_EQ(b.dataflow, LoopDataflow::ws);
  EXPECT_FALSE(b.row_stationary.any());
  Diagnostics diagnostics;
  const auto file = read(text, diagnostics);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->chunk_of("a"), "CLP");
  EXPECT_EQ(file->chunk_of("b"), "SLP");
  EXPECT_EQ(file->chunk_of("other"), "CLP");
}

// What is said of all layers is cut to the bounds of each; what is said of one must be within them.
TEST(ConstraintsFile, CutsWhatIsSaidOfAllToTheBounds) {
  const std::string numbers =
      R"("dram": {"temporal": [["P",2],["K",99]]}, "row_stationary": {"p":99}, "rf": {"factors": {"C":99}},
         "buffer": {"bypass": ["input", "weight"]})";
  const MapConstraints c = of_layer(R"({"layers": {"*": {)" + numbers + "}}}", "a");
  EXPECT_EQ(c.at(Level::dram).loops, (std::vector<Loop>{{Dim::P, 2}, {Dim::K, 16}}));
  EXPECT_EQ(c.row_stationary.p, 16U);
  EXPECT_EQ(c.at(Level::rf).factors[Dim::C], 8U);
  EXPECT_EQ(c.bypass, (std::array{false, true, false}));

  Diagnostics diagnostics;
  const auto file = read(R"({"layers": {"a": {)" + numbers + "}}}", diagnostics);
  ASSERT_TRUE(file) << diagnostics.to_string();
  EXPECT_FALSE(file->constraints_of(convolution("a"), preset("nasa-45nm").chunks[0], diagnostics));
  const std::string text = diagnostics.to_string();
  for (const char* expected :
       {"c.json: /layers/a/dram/temporal/1: error: a: 99 trips of K, but the dimension has 16 "
        "iterations; allowed: 1 to 16",
        "/layers/a/row_stationary/p", "/layers/a/rf/factors/C",
        "/layers/a/buffer/bypass: error: input cannot go past the global buffer on chunk CLP"})
    EXPECT_NE(text.find(expected), std::string::npos) << expected << "\n" << text;
}

TEST(ConstraintsFile, KnowsTheNamesOfLayersAndChunks) {
  Diagnostics diagnostics;
  const auto file =
      read(R"({"layers": {"*": {}, "stam": {}, "stem": {"chunk": "CLQ"}}})", diagnostics);
  ASSERT_TRUE(file) << diagnostics.to_string();
  EXPECT_FALSE(
      file->check_names(zoo("nasa_hybrid_all_b_cifar10"), preset("nasa-45nm"), diagnostics));
  const std::string text = diagnostics.to_string();
  EXPECT_NE(text.find("/layers/stam: error: network nasa_hybrid_all_b_cifar10 has no layer"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("/layers/stem/chunk: error: nasa-45nm has no chunk \"CLQ\"; did you mean"),
            std::string::npos)
      << text;
}

class ConstraintsFault : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(ConstraintsFault, IsADiagnosticAtItsPlace) {
  Diagnostics diagnostics;
  EXPECT_FALSE(read(GetParam().first, diagnostics));
  EXPECT_NE(diagnostics.to_string().find(GetParam().second), std::string::npos)
      << diagnostics.to_string();
}

INSTANTIATE_TEST_SUITE_P(
    Constraints, ConstraintsFault,
    testing::Values(
        std::pair{"[]", "c.json: "}, std::pair{"{}", "layers"},
        std::pair{R"({"layers":{"a":{"dataflow":"sr"}}})", "/layers/a/dataflow"},
        std::pair{R"({"layers":{"a":{"rf":{"factors":{"Z":1}}}}})", "/layers/a/rf/factors"},
        std::pair{R"({"layers":{"a":{"rf":{"max":{"K":0}}}}})", "/layers/a/rf/max/K"},
        std::pair{R"({"layers":{"a":{"rf":{"dims":[7]}}}})", "/layers/a/rf/dims/0"},
        std::pair{R"({"layers":{"a":{"row_stationary":{"p":1e300}}}})",
                  "/layers/a/row_stationary/p"},
        std::pair{R"({"layers":{"a":{"bufer":{}}}})", "did you mean \"buffer\""},
        std::pair{R"({"layers":{"a":{"array":{"x":{"temporal":[]}}}}})", "temporal"},
        std::pair{R"({"layers":{"a":{"buffer":{"tiles":{"input":3}}}}})",
                  "/layers/a/buffer/tiles/input"},
        std::pair{R"({"layers":{"a":{"rf":{"factors":{"K":8},"max":{"K":4}}}}})",
                  "/layers/a/rf/factors/K: error: 8 trips of K, but \"max\" allows 4"},
        std::pair{R"({"layers":{"a":{"array":{"x":{"factors":{"K":8},"dims":["P"]}}}}})",
                  "/layers/a/array/x/factors/K: error: 8 trips of K, but \"dims\" does not name K"},
        std::pair{R"({"layers":{"a":{"rf":{"factors":{"K":8},"temporal":[]}}}})",
                  "/layers/a/rf/factors/K: error: the loops of this level are given"},
        std::pair{R"({"layers":{"a":{"dataflow":"ws","row_stationary":{"p":1}}}})",
                  "/layers/a/row_stationary: error: parameters of the dataflow rs"},
        std::pair{R"({"layers":{"a/b":{"row_stationary":{"m":8,"p":2}}}})",
                  "/layers/a~1b/row_stationary/m: error: m output channels"}));

}  // namespace
}  // namespace chasm
