// The counter of Timeloop's rules (tests/support/timeloop) gives its numbers, quirks included.
#include <gtest/gtest.h>

#include "base/json.h"
#include "tests/support/timeloop/counter.h"

namespace chasm::timeloop {
namespace {

constexpr std::array<const char*, 3> kNames = {"Inputs", "Weights", "Outputs"};

Json load_cases() {
  Diagnostics problems;
  const auto document = read_json_file(CHASM_TIMELOOP_CASES, problems);
  EXPECT_TRUE(document) << problems.to_string();
  return document ? document->root["cases"] : Json::array();
}

void add(Mapping& mapping, const Json& loops, bool spatial, bool depthwise) {
  for (const Json& loop : loops) {
    const auto name = loop[0].get<std::string>();
    const Dim dim = name == "C" && depthwise ? Dim::G : dim_from(name).value();
    mapping.loops.push_back({dim, loop[1].get<std::uint64_t>(), spatial});
  }
}

Mapping mapping_of(const Json& json) {
  const bool depthwise = json["depthwise"].get<bool>();
  Mapping mapping;
  mapping.stride = json["stride"].get<std::uint64_t>();
  for (const Json& loops : json["loops"]) {
    Level level;
    level.name = loops["level"].get<std::string>();
    level.outside = mapping.loops.size();
    level.energy_per_word = level.name == "DRAM" ? 200 : level.name == "GB" ? 6 : 1;
    for (std::size_t t = 0; t < kNames.size(); ++t)
      level.keeps[t] = json["reads_fills_updates"][level.name].contains(kNames[t]);
    mapping.levels.push_back(level);
    add(mapping, loops["time"], false, depthwise);
    if (loops.contains("columns")) add(mapping, loops["columns"], true, depthwise);
    if (loops.contains("rows")) add(mapping, loops["rows"], true, depthwise);
  }
  return mapping;
}

class TimeloopRules : public testing::TestWithParam<int> {};

TEST_P(TimeloopRules, GiveItsCounts) {
  const Json cases = load_cases();
  const Json& json = cases.at(static_cast<std::size_t>(GetParam()));
  SCOPED_TRACE(json["id"].get<std::string>());
  const Mapping mapping = mapping_of(json);
  const Counts counts = count(mapping);
  EXPECT_EQ(counts.operations, json["macs"].get<std::uint64_t>());
  EXPECT_EQ(counts.cycles, json["cycles"].get<std::uint64_t>());
  EXPECT_EQ(counts.energy, json["energy"].get<double>());
  for (std::size_t l = 0; l < mapping.levels.size(); ++l) {
    const Json& level = json["reads_fills_updates"][mapping.levels[l].name];
    for (std::size_t t = 0; t < kNames.size(); ++t) {
      if (!level.contains(kNames[t])) continue;
      const Words& words = counts.levels[l][t];
      EXPECT_EQ(Json({words.reads, words.fills, words.updates}), level[kNames[t]])
          << mapping.levels[l].name << " " << kNames[t];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, TimeloopRules, testing::Range(0, 10));

// A dimension split over two levels outside the register file (its case t5): 16 outputs of a window
// of three need 18 inputs, once each.
Mapping split_window() {
  constexpr std::array kAll = {true, true, true};
  Mapping mapping;
  mapping.loops = {{Dim::P, 4}, {Dim::P, 4}, {Dim::R, 3}};
  mapping.levels = {{"DRAM", 0, kAll, 200}, {"GB", 1, kAll, 6}, {"RF", 2, kAll, 1}};
  return mapping;
}

TEST(TimeloopSplitWindow, IsFetchedAnewAtEveryOuterStep) {
  const Counts counts = count(split_window());
  EXPECT_EQ(counts.levels[2][0], (Words{48, 24, 0}));
  EXPECT_EQ(counts.levels[1][0], (Words{24, 18, 0}));
}

TEST(TimeloopSplitWindow, IsNotWhereEveryStepIsLookedAt) {
  const Counts counts = count(split_window(), Steps::all);
  EXPECT_EQ(counts.levels[2][0], (Words{48, 18, 0}));
  EXPECT_EQ(counts.levels[1][0], (Words{18, 18, 0}));
}

TEST(TimeloopTile, IsABox) {
  const Mapping mapping = split_window();
  EXPECT_EQ(tile_words(mapping, Tensor::inputs, 0), 18U);
  EXPECT_EQ(tile_words(mapping, Tensor::inputs, 1), 6U);
  EXPECT_EQ(tile_words(mapping, Tensor::inputs, 2), 3U);
  EXPECT_EQ(tile_words(mapping, Tensor::outputs, 1), 4U);
}

}  // namespace
}  // namespace chasm::timeloop
