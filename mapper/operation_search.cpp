#include "mapper/operation_search.h"

#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "mapper/buffer_fit.h"
#include "mapper/build_program.h"
#include "mapper/cost_model.h"
#include "mapper/loop_orders.h"
#include "mapper/tilings.h"

namespace chasm {
namespace {

using Factors = DimArray<std::uint64_t>;

constexpr double kStepCycles = 0.15;  // of the guess, as in the score

struct Scored {
  double score;
  LoopNest nest;
};

// The `most` best in order; equals keep their order.
void keep_best(std::vector<Scored>& candidates, std::size_t most) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Scored& a, const Scored& b) { return a.score < b.score; });
  if (candidates.size() > most) candidates.resize(most);
}

class OperationSearch {
 public:
  OperationSearch(const Program& prototype, const ChunkSpec& chunk, const ArchSpec& arch,
                  Objective objective, const EnergyWeights& weights)
      : prototype_(prototype),
        operation_(prototype.operation),
        chunk_(chunk),
        limits_(limits_of(chunk, arch.global_buffer)),
        model_(prototype, chunk, arch, weights),
        groups_(loop_groups(operation_)),
        score_(objective, model_) {}

  std::optional<LoopNest> run() {
    // How many candidates go on from each stage.
    constexpr std::size_t kGuessed = 64, kRanked = 8;
    std::vector<Scored> tilings = guess_tilings(kGuessed);
    for (Scored& tiling : tilings) tiling.score = unbuffered_score(tiling.nest);
    keep_best(tilings, kRanked);
    for (const Scored& tiling : tilings) place_in_buffer(tiling.nest);
    if (!best_) smallest();
    if (!best_) return std::nullopt;
    return best_->nest;
  }

 private:
  Factors trips_above(const LoopNest& nest) const {
    Factors trips;
    for (const Dim d : kAllDims) trips[d] = ceil_div(operation_.bounds[d], nest.array(d));
    return trips;
  }

  // Every tiling, ranked by a guess that takes a fraction of a microsecond.
  std::vector<Scored> guess_tilings(std::size_t most) const {
    constexpr std::size_t kOfOneArray = 6;  // so that different uses of the array go on
    const bool whole = prototype_.bypass_buffer[static_cast<std::size_t>(Operand::output)];
    std::vector<Scored> all;
    for (const LoopNest& spatial : spatial_choices(operation_, chunk_)) {
      std::vector<Scored> tilings;
      for (const LoopNest& nest : register_tilings(spatial, operation_, limits_, whole)) {
        tilings.push_back({guess(nest), nest});
      }
      keep_best(tilings, kOfOneArray);
      all.insert(all.end(), tilings.begin(), tilings.end());
    }
    keep_best(all, most);
    return all;
  }

  double guess_issue(const LoopNest& nest) const {
    double issue = 1;
    for (const Dim d : kAllDims) {
      const std::uint64_t blocks = ceil_div(operation_.bounds[d], nest.array(d));
      const std::uint64_t last = operation_.bounds[d] - (blocks - 1) * nest.array(d);
      issue *= static_cast<double>((blocks - 1) * nest.rf[d] + std::min(last, nest.rf[d]));
    }
    return issue / static_cast<double>(chunk_.pe_operations(arithmetic_of(operation_.kind)));
  }

  // Whether the next tile can come in while the array works on this one.
  bool runs_ahead(Operand operand, const LoopNest& nest) const {
    const bool input = operand == Operand::input;
    if (input ? chunk_.double_buffered.input : chunk_.double_buffered.weight) return true;
    const bool fifo = input ? chunk_.fifo_buffered.input : chunk_.fifo_buffered.weight;
    return fifo && 2 * tile_words(operation_.of(operand), nest.rf) <=
                       limits_.register_file_words[static_cast<std::size_t>(operand)];
  }

  // Cycles where buffer and DRAM are ideal, of the best order of the groups; tiles count as wholly
  // new each time.
  double guess(const LoopNest& nest) const {
    const Factors trips = trips_above(nest);
    Factors array;
    double steps = 1;
    for (const Dim d : kAllDims) {
      array[d] = nest.array(d);
      steps *= static_cast<double>(trips[d]);
    }
    array = clipped(array, operation_);
    std::array<double, kOperands> words{};
    for (std::size_t o = 0; o < kOperands; ++o) {
      words[o] = static_cast<double>(tile_words(operation_.access[o], array));
    }
    double issue = std::max(guess_issue(nest), steps);
    const std::array<bool, 2> ahead = {runs_ahead(Operand::input, nest),
                                       runs_ahead(Operand::weight, nest)};
    double best = INFINITY;
    std::array<std::size_t, kDims> places{};
    for (std::size_t g = 0; g < groups_.size(); ++g) places[g] = g;
    const auto end =
        places.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(groups_.size(), 4));
    do {
      best = std::min(best, guess_order(trips, places, steps, words, issue, ahead));
    } while (std::next_permutation(places.begin(), end));
    return best + kStepCycles * steps;
  }

  // `places`: groups from the innermost outwards.
  double guess_order(const Factors& trips, const std::array<std::size_t, kDims>& places,
                     double steps, const std::array<double, kOperands>& words, double issue,
                     const std::array<bool, 2>& ahead) const {
    std::array<double, kOperands> changes{};
    for (std::size_t o = 0; o < kOperands; ++o) {
      changes[o] = steps;
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        const LoopGroup& group = groups_[places[g]];
        double trips_of_group = 1;
        for (const Dim d : group.dims) trips_of_group *= static_cast<double>(trips[d]);
        if (group.moves[o] && trips_of_group > 1) break;
        changes[o] /= trips_of_group;
      }
    }
    const double input = changes[0] * std::ceil(words[0] / chunk_.bus_words_per_cycle.input);
    const double weight = changes[1] * std::ceil(words[1] / chunk_.bus_words_per_cycle.weight);
    double distinct = 1;
    for (const Dim d : kAllDims) {
      if (!operation_.is_reduction(d)) distinct *= static_cast<double>(trips[d]);
    }
    if (operation_.is_row_op()) changes[2] = distinct;
    const double drain = changes[2] * (std::ceil(words[2] / chunk_.bus_words_per_cycle.output));
    const double back =
        (changes[2] - distinct) * std::ceil(words[2] / chunk_.bus_words_per_cycle.psum_in);
    const double output = issue + drain + back + changes[2] * chunk_.pipeline_depth;
    return std::max({issue, ahead[0] ? input : issue + input, ahead[1] ? weight : issue + weight,
                     chunk_.double_buffered.psum ? output / 2 : output, drain, back});
  }

  // The score with every loop at buffer level, whether the tiles fit or not, in the best order.
  double unbuffered_score(LoopNest& nest) const {
    const Factors trips = trips_above(nest);
    double best = INFINITY;
    LoopNest best_nest = nest;
    for (const LoopOrder& order : loop_orders(groups_, trips, false)) {
      set_loops(nest, operation_, trips, trips, {}, order);
      nest.buffer_tiles = {1, 1, 1};
      const double value = score_(model_.evaluate(nest));
      if (value < best) best = value, best_nest = nest;
    }
    nest = best_nest;
    return best;
  }

  // Splits the loops between DRAM and buffer in a few ways, and tries their orders.
  void place_in_buffer(const LoopNest& tiling) {
    constexpr std::size_t kSplits = 4;
    const Factors trips = trips_above(tiling);
    LoopOrder inner;  // the order that was best without DRAM
    for (std::size_t l = 0; l < tiling.count; ++l) inner.push_back(tiling.loops[l].dim);
    if (operation_.is_row_op()) {
      inner.erase(std::remove_if(inner.begin(), inner.end(),
                                 [](Dim d) { return d == Dim::C || d == Dim::R; }),
                  inner.end());
    }
    std::vector<Scored> splits;
    const CostModel::ArrayLevel array = model_.array_level(tiling);
    for (const Factors& inside : buffer_splits(trips)) {
      LoopNest nest = tiling;
      set_loops(nest, operation_, trips, inside, inner, inner);
      if (!fit_buffer(nest, prototype_, limits_)) continue;
      model_.prepare(model_.splits(nest), buffer_);
      Factors outside;
      for (const Dim d : kAllDims) outside[d] = ceil_div(trips[d], inside[d]);
      Scored best{INFINITY, nest};
      for (const LoopOrder& order : loop_orders(groups_, outside, false)) {
        set_loops(nest, operation_, trips, inside, order, inner);
        const double value = score_(model_.evaluate(nest, array, buffer_));
        if (value < best.score) best = {value, nest};
      }
      splits.push_back(best);
    }
    keep_best(splits, kSplits);
    for (const Scored& split : splits) order_in_buffer(split.nest, array);
  }

  // A few sizes of every dimension in the buffer, in all combinations.
  std::vector<Factors> buffer_splits(const Factors& trips) const {
    std::vector<Factors> splits{ones()};
    std::size_t open = 0;
    for (const Dim d : kAllDims) open += trips[d] > 1 ? 1 : 0;
    for (const Dim d : kAllDims) {
      if (trips[d] == 1) continue;
      const bool window = d == Dim::R || d == Dim::S;
      const bool passes = operation_.is_row_op() && d == Dim::R;
      const std::size_t most = open <= 2 ? 6 : open == 3 ? 5 : open == 4 ? 4 : 3;
      std::vector<std::uint64_t> sizes =
          balanced_factors(trips[d], trips[d], open <= 3 ? 2 : 3, window ? 2 : most);
      if (passes) sizes = {trips[d]};
      std::vector<Factors> next;
      for (const Factors& split : splits) {
        for (const std::uint64_t size : sizes) {
          next.push_back(split);
          next.back()[d] = size;
        }
      }
      splits = std::move(next);
    }
    if (!operation_.is_row_op()) return splits;
    // Rows cut at DRAM level leave no other loop inside (models/program/verify.h).
    splits.erase(std::remove_if(splits.begin(), splits.end(),
                                [&](const Factors& split) {
                                  bool others = false;
                                  for (const Dim d : kAllDims) {
                                    others = others || (d != Dim::C && d != Dim::R && split[d] > 1);
                                  }
                                  return others && split[Dim::C] < trips[Dim::C];
                                }),
                 splits.end());
    return splits;
  }

  void order_in_buffer(const LoopNest& split, const CostModel::ArrayLevel& array) {
    model_.prepare(model_.splits(split), buffer_);
    const Factors trips = trips_above(split);
    Factors inside = trips;
    LoopOrder dram;
    for (std::size_t l = 0; l < split.dram; ++l) {
      const Loop& loop = split.loops[l];
      const bool row = operation_.is_row_op() && (loop.dim == Dim::C || loop.dim == Dim::R);
      if (!row) dram.push_back(loop.dim);
    }
    for (const Dim d : kAllDims) inside[d] = 1;
    for (std::size_t l = split.dram; l < split.count; ++l)
      inside[split.loops[l].dim] = split.loops[l].trips;
    for (const bool rows_inside : {false, true}) {
      for (const LoopOrder& order : loop_orders(groups_, inside, rows_inside)) {
        LoopNest nest = split;
        set_loops(nest, operation_, trips, inside, dram, order);
        consider(nest, score_(model_.evaluate(nest, array, buffer_)));
      }
    }
  }

  void smallest() {
    const bool whole = prototype_.bypass_buffer[static_cast<std::size_t>(Operand::output)];
    for (const LoopNest& tiling : register_tilings({}, operation_, limits_, whole)) {
      const Factors trips = trips_above(tiling);
      const std::vector<LoopOrder> orders = loop_orders(groups_, trips, false);
      LoopNest candidate = tiling;
      set_loops(candidate, operation_, trips, ones(), orders.front(), {});
      if (fit_buffer(candidate, prototype_, limits_)) {
        consider(candidate, score_(model_.evaluate(candidate)));
      }
    }
  }

  void consider(const LoopNest& nest, double value) {
    if (!best_ || value < best_->score) best_ = Scored{value, nest};
  }

  const Program& prototype_;
  const Operation& operation_;
  const ChunkSpec& chunk_;
  const ProgramLimits limits_;
  const CostModel model_;
  CostModel::BufferLevel buffer_;
  const std::vector<LoopGroup> groups_;
  const Score score_;
  std::optional<Scored> best_;
};

}  // namespace

std::optional<LoopNest> search_operation(const Program& prototype, const ChunkSpec& chunk,
                                         const ArchSpec& arch, Objective objective,
                                         const EnergyWeights& weights) {
  return OperationSearch(prototype, chunk, arch, objective, weights).run();
}

std::optional<LoopNest> search_operation(const Program& prototype, const ChunkSpec& chunk,
                                         const ArchSpec& arch, Objective objective) {
  return search_operation(prototype, chunk, arch, objective,
                          energy_weights(prototype, chunk, arch));
}

LoopNest smallest_nest(const Program& prototype) {
  const Operation& operation = prototype.operation;
  LoopNest nest;
  // Partial sums cannot leave the PEs where the output bypasses the buffer.
  const bool whole = prototype.bypass_buffer[static_cast<std::size_t>(Operand::output)];
  for (const Dim d : kAllDims) {
    if (whole && operation.is_reduction(d) && !operation.is_row_op())
      nest.rf[d] = operation.bounds[d];
  }
  Factors trips;
  for (const Dim d : kAllDims) trips[d] = ceil_div(operation.bounds[d], nest.rf[d]);
  set_loops(nest, operation, trips, ones(),
            loop_orders(loop_groups(operation), trips, false).front(), {});
  return nest;
}

}  // namespace chasm
