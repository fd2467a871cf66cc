#include "mapper/search.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "mapper/build_program.h"
#include "mapper/finalists.h"
#include "mapper/map_network.h"
#include "mapper/mapspace.h"
#include "tests/unit/mapper/support.h"

namespace chasm {
namespace {

// A 3x3 layer on the conv chunk; of ResNet-18 the one with 14 output rows.
struct SearchLayer {
  ArchSpec arch = preset("nasa-45nm");
  Program prototype;

  explicit SearchLayer(const std::string& net = "resnet18", std::uint64_t rows = 14) {
    const Network network = zoo(net);
    const ChunkSpec& chunk = arch.chunks.at(0);
    const std::vector<LayerWidths> widths(network.layers.size(), widths_of(chunk));
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
      const Layer& layer = network.layers[l];
      if (layer.type != LayerType::conv2d || layer.kernel.y != 3 || layer.out_shape.h != rows)
        continue;
      prototype = build_program(operations_of(network, l).at(0), chunk,
                                limits_of(chunk, arch.global_buffer), {},
                                plan_quantization(network, widths));
    }
  }
  std::optional<SearchResult> run(const SearchOptions& options) const {
    return search(prototype, arch.chunks.at(0), arch, options);
  }
};

bool same_nest(const LoopNest& a, const LoopNest& b) {
  return a.rf == b.rf && a.x == b.x && a.y == b.y && a.dram == b.dram && a.count == b.count &&
         std::equal(a.loops.begin(), a.loops.begin() + static_cast<std::ptrdiff_t>(a.count),
                    b.loops.begin()) &&
         a.buffer_tiles == b.buffer_tiles;
}

bool same(const std::vector<Candidate>& a, const std::vector<Candidate>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.score == y.score && same_nest(x.nest, y.nest);
  });
}

class SearchWith : public testing::TestWithParam<SearchMethod> {};
INSTANTIATE_TEST_SUITE_P(Methods, SearchWith,
                         testing::Values(SearchMethod::random, SearchMethod::anneal,
                                         SearchMethod::genetic, SearchMethod::bnb));

TEST_P(SearchWith, GivesTheSameWithAnyNumberOfThreads) {
  const SearchLayer layer;
  SearchOptions options;
  options.method = GetParam();
  options.budget.evaluations = 4000;
  options.finalists = 5;
  options.pareto = true;
  const auto one = layer.run(options);
  ASSERT_TRUE(one);
  for (const unsigned threads : {2U, 3U, 16U}) {
    options.threads = threads;
    const auto more = layer.run(options);
    ASSERT_TRUE(more);
    EXPECT_TRUE(same(one->best, more->best)) << threads << " threads";
    EXPECT_TRUE(same(one->pareto, more->pareto)) << threads << " threads";
    EXPECT_EQ(one->evaluations, more->evaluations);
  }
}

TEST_P(SearchWith, StopsWhenTold) {
  const SearchLayer layer;
  SearchOptions options;
  options.method = GetParam();
  options.budget.evaluations = 50'000'000;
  std::uint64_t seen = 0;
  options.progress = [&](std::uint64_t evaluations) {
    seen = evaluations;
    return evaluations < 20'000;
  };
  const auto result = layer.run(options);
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->complete);
  EXPECT_GE(seen, 20'000U);
  EXPECT_LT(result->evaluations, 100'000U);
}

// It starts from the quick search's best, so no layer is worse; some are as good already.
TEST(Search, AnnealingIsBetterThanTheQuickSearch) {
  double logs = 0;
  int better = 0;
  const std::vector<std::pair<std::string, std::uint64_t>> layers = {
      {"resnet18", 56}, {"resnet18", 28}, {"resnet18", 14}, {"resnet18", 7},
      {"vgg16", 56},    {"vgg16", 28},    {"vgg16", 14}};
  for (const auto& [net, rows] : layers) {
    const SearchLayer layer(net, rows);
    SearchOptions options;
    options.method = SearchMethod::quick;
    const auto quick = layer.run(options);
    options.method = SearchMethod::anneal;
    options.budget.evaluations = 20'000;
    const auto annealed = layer.run(options);
    ASSERT_TRUE(quick && annealed) << net << ", " << rows << " rows";
    const double ratio = annealed->best[0].score / quick->best[0].score;
    EXPECT_LE(ratio, 1) << net << ", " << rows << " rows";
    EXPECT_EQ(annealed->evaluations, 20'000U);
    logs += std::log(ratio);
    better += ratio < 1 ? 1 : 0;
  }
  EXPECT_GE(better, 1);
  EXPECT_LT(std::exp(logs / static_cast<double>(layers.size())), 1) << "geometric mean";
}

TEST(Search, SeedsDiffer) {
  const SearchLayer layer;
  SearchOptions options;
  options.method = SearchMethod::random;
  options.budget.evaluations = 2000;
  options.finalists = 10;
  const auto one = layer.run(options);
  options.seed = 2;
  EXPECT_FALSE(same(one->best, layer.run(options)->best));
}

TEST(Search, EndsInTime) {
  const SearchLayer layer;
  SearchOptions options;
  options.budget.seconds = 0.05;
  options.budget.evaluations = UINT64_MAX;
  const auto result = layer.run(options);
  ASSERT_TRUE(result);
  EXPECT_GT(result->evaluations, 0U);
  EXPECT_FALSE(result->complete);
}

TEST(Search, HonoursConstraints) {
  const SearchLayer layer;
  SearchOptions options;
  options.budget.evaluations = 3000;
  options.finalists = 8;
  options.constraints.at(Level::rf).factors[Dim::R] = 3;
  options.constraints.at(Level::x).most[Dim::K] = 4;
  const auto result = layer.run(options);
  ASSERT_TRUE(result);
  for (const Candidate& c : result->best) {
    EXPECT_EQ(c.nest.rf[Dim::R], 3U);
    EXPECT_LE(c.nest.x[Dim::K], 4U);
  }
}

TEST(Search, NetworksAreMappedTheSameWithAnyNumberOfThreads) {
  const ArchSpec arch = preset("nasa-45nm");
  const Network network = zoo("toy_mixed3");
  MapOptions options;
  options.method = SearchMethod::anneal;
  options.budget.evaluations = 2000;
  Diagnostics diagnostics;
  const auto one = map_network(arch, network, options, diagnostics);
  ASSERT_TRUE(one) << diagnostics.to_string();
  options.threads = 3;
  const auto three = map_network(arch, network, options, diagnostics);
  ASSERT_TRUE(three);
  EXPECT_EQ(to_json(*one), to_json(*three));
}

Cost cost(double cycles, double energy) {
  Cost result;
  result.cycles = cycles;
  result.energy = energy;
  return result;
}

TEST(Finalists, KeepTheBestOfDifferentCost) {
  Finalists found(2, false);
  EXPECT_EQ(found.worst_score(), INFINITY);
  found.consider({}, cost(3, 1), 3);
  found.consider({}, cost(3, 1), 3);
  EXPECT_EQ(found.best().size(), 1U);
  found.consider({}, cost(1, 3), 3);  // as good, but another
  EXPECT_EQ(found.best().size(), 2U);
  found.consider({}, cost(1, 2), 2);
  EXPECT_EQ(found.best_score(), 2);
  EXPECT_EQ(found.worst_score(), 3);
  EXPECT_EQ(found.best()[1].cost.cycles, 3);  // the first of equals
}

TEST(Finalists, FrontHasWhatNothingBeats) {
  Finalists found(1, true);
  for (const auto& [cycles, energy] : std::vector<std::pair<double, double>>{
           {5, 5}, {7, 3}, {6, 6}, {5, 4}, {2, 9}, {2, 8}, {7, 3}, {4, 4}, {9, 3}, {8, 1}})
    found.consider({}, cost(cycles, energy), cycles * energy);
  std::vector<std::pair<double, double>> front;
  for (const Candidate& c : found.front()) front.push_back({c.cost.cycles, c.cost.energy});
  EXPECT_EQ(front, (std::vector<std::pair<double, double>>{{2, 8}, {4, 4}, {7, 3}, {8, 1}}));
}

}  // namespace
}  // namespace chasm
