// Searches of random operations on random chunks: bounds hold, branch and bound finds what trying
// all mappings finds, and no method finds anything illegal.
#include "mapper/search.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "mapper/build_program.h"
#include "mapper/cost_bounds.h"
#include "mapper/mapspace.h"
#include "tests/support/map_machine.h"

namespace chasm {
namespace {

struct Machine {
  MapMachine machine;
  ArchSpec arch;
};

Machine random_machine(Rng& rng, std::uint64_t most_iterations) {
  Machine result{random_map_machine(rng, most_iterations), {}};
  result.arch.global_buffer.capacity_bytes = result.machine.limits.buffer_capacity_bytes;
  result.arch.global_buffer.word_bytes = result.machine.limits.buffer_word_bytes;
  Program& prototype = result.machine.prototype;
  for (const Operand o : {Operand::input, Operand::output}) {  // some are compressed in DRAM
    Placement& placement = prototype.placement[static_cast<std::size_t>(o)];
    if (!prototype.operation.of(o).is_parameter && rng.below(3) == 0)
      placement.compressed = 1 + rng.below(placement.dram_units());
  }
  return result;
}

bool verified(const MapMachine& machine, const LoopNest& nest) {
  Diagnostics ignored;
  return verify_program(to_program(machine.prototype, nest), machine.limits, "", "", ignored);
}

std::uint64_t size_of(const Machine& m) {
  const Rank size = MapSpace(m.machine.prototype, m.machine.limits).size();
  return static_cast<std::uint64_t>(std::min<Rank>(size, UINT64_MAX));
}

class RandomSearch : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomSearch, testing::Range<std::uint64_t>(0, 8));

TEST_P(RandomSearch, BoundsHoldWhateverDimensionsAreOpen) {
  Rng rng(GetParam());
  int legal = 0;
  for (int m = 0; m < 60; ++m) {
    const Machine on = random_machine(rng, 1'000'000);
    const MapSpace space(on.machine.prototype, on.machine.limits);
    const CostModel model(on.machine.prototype, on.machine.chunk, on.arch);
    const CostBounds bounds(on.machine.prototype, on.machine.chunk, on.arch, model);
    for (int i = 0; i < 200 && space.size() > 0; ++i) {
      const MapSpace::Point point =
          space.unrank((Rank{rng.next()} << 64 | rng.next()) % space.size());
      const LoopNest nest = space.nest(point);
      if (!space.legal(nest)) continue;
      ++legal;
      const Cost cost = model.evaluate(nest);
      DimArray<const Split*> chosen;
      for (const Dim d : kAllDims)
        chosen[d] = rng.below(3) > 0 ? &space.splits(d)[point.split[d]] : nullptr;
      const CostBounds::Bound bound = bounds.of(chosen);
      ASSERT_LE(bound.cycles, cost.cycles);
      ASSERT_LE(bound.steps, cost.steps);
      ASSERT_LE(bound.energy, cost.energy);
      ASSERT_GT(bound.cycles, 0);
    }
  }
  EXPECT_GT(legal, 500);
}

TEST_P(RandomSearch, BranchAndBoundFindsTheBestOfAll) {
  Rng rng(GetParam() + 100);
  int compared = 0;
  for (std::size_t m = 0; m < 200 && compared < 8; ++m) {
    const Machine on = random_machine(rng, 2000);
    if (size_of(on) > 60'000) continue;
    SearchOptions options;
    options.objective = std::array{Objective::edp, Objective::latency, Objective::energy}[m % 3];
    options.finalists = 3;
    options.method = SearchMethod::exhaustive;
    const auto all = search(on.machine.prototype, on.machine.chunk, on.arch, options);
    options.method = SearchMethod::bnb;
    const auto bounded = search(on.machine.prototype, on.machine.chunk, on.arch, options);
    ASSERT_EQ(all.has_value(), bounded.has_value());
    if (!all) continue;
    EXPECT_TRUE(all->complete);
    EXPECT_TRUE(bounded->complete);
    EXPECT_LE(bounded->evaluations, all->evaluations);
    ASSERT_EQ(all->best.size(), bounded->best.size());
    for (std::size_t i = 0; i < all->best.size(); ++i)
      EXPECT_EQ(all->best[i].score, bounded->best[i].score);
    if (all->evaluations > 20) ++compared;
  }
  EXPECT_EQ(compared, 8);
}

// The exhaustive search against a walk over the numbers of the space.
TEST_P(RandomSearch, ExhaustiveSearchLooksAtEveryLegalMapping) {
  Rng rng(GetParam() + 200);
  int compared = 0;
  for (int m = 0; m < 200 && compared < 6; ++m) {
    const Machine on = random_machine(rng, 500);
    const std::uint64_t size = size_of(on);
    if (size > 20'000) continue;
    SearchOptions options;
    options.method = SearchMethod::exhaustive;
    options.pareto = true;
    const auto result = search(on.machine.prototype, on.machine.chunk, on.arch, options);
    const MapSpace space(on.machine.prototype, on.machine.limits);
    const CostModel model(on.machine.prototype, on.machine.chunk, on.arch);
    const Score score(options.objective, model);
    std::uint64_t legal = 0;
    double best = INFINITY;
    for (std::uint64_t i = 0; i < size; ++i) {
      const LoopNest nest = space.nest(space.unrank(i));
      if (!verified(on.machine, nest)) continue;
      ++legal;
      const Cost cost = model.evaluate(nest);
      best = std::min(best, score(cost));
      EXPECT_TRUE(std::any_of(result->pareto.begin(), result->pareto.end(), [&](const auto& c) {
        return c.cost.cycles <= cost.cycles && c.cost.energy <= cost.energy;
      }));
    }
    ASSERT_EQ(result.has_value(), legal > 0);
    if (!result) continue;
    EXPECT_EQ(result->evaluations, legal);
    EXPECT_LE(result->best[0].score, best);  // the quick search knows unbalanced factors
    for (std::size_t i = 1; i < result->pareto.size(); ++i) {
      EXPECT_GT(result->pareto[i].cost.cycles, result->pareto[i - 1].cost.cycles);
      EXPECT_LT(result->pareto[i].cost.energy, result->pareto[i - 1].cost.energy);
    }
    if (legal > 20) ++compared;
  }
  EXPECT_EQ(compared, 6);
}

TEST_P(RandomSearch, EveryMethodFindsLegalMappingsWhereThereAreAny) {
  Rng rng(GetParam() + 300);
  for (int m = 0; m < 12; ++m) {
    const Machine on = random_machine(rng, 100'000);
    const bool exists = MapSpace(on.machine.prototype, on.machine.limits).smallest().has_value();
    for (const SearchMethod method :
         {SearchMethod::quick, SearchMethod::random, SearchMethod::anneal, SearchMethod::genetic}) {
      SearchOptions options;
      options.method = method;
      options.budget.evaluations = 500;
      options.finalists = 4;
      const auto result = search(on.machine.prototype, on.machine.chunk, on.arch, options);
      ASSERT_EQ(result.has_value(), exists);
      if (!result) continue;
      EXPECT_LE(result->evaluations, 600U);
      for (std::size_t i = 0; i < result->best.size(); ++i) {
        const Candidate& c = result->best[i];
        EXPECT_TRUE(verified(on.machine, c.nest));
        CostModel model(on.machine.prototype, on.machine.chunk, on.arch);
        const Cost again = model.evaluate(c.nest);
        EXPECT_EQ(again.cycles, c.cost.cycles);
        EXPECT_EQ(again.energy, c.cost.energy);
        if (i > 0) {
          EXPECT_GE(c.score, result->best[i - 1].score);
        }
      }
    }
  }
}

}  // namespace
}  // namespace chasm
