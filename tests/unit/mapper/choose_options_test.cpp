#include "mapper/choose_options.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/rng.h"

namespace chasm {
namespace {

using Options = std::vector<std::vector<ChunkOption>>;

double number(Rng& rng) { return static_cast<double>(1 + rng.below(20)); }

Options random_options(Rng& rng) {
  Options options(1 + rng.below(4));
  for (auto& of_a_chunk : options)
    for (std::size_t o = 0; o < 1 + rng.below(5); ++o)
      of_a_chunk.push_back({number(rng), number(rng), number(rng)});
  return options;
}

// Every combination, one after another.
std::optional<std::pair<double, double>> best_of_all(const Options& options, double budget,
                                                     Objective objective, bool side_by_side) {
  std::optional<std::pair<double, double>> best;  // score, resource
  std::vector<std::size_t> at(options.size());
  while (true) {
    double resource = 0, slowest = 0, cycles = 0, energy = 0;
    for (std::size_t c = 0; c < options.size(); ++c) {
      const ChunkOption& option = options[c][at[c]];
      resource += option.resource, cycles += option.cycles, energy += option.energy;
      slowest = std::max(slowest, option.cycles);
    }
    const std::pair now{score_of(objective, side_by_side, slowest, cycles, energy), resource};
    if (resource <= budget && (!best || now < *best)) best = now;
    std::size_t c = 0;
    while (c < options.size() && ++at[c] == options[c].size()) at[c++] = 0;
    if (c == options.size()) return best;
  }
}

TEST(ChooseOptions, IsTheBestOfAll) {
  Rng rng(1);
  std::size_t found = 0;
  for (int i = 0; i < 3000; ++i) {
    const Options options = random_options(rng);
    const double budget = static_cast<double>(rng.below(60));
    const auto objective = static_cast<Objective>(rng.below(3));
    const bool side_by_side = rng.below(2) == 0;
    const auto best = best_of_all(options, budget, objective, side_by_side);
    const auto chosen = choose_options(options, budget, objective, side_by_side);
    ASSERT_EQ(chosen.has_value(), best.has_value());
    if (!chosen) continue;
    ++found;
    double resource = 0, slowest = 0, cycles = 0, energy = 0;
    for (std::size_t c = 0; c < options.size(); ++c) {
      const ChunkOption& option = options[c][(*chosen)[c]];
      resource += option.resource, cycles += option.cycles, energy += option.energy;
      slowest = std::max(slowest, option.cycles);
    }
    EXPECT_EQ(score_of(objective, side_by_side, slowest, cycles, energy), best->first);
    EXPECT_EQ(resource, best->second);
  }
  EXPECT_GT(found, 1000U);
}

TEST(ChooseOptions, NeedsAnOptionOfEveryChunk) {
  EXPECT_EQ(choose_options({{{1, 1, 1}}, {}}, 10, Objective::edp, true), std::nullopt);
}

}  // namespace
}  // namespace chasm
