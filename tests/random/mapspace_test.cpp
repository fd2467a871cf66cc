// Spaces of random operations on random chunks: their numbers, and that nothing legal is missing.
#include "mapper/mapspace.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mapper/tile_words.h"
#include "tests/support/map_machine.h"

namespace chasm {
namespace {

bool verified(const MapMachine& machine, const LoopNest& nest) {
  Diagnostics ignored;
  return verify_program(to_program(machine.prototype, nest), machine.limits, "", "", ignored);
}

std::string text_of(const LoopNest& nest) {
  std::string text;
  for (const Dim d : kAllDims)
    text += fmt::format("{} rf {} x {} y {}, ", letter(d), nest.rf[d], nest.x[d], nest.y[d]);
  for (std::size_t l = 0; l < nest.count; ++l)
    text += fmt::format("{}{}{} ", l == nest.dram ? "| " : "", letter(nest.loops[l].dim),
                        nest.loops[l].trips);
  if (nest.count == nest.dram) text += "|";
  return fmt::format("{} tiles {} {} {}", text, nest.buffer_tiles[0], nest.buffer_tiles[1],
                     nest.buffer_tiles[2]);
}

Rank random_rank(Rng& rng, Rank size) { return (Rank{rng.next()} << 64 | rng.next()) % size; }

class RandomSpace : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomSpace, testing::Range<std::uint64_t>(0, 8));

// visit(space, number): of many spaces so many points each.
template <class Visit>
void for_random_points(Rng& rng, int points, Visit visit) {
  for (int m = 0; m < 40; ++m) {
    const MapMachine machine = random_map_machine(rng, UINT64_MAX);
    const MapSpace space(machine.prototype, machine.limits);
    for (int i = 0; i < points && space.size() > 0; ++i)
      visit(space, random_rank(rng, space.size()));
  }
}

TEST_P(RandomSpace, NumbersItsPointsBothWays) {
  Rng rng(GetParam());
  for_random_points(rng, 50, [](const MapSpace& space, Rank number) {
    const MapSpace::Point point = space.unrank(number);
    ASSERT_TRUE(space.rank(point) == number);
    ASSERT_EQ(space.canonical(point), point);
    const LoopNest nest = space.nest(point);
    ASSERT_EQ(space.point(nest), point) << text_of(nest);
    ASSERT_EQ(space.nearest(nest), point) << text_of(nest);
  });
}

// What a search does to points: any order and any tiles are the number of some mapping.
TEST_P(RandomSpace, TakesPointsThatAreNotCanonical) {
  Rng rng(GetParam());
  for_random_points(rng, 20, [&](const MapSpace& space, Rank number) {
    MapSpace::Point point = space.unrank(number);
    for (auto* order : {&point.dram_order, &point.buffer_order})
      for (std::size_t d = kDims; d > 1; --d) std::swap((*order)[d - 1], (*order)[rng.below(d)]);
    for (std::uint32_t& tiles : point.buffer_tiles)
      tiles = static_cast<std::uint32_t>(rng.below(3));
    const MapSpace::Point canonical = space.unrank(space.rank(point));
    ASSERT_EQ(space.canonical(point), canonical);
    ASSERT_EQ(text_of(space.nest(point)), text_of(space.nest(canonical)));
  });
}

// Anything from a legal nest to nonsense.
LoopNest any_nest(Rng& rng, const MapMachine& machine, const MapSpace& space) {
  LoopNest nest;
  if (space.size() > 0) nest = space.nest(space.unrank(random_rank(rng, space.size())));
  const Operation& operation = machine.prototype.operation;
  for (std::uint64_t changes = rng.below(4); changes > 0; --changes) {
    const Dim d = kAllDims[rng.below(kDims)];
    const std::uint64_t trips = 1 + rng.below(operation.bounds[d] + (rng.below(9) == 0 ? 1 : 0));
    switch (rng.below(6)) {
      case 0:
        nest.rf[d] = trips;
        break;
      case 1:
        nest.x[d] = trips;
        break;
      case 2:
        nest.y[d] = trips;
        break;
      case 3:
        if (nest.count > 0) nest.loops[rng.below(nest.count)] = {d, trips};
        break;
      case 4:
        nest.add(d, trips);
        break;
      default:
        nest.buffer_tiles[rng.below(kOperands)] = static_cast<std::uint32_t>(rng.below(4));
    }
  }
  return nest;
}

TEST_P(RandomSpace, JudgesAsTheVerifierDoes) {
  Rng rng(GetParam());
  int legal = 0, illegal = 0;
  for (int m = 0; m < 100; ++m) {
    const MapMachine machine = random_map_machine(rng, UINT64_MAX);
    const MapSpace space(machine.prototype, machine.limits);
    for (int i = 0; i < 100; ++i) {
      const LoopNest nest = any_nest(rng, machine, space);
      const bool expected = verified(machine, nest);
      ++(expected ? legal : illegal);
      ASSERT_EQ(space.legal(nest), expected) << text_of(nest);
    }
  }
  EXPECT_GT(legal, 200);
  EXPECT_GT(illegal, 200);
}

// All legal nests of balanced factors, found without the code under test.
class BruteForce {
 public:
  explicit BruteForce(const MapMachine& machine) : machine_(machine) {}

  std::set<std::string> run() {
    factors(0);
    return std::move(found_);
  }

 private:
  static std::uint64_t trips(std::uint64_t n, std::uint64_t factor) {
    return (n + factor - 1) / factor;
  }
  static bool balanced(std::uint64_t n, std::uint64_t factor) {
    return factor == 1 || trips(n, factor - 1) > trips(n, factor);
  }

  void factors(std::size_t i) {
    if (i == kDims) return orders();
    const Dim d = kAllDims[i];
    const std::uint64_t n = machine_.prototype.operation.bounds[d];
    for (std::uint64_t rf = 1; rf <= n; ++rf)
      for (std::uint64_t x = 1; x <= trips(n, rf); ++x)
        for (std::uint64_t y = 1; y <= trips(trips(n, rf), x); ++y) {
          const std::uint64_t after_x = trips(n, rf), after_y = trips(after_x, x),
                              above = trips(after_y, y);
          if (!balanced(n, rf) || !balanced(after_x, x) || !balanced(after_y, y)) continue;
          nest_.rf[d] = rf, nest_.x[d] = x, nest_.y[d] = y;
          for (std::uint64_t inside = 1; inside <= above; ++inside) {
            if (!balanced(above, inside)) continue;
            buffer_[d] = inside, dram_[d] = trips(above, inside);
            factors(i + 1);
          }
        }
  }

  static std::vector<Dim> loops(const DimArray<std::uint64_t>& factors) {
    std::vector<Dim> dims;
    for (const Dim d : kAllDims)
      if (factors[d] > 1) dims.push_back(d);
    return dims;
  }

  void orders() {
    std::vector<Dim> dram = loops(dram_);
    do {
      std::vector<Dim> buffer = loops(buffer_);
      do {
        nest_.count = 0;
        for (const Dim d : dram) nest_.add(d, dram_[d]);
        nest_.dram = nest_.count;
        for (const Dim d : buffer) nest_.add(d, buffer_[d]);
        tiles(0);
      } while (std::next_permutation(buffer.begin(), buffer.end()));
    } while (std::next_permutation(dram.begin(), dram.end()));
  }

  void tiles(std::size_t o) {
    if (o == kOperands) {
      if (verified(machine_, nest_)) found_.insert(text_of(nest_));
      return;
    }
    const bool there = has_buffer_tiles(machine_.prototype, kAllOperands[o]);
    bool changes = false;
    for (std::size_t l = 0; l < nest_.dram; ++l)
      changes = changes || machine_.prototype.operation.access[o].depends_on(nest_.loops[l].dim);
    for (std::uint32_t n = there ? 1 : 0; n <= (there ? changes ? 2U : 1U : 0U); ++n) {
      nest_.buffer_tiles[o] = n;
      tiles(o + 1);
    }
  }

  const MapMachine& machine_;
  LoopNest nest_;
  DimArray<std::uint64_t> buffer_ = ones(), dram_ = ones();
  std::set<std::string> found_;
};

TEST_P(RandomSpace, HoldsEveryLegalMapping) {
  Rng rng(GetParam() + 100);
  std::size_t mappings = 0;
  for (int m = 0; m < 30; ++m) {
    const MapMachine machine = random_map_machine(rng, 24);
    const MapSpace space(machine.prototype, machine.limits);
    std::set<std::string> all, legal;
    for (Rank number = 0; number < space.size(); ++number) {
      const LoopNest nest = space.nest(space.unrank(number));
      ASSERT_TRUE(all.insert(text_of(nest)).second) << "twice: " << text_of(nest);
      if (space.legal(nest)) legal.insert(text_of(nest));
    }
    const std::set<std::string> expected = BruteForce(machine).run();
    EXPECT_TRUE(legal == expected) << legal.size() << " instead of " << expected.size();
    mappings += expected.size();
  }
  EXPECT_GT(mappings, 3000U);
}

// The loops of each level, in the order of Level.
std::array<std::vector<Loop>, kLevels> levels_of(const LoopNest& nest) {
  const OperationMapping mapping = to_mapping(nest, "");
  return {mapping.rf, mapping.spatial_x, mapping.spatial_y, mapping.buffer, mapping.dram};
}

std::uint64_t trips_of(const std::vector<Loop>& loops, Dim d) {
  std::uint64_t trips = 1;
  for (const Loop& loop : loops)
    if (loop.dim == d) trips *= loop.trips;
  return trips;
}

// A constraint that the nest meets, with a chance; what it says is then checked by hand.
MapConstraints constraints_for(Rng& rng, const MapMachine& machine, const LoopNest& nest) {
  MapConstraints c;
  const auto levels = levels_of(nest);
  for (const Level level : kAllLevels) {
    MapConstraints::PerLevel& wanted = c.at(level);
    const std::vector<Loop>& there = levels[static_cast<std::size_t>(level)];
    const std::uint64_t kind = rng.below(6);
    if (kind == 0) wanted.loops = there;
    if (kind == 1) wanted.dims.emplace();
    for (const Dim d : kAllDims) {
      const std::uint64_t trips = trips_of(there, d);
      if (kind == 1 && (trips > 1 || rng.below(2) == 0)) wanted.dims->push_back(d);
      if (kind == 2 && rng.below(3) == 0) wanted.factors[d] = trips;
      if (kind == 3 && rng.below(2) == 0)
        wanted.most[d] = std::min(trips + rng.below(2), machine.prototype.operation.bounds[d]);
    }
  }
  for (std::size_t o = 0; o < kOperands; ++o)
    if (nest.buffer_tiles[o] > 0 && rng.below(4) == 0) c.buffer_tiles[o] = nest.buffer_tiles[o];
  return c;
}

bool obeys(const MapConstraints& c, const LoopNest& nest) {
  const auto levels = levels_of(nest);
  bool good = true;
  for (const Level level : kAllLevels) {
    const MapConstraints::PerLevel& wanted = c.at(level);
    const std::vector<Loop>& there = levels[static_cast<std::size_t>(level)];
    good = good && (!wanted.loops || there == *wanted.loops);
    for (const Dim d : kAllDims) {
      const std::uint64_t trips = trips_of(there, d);
      const bool named = !wanted.dims || std::count(wanted.dims->begin(), wanted.dims->end(), d);
      good = good && (named || trips == 1);
      good = good && (!wanted.factors[d] || trips == *wanted.factors[d]);
      good = good && (!wanted.most[d] || trips <= *wanted.most[d]);
    }
  }
  for (std::size_t o = 0; o < kOperands; ++o)
    good = good && (!c.buffer_tiles[o] || nest.buffer_tiles[o] == *c.buffer_tiles[o]);
  return good;
}

// No longer loops inside DRAM, somewhere shorter ones, and legal.
bool smaller_tiles(const MapMachine& machine, const LoopNest& a, const LoopNest& b) {
  bool smaller = false;
  for (const Dim d : kAllDims) {
    const auto buffer = [d](const LoopNest& nest) {
      std::uint64_t trips = 1;
      for (std::size_t l = nest.dram; l < nest.count; ++l)
        if (nest.loops[l].dim == d) trips *= nest.loops[l].trips;
      return trips;
    };
    if (a.rf[d] > b.rf[d] || a.x[d] > b.x[d] || a.y[d] > b.y[d] || buffer(a) > buffer(b))
      return false;
    smaller = smaller || a.array(d) * buffer(a) < b.array(d) * buffer(b);
  }
  return smaller && verified(machine, a);
}

// The space under constraints holds those of the free space that obey them, and no others.
TEST_P(RandomSpace, HonoursConstraints) {
  Rng rng(GetParam() + 200);
  std::size_t mappings = 0;
  for (int m = 0; m < 60; ++m) {
    const MapMachine machine = random_map_machine(rng, 24);
    const MapSpace free(machine.prototype, machine.limits);
    if (free.size() == 0 || free.size() > 20000) continue;
    const LoopNest model = free.nest(free.unrank(random_rank(rng, free.size())));
    const MapConstraints constraints = constraints_for(rng, machine, model);
    const MapSpace space(machine.prototype, machine.limits, constraints);
    std::set<std::string> all, expected;
    for (Rank number = 0; number < space.size(); ++number) {
      const MapSpace::Point point = space.unrank(number);
      const LoopNest nest = space.nest(point);
      ASSERT_TRUE(space.rank(point) == number);
      ASSERT_EQ(space.point(nest), point) << text_of(nest);
      ASSERT_TRUE(obeys(constraints, nest)) << text_of(nest);
      ASSERT_TRUE(all.insert(text_of(nest)).second) << "twice: " << text_of(nest);
    }
    for (Rank number = 0; number < free.size(); ++number) {
      const LoopNest nest = free.nest(free.unrank(number));
      if (!obeys(constraints, nest) || !free.legal(nest)) continue;
      ++mappings;
      // Where a factor is fixed, a smaller one may do beside it.
      const auto nearest = space.nearest(nest);
      ASSERT_TRUE(nearest) << text_of(nest);
      const LoopNest smaller = space.nest(*nearest);
      ASSERT_TRUE(all.count(text_of(nest)) == 1 || smaller_tiles(machine, smaller, nest))
          << text_of(nest) << "\n"
          << text_of(smaller);
    }
  }
  EXPECT_GT(mappings, 100U);
}

LoopNest without_single_trips(const LoopNest& nest) {
  LoopNest result = nest;
  result.count = 0;
  for (std::size_t l = 0; l < nest.count; ++l) {
    if (l == nest.dram) result.dram = result.count;
    result.add(nest.loops[l].dim, nest.loops[l].trips);
  }
  if (nest.count == nest.dram) result.dram = result.count;
  return result;
}

// A mapping, balanced or not, is a constraint that leaves one choice.
TEST_P(RandomSpace, OfACompleteMappingIsThatMapping) {
  Rng rng(GetParam() + 300);
  for (int m = 0; m < 200; ++m) {
    const MapMachine machine = random_map_machine(rng, UINT64_MAX);
    const MapSpace free(machine.prototype, machine.limits);
    LoopNest nest = without_single_trips(any_nest(rng, machine, free));
    for (std::size_t o = 0; o < kOperands; ++o)
      nest.buffer_tiles[o] =
          free.limits().has_tiles(o)
              ? std::clamp(nest.buffer_tiles[o], std::uint32_t{1}, std::uint32_t{2})
              : 0;
    const OperationMapping mapping = to_mapping(nest, "");
    MapConstraints constraints;
    constraints.dataflow = static_cast<LoopDataflow>(rng.below(5));
    constraints.at(Level::rf).loops = mapping.rf;
    constraints.at(Level::x).loops = mapping.spatial_x;
    constraints.at(Level::y).loops = mapping.spatial_y;
    constraints.at(Level::buffer).loops = mapping.buffer;
    constraints.at(Level::dram).loops = mapping.dram;
    for (std::size_t o = 0; o < kOperands; ++o)
      if (nest.buffer_tiles[o] > 0) constraints.buffer_tiles[o] = nest.buffer_tiles[o];
    const MapSpace space(machine.prototype, machine.limits, constraints);
    if (!verified(machine, nest)) {
      EXPECT_FALSE(space.smallest());
      EXPECT_NE(space.why_empty(), "") << text_of(nest);
      continue;
    }
    ASSERT_TRUE(space.size() == 1) << text_of(nest);
    EXPECT_EQ(text_of(space.nest(space.unrank(0))), text_of(nest));
    EXPECT_EQ(space.why_empty(), "");
  }
}

// Whether there is a legal mapping at all is known exactly, and never lost to a dataflow.
TEST_P(RandomSpace, KnowsWhetherAnythingIsLegal) {
  Rng rng(GetParam() + 400);
  int some = 0, none = 0;
  for (int m = 0; m < 150; ++m) {
    const MapMachine machine = random_map_machine(rng, 16);
    const MapSpace space(machine.prototype, machine.limits);
    bool any = false;
    for (Rank number = 0; number < space.size() && !any; ++number)
      any = space.legal(space.nest(space.unrank(number)));
    ++(any ? some : none);
    for (const LoopDataflow dataflow : {LoopDataflow::free, LoopDataflow::rs, LoopDataflow::ws,
                                        LoopDataflow::os, LoopDataflow::is}) {
      MapConstraints constraints;
      constraints.dataflow = dataflow;
      const MapSpace under(machine.prototype, machine.limits, constraints);
      const auto smallest = under.smallest();
      ASSERT_EQ(smallest.has_value(), any) << to_string(dataflow);
      ASSERT_EQ(under.why_empty() == "", any) << under.why_empty();
      if (smallest) {
        EXPECT_TRUE(verified(machine, under.nest(*smallest)));
      }
    }
  }
  EXPECT_GT(some, 20);
  EXPECT_GT(none, 20);
}

// What is made ready for many tiles says what the plain count of one says.
TEST(TileWords, EqualThePlainCount) {
  Rng rng(77);
  for (int m = 0; m < 300; ++m) {
    const MapMachine machine = random_map_machine(rng, 1'000'000);
    const Operation& operation = machine.prototype.operation;
    for (const TensorAccess& access : operation.access) {
      const TileWords words(access);
      for (int i = 0; i < 20; ++i) {
        DimArray<std::uint64_t> tile = ones();
        for (const Dim d : kAllDims) tile[d] = 1 + rng.below(operation.bounds[d] + 2);
        ASSERT_EQ(words.of(tile), tile_words(access, tile)) << print_program(machine.prototype);
      }
    }
  }
}

}  // namespace
}  // namespace chasm
