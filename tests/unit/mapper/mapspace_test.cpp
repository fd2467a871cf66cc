#include "mapper/mapspace.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "base/units.h"
#include "mapper/build_program.h"
#include "mapper/cost_model.h"
#include "mapper/operation_search.h"
#include "tests/unit/mapper/support.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

// One operation of a shipped network on a chunk of a shipped architecture.
struct Case {
  ArchSpec arch;
  ChunkSpec chunk;
  ProgramLimits limits;
  Program prototype;
};

Case case_of(const std::string& arch, const Network& network, const std::string& layer,
             std::size_t chunk = 0) {
  Case c;
  c.arch = preset(arch);
  c.chunk = c.arch.chunks.at(chunk);
  c.limits = limits_of(c.chunk, c.arch.global_buffer);
  const std::vector<LayerWidths> widths(network.layers.size(), widths_of(c.chunk));
  const QuantizationPlan plan = plan_quantization(network, widths);
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    if (network.layers[l].name != layer) continue;
    const Operation operation = operations_of(network, l).at(0);
    c.prototype = build_program(operation_on(c.chunk, operation), c.chunk, c.limits, {}, plan);
    return c;
  }
  ADD_FAILURE() << network.name << " has no layer " << layer;
  return c;
}

const Network& resnet50() {
  static const Network network = zoo("resnet50");
  return network;
}

// A convolution of AlexNet by itself.
Network alexnet(const std::string& layer, std::uint64_t batch) {
  const auto conv = [&](int channels, int size, int k, int kernel, int stride, int pad,
                        int groups) {
    return network_of(
        fmt::format(R"({{"name":"in","shape":[{0},{1},{1}]}})", channels, size),
        fmt::format(R"({{"name":"{0}","type":"conv2d","arithmetic":"multiply","inputs":["in"],
            "out_channels":{1},"kernel":[{2},{2}],"stride":[{3},{3}],"padding":[{4},{4}],
            "groups":{5}}})",
                    layer, k, kernel, stride, pad, groups),
        batch);
  };
  if (layer == "conv1") return conv(3, 227, 96, 11, 4, 0, 1);
  if (layer == "conv2") return conv(96, 27, 256, 5, 1, 2, 2);
  if (layer == "conv3") return conv(256, 13, 384, 3, 1, 1, 1);
  if (layer == "conv4") return conv(384, 13, 384, 3, 1, 1, 2);
  return conv(384, 13, 256, 3, 1, 1, 2);
}

Rank random_rank(Rng& rng, Rank size) { return (Rank{rng.next()} << 64 | rng.next()) % size; }

std::uint64_t trips(const LoopNest& nest, Dim d, bool dram) {
  std::uint64_t product = 1;
  for (std::size_t l = 0; l < nest.count; ++l)
    if (nest.loops[l].dim == d && (l < nest.dram) == dram) product *= nest.loops[l].trips;
  return product;
}

// Large bounds have no more splits than a search can use.
TEST(MapSpace, HasModerateListsOfSplits) {
  const std::pair<const char*, const char*> layers[] = {
      {"nasa-45nm", "s1_b1_conv2"}, {"nasa-45nm", "s4_b3_conv2"}, {"systolic-16x16", "s1_b1_conv2"},
      {"systolic-16x16", "conv1"},  {"nasa-45nm", "fc"},
  };
  for (const auto& [arch, layer] : layers) {
    const Case c = case_of(arch, resnet50(), layer);
    const MapSpace space(c.prototype, c.limits);
    std::size_t most = 0;
    for (const Dim d : kAllDims) most = std::max(most, space.splits(d).size());
    EXPECT_LE(most, 16384U) << layer;
    EXPECT_GT(most, 700U) << layer;
    EXPECT_TRUE(space.smallest()) << layer;
  }
}

// Where lists are thinned, both ways of a number still hold, and the widest array is there.
TEST(MapSpace, NumbersLargeSpaces) {
  const Case c = case_of("systolic-16x16", resnet50(), "conv1");
  ASSERT_EQ(c.prototype.operation.bounds[Dim::P], 12544U);
  const MapSpace space(c.prototype, c.limits);
  Rng rng(1);
  for (int i = 0; i < 500; ++i) {
    const Rank number = random_rank(rng, space.size());
    const MapSpace::Point point = space.unrank(number);
    ASSERT_TRUE(space.rank(point) == number);
    ASSERT_EQ(space.point(space.nest(point)), point);
  }
  const std::vector<Split>& splits = space.splits(Dim::P);
  EXPECT_TRUE(std::any_of(splits.begin(), splits.end(), [](const Split& s) { return s.y == 16; }));
}

// What another search found is the start of one in the space.
TEST(MapSpace, HasAPointNearWhateverTheQuickSearchFinds) {
  for (const char* layer : {"conv1", "s1_b1_conv2", "s3_b1_conv2", "s4_b3_conv3", "fc"}) {
    const Case c = case_of("nasa-45nm", resnet50(), layer);
    const auto found = search_operation(c.prototype, c.chunk, c.arch, Objective::edp);
    ASSERT_TRUE(found) << layer;
    const MapSpace space(c.prototype, c.limits);
    const auto point = space.nearest(*found);
    ASSERT_TRUE(point) << layer;
    const LoopNest nest = space.nest(*point);
    EXPECT_TRUE(space.legal(nest)) << layer;
    const CostModel model(c.prototype, c.chunk, c.arch);
    const Cost before = model.evaluate(*found), after = model.evaluate(nest);
    EXPECT_LE(after.cycles * after.energy, 1.02 * before.cycles * before.energy) << layer;
  }
}

// The tables of docs/formats.md, "Dataflows".
class DataflowOf : public testing::TestWithParam<LoopDataflow> {};
INSTANTIATE_TEST_SUITE_P(All, DataflowOf,
                         testing::Values(LoopDataflow::rs, LoopDataflow::ws, LoopDataflow::os,
                                         LoopDataflow::is));

void expect_dataflow(LoopDataflow dataflow, const Operation& operation, const LoopNest& nest) {
  using enum Dim;
  const auto whole_in_rf = [&](Dim d) { EXPECT_EQ(nest.rf[d], operation.bounds[d]); };
  const auto whole_on_array = [&](Dim d) { EXPECT_GE(nest.spatial(d), operation.bounds[d]); };
  const auto not_at_dram = [&](Dim d) { EXPECT_EQ(trips(nest, d, true), 1U); };
  const auto innermost = [&](auto stays) {
    bool inside = false;
    for (std::size_t l = nest.dram; l < nest.count; ++l) {
      EXPECT_TRUE(!inside || stays(nest.loops[l].dim));
      inside = inside || stays(nest.loops[l].dim);
    }
  };
  const auto stationary = [&](Operand operand) {
    const auto stays = [&](Dim d) { return !operation.of(operand).depends_on(d); };
    innermost(stays);
    for (const Dim d : kAllDims)
      if (stays(d)) not_at_dram(d);
  };
  switch (dataflow) {
    case LoopDataflow::rs:
      whole_in_rf(S), whole_on_array(R), not_at_dram(Q), not_at_dram(C);
      EXPECT_EQ(nest.rf[P] * nest.rf[Q] * nest.spatial(Q), 1U);
      innermost([](Dim d) { return d == Q; });
      break;
    case LoopDataflow::ws:
      whole_on_array(R), whole_on_array(S);
      EXPECT_EQ(nest.rf[P] * nest.rf[Q], 1U);
      stationary(Operand::weight);
      break;
    case LoopDataflow::os:
      whole_in_rf(R), whole_in_rf(S);
      stationary(Operand::output);
      break;
    default:
      whole_in_rf(R), whole_in_rf(S), not_at_dram(C);
      stationary(Operand::input);
  }
}

TEST_P(DataflowOf, AConvolutionIsAsTheTableSays) {
  Case c = case_of("nasa-45nm", resnet50(), "s2_b2_conv2");
  c.limits.register_file_words[0] = 64;  // so that a whole kernel fits
  MapConstraints constraints;
  constraints.dataflow = GetParam();
  const MapSpace space(c.prototype, c.limits, constraints);
  EXPECT_TRUE(space.dropped().empty()) << space.dropped()[0].text();
  ASSERT_TRUE(space.size() > 1000);
  Rng rng(1);
  for (int i = 0; i < 300; ++i)
    expect_dataflow(GetParam(), c.prototype.operation,
                    space.nest(space.unrank(random_rank(rng, space.size()))));
  ASSERT_TRUE(space.smallest());
}

// A kernel that no PE can hold is the only thing given up.
TEST(MapSpace, DropsTheDemandsThatCannotBeMet) {
  Case c = case_of("nasa-45nm", alexnet("conv1", 1), "conv1");  // 11 x 11
  c.limits.register_file_words[0] = 8;
  MapConstraints constraints;
  constraints.dataflow = LoopDataflow::rs;
  const MapSpace space(c.prototype, c.limits, constraints);
  ASSERT_EQ(space.dropped().size(), 1U);
  EXPECT_EQ(space.dropped()[0].text(), "S whole in a PE");
  const auto smallest = space.smallest();
  ASSERT_TRUE(smallest);
  EXPECT_GE(space.nest(*smallest).spatial(Dim::R), 11U);
}

// JSSC 2017, table III.
TEST(MapSpace, TakesTheParametersOfEyeriss) {
  struct Row {
    const char* layer;
    std::uint64_t m, n, e, p, q, r, t;
  };
  for (const Row& row : {Row{"conv1", 96, 1, 7, 16, 1, 1, 2}, Row{"conv2", 64, 1, 27, 16, 2, 1, 1},
                         Row{"conv3", 64, 4, 13, 16, 4, 1, 4}, Row{"conv4", 64, 4, 13, 16, 3, 2, 2},
                         Row{"conv5", 64, 4, 13, 16, 3, 2, 2}}) {
    const Case c = case_of("eyeriss-65nm", alexnet(row.layer, 4), row.layer);
    MapConstraints constraints;
    constraints.dataflow = LoopDataflow::rs;
    constraints.row_stationary = {row.n, row.m, row.p, row.q, row.r, row.t, row.e};
    const MapSpace space(c.prototype, c.limits, constraints);
    EXPECT_TRUE(space.dropped().empty()) << row.layer << ": " << space.dropped()[0].text();
    const auto smallest = space.smallest();
    ASSERT_TRUE(smallest) << row.layer << ": " << space.why_empty();
    const LoopNest nest = space.nest(*smallest);
    const auto tile = [&](Dim d) { return nest.array(d) * trips(nest, d, false); };
    EXPECT_EQ(nest.rf[Dim::K], row.p) << row.layer;
    EXPECT_EQ(nest.rf[Dim::C], row.q) << row.layer;
    EXPECT_EQ(nest.spatial(Dim::K), row.t) << row.layer;
    EXPECT_EQ(nest.spatial(Dim::C), row.r) << row.layer;
    EXPECT_EQ(tile(Dim::K), row.m) << row.layer;
    EXPECT_EQ(tile(Dim::N), row.n) << row.layer;
    // 27 rows need two sets of 14 columns.
    EXPECT_EQ(nest.spatial(Dim::P), row.e == 27 ? 28U : row.e) << row.layer;
  }
}

TEST(MapSpace, NamesWhatIsLacking) {
  const Case c = case_of("nasa-45nm", resnet50(), "s2_b2_conv2");
  const auto why = [&](auto demand) {
    MapConstraints constraints;
    demand(constraints);
    const MapSpace space(c.prototype, c.limits, constraints);
    EXPECT_FALSE(space.smallest());
    return space.why_empty();
  };
  const std::pair<std::string, const char*> reasons[] = {
      {why([](MapConstraints& m) { m.at(Level::rf).factors[Dim::K] = 64; }),
       "rf loops K64 keep 64 psums x 2 tiles = 128 words, the psum register file of chunk CLP "
       "holds 16"},
      {why([](MapConstraints& m) { m.at(Level::x).factors[Dim::K] = 20; }),
       "spatial_x (K 20) needs 20 columns of PEs, chunk CLP has 15"},
      {why([](MapConstraints& m) { m.at(Level::dram).loops.emplace(); }),
       "the global buffer has 131072: "},
      {why([](MapConstraints& m) {
         for (const Level level : kAllLevels) m.at(level).most[Dim::P] = 1;
       }),
       "the factors allowed of dimension P cover 1 of its 28 iterations"},
  };
  for (const auto& [reason, expected] : reasons)
    EXPECT_NE(reason.find(expected), std::string::npos) << reason;
}

}  // namespace
}  // namespace chasm
