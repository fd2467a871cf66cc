#include "mapper/mapping.h"

#include <gtest/gtest.h>

#include "mapper/map_network.h"
#include "tests/unit/mapper/support.h"

namespace chasm {
namespace {

std::optional<Mapping> read(const std::string& text, Diagnostics& diagnostics) {
  const std::optional<Document> document = parse_json(text, "m.json", diagnostics);
  return document ? read_mapping(*document, diagnostics) : std::nullopt;
}

TEST(Mapping, ReadsTheFormOfTheDocumentation) {
  Diagnostics diagnostics;
  const auto mapping = read(
      R"({"layers": {"conv3": {"chunk":"CLP",
           "dram":   {"temporal":[["K",4],["P",2]]},
           "buffer": {"temporal":[["C",8],["Q",27]], "tiles":{"input":2,"output":1},
                       "bypass":["weight"]},
           "array":  {"spatial_x":[["K",14]], "spatial_y":[["R",3],["C",4]]},
           "rf":     {"temporal":[["S",3],["K",4]]}},
         "pool": {"chunk":"VEC"}}})",
      diagnostics);
  ASSERT_TRUE(mapping) << diagnostics.to_string();
  const OperationMapping& conv = mapping->layers.at("conv3");
  EXPECT_EQ(conv.chunk, "CLP");
  EXPECT_EQ(conv.dram, (std::vector<Loop>{{Dim::K, 4}, {Dim::P, 2}}));
  EXPECT_EQ(conv.buffer, (std::vector<Loop>{{Dim::C, 8}, {Dim::Q, 27}}));
  EXPECT_EQ(conv.spatial_x, (std::vector<Loop>{{Dim::K, 14}}));
  EXPECT_EQ(conv.spatial_y, (std::vector<Loop>{{Dim::R, 3}, {Dim::C, 4}}));
  EXPECT_EQ(conv.rf, (std::vector<Loop>{{Dim::S, 3}, {Dim::K, 4}}));
  EXPECT_EQ(conv.buffer_tiles[0], 2U);
  EXPECT_FALSE(conv.buffer_tiles[1]);
  EXPECT_EQ(conv.buffer_tiles[2], 1U);
  EXPECT_EQ(conv.bypass, (std::array{false, true, false}));
  EXPECT_TRUE(mapping->layers.at("pool").rf.empty());
  EXPECT_FALSE(mapping->layers.at("pool").bypass);
}

TEST(Mapping, RoundTripsWhatTheMapperWrites) {
  Diagnostics diagnostics;
  auto mapping = map_network(preset("nasa-45nm"), zoo("toy_all_types"), {}, diagnostics);
  ASSERT_TRUE(mapping) << diagnostics.to_string();
  mapping->layers.begin()->second.bypass = {false, true, false};
  const std::string text = to_json(*mapping).dump();
  const auto again = read(text, diagnostics);
  ASSERT_TRUE(again) << diagnostics.to_string();
  EXPECT_EQ(to_json(*again).dump(), text);
}

class MappingFault : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(MappingFault, IsADiagnosticAtItsPlace) {
  Diagnostics diagnostics;
  EXPECT_FALSE(read(GetParam().first, diagnostics));
  EXPECT_NE(diagnostics.to_string().find(GetParam().second), std::string::npos)
      << diagnostics.to_string();
}

INSTANTIATE_TEST_SUITE_P(
    Mapping, MappingFault,
    testing::Values(std::pair{"[]", "m.json: "}, std::pair{"{}", "layers"},
                    std::pair{R"({"layers":{"a":{}}})", "/layers/a"},
                    std::pair{R"({"layers":{"a":{"chunk":"X","rf":{"temporal":[["Z",1]]}}}})",
                              "/layers/a/rf/temporal/0/0"},
                    std::pair{R"({"layers":{"a":{"chunk":"X","rf":{"temporal":[["K",0]]}}}})",
                              "/layers/a/rf/temporal/0/1"},
                    std::pair{R"({"layers":{"a":{"chunk":"X","rf":{"temporal":[["K",-3]]}}}})",
                              "/layers/a/rf/temporal/0/1"},
                    std::pair{R"({"layers":{"a":{"chunk":"X","rf":{"temporal":[["K",1e300]]}}}})",
                              "/layers/a/rf/temporal/0/1"},
                    std::pair{R"({"layers":{"a":{"chunk":"X","rf":{"temporal":[["K",1.5]]}}}})",
                              "/layers/a/rf/temporal/0/1"},
                    std::pair{R"({"layers":{"a":{"chunk":"X","rf":{"temporal":[["K"]]}}}})",
                              "/layers/a/rf/temporal/0"},
                    std::pair{R"({"layers":{"a":{"chunk":"X","rf":{"spatial":[]}}}})", "spatial"},
                    std::pair{R"({"layers":{"a":{"chunk":"X","bufer":{}}}})",
                              "did you mean \"buffer\""},
                    std::pair{R"({"layers":{"a":{"chunk":"X","buffer":{"tiles":{"input":3}}}}})",
                              "/layers/a/buffer/tiles/input"},
                    std::pair{R"({"layers":{"a":{"chunk":"X","buffer":{"bypass":["psum"]}}}})",
                              "/layers/a/buffer/bypass/0"},
                    std::pair{R"({"layers":{"a":{"chunk":7}}})", "/layers/a/chunk"}));

}  // namespace
}  // namespace chasm
