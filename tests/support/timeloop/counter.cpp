#include "tests/support/timeloop/counter.h"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace chasm::timeloop {
namespace {

constexpr std::size_t kMostAxes = 5;
using Position = std::array<std::int64_t, kMostAxes>;  // one coordinate for each axis of a tensor

struct Term {
  Dim dim;
  std::int64_t coefficient = 1;
};
using Axes = std::vector<std::vector<Term>>;

// Channels of a depthwise layer are G, which all three tensors have.
Axes axes_of(Tensor tensor, std::uint64_t stride) {
  const auto step = static_cast<std::int64_t>(stride);
  switch (tensor) {
    case Tensor::inputs:
      return {{{Dim::N}},
              {{Dim::G}},
              {{Dim::C}},
              {{Dim::P, step}, {Dim::R}},
              {{Dim::Q, step}, {Dim::S}}};
    case Tensor::weights:
      return {{{Dim::G}}, {{Dim::K}}, {{Dim::C}}, {{Dim::R}}, {{Dim::S}}};
    case Tensor::outputs:
      return {{{Dim::N}}, {{Dim::G}}, {{Dim::K}}, {{Dim::P}}, {{Dim::Q}}};
  }
  return {};
}

std::uint64_t product(const std::vector<Loop>& loops, std::size_t from, std::size_t to,
                      bool spatial) {
  std::uint64_t trips = 1;
  for (std::size_t l = from; l < to; ++l) trips *= loops[l].spatial == spatial ? loops[l].trips : 1;
  return trips;
}

// One tensor in the nest.
class View {
 public:
  View(const Mapping& mapping, Tensor tensor)
      : loops_(mapping.loops), axes_(axes_of(tensor, mapping.stride)) {
    DimArray<std::uint64_t> inside = ones();
    shifts_.resize(loops_.size());
    for (std::size_t l = loops_.size(); l-- > 0;) {
      const Dim d = loops_[l].dim;
      for (std::size_t a = 0; a < axes_.size(); ++a) {
        for (const Term& term : axes_[a])
          if (term.dim == d)
            shifts_[l][a] += term.coefficient * static_cast<std::int64_t>(inside[d]);
      }
      inside[d] *= loops_[l].trips;
    }
  }

  // Where the tile lies for a step of a loop.
  const Position& shift(std::size_t loop) const { return shifts_[loop]; }
  bool moves(std::size_t loop) const { return shifts_[loop] != Position{}; }

  // Rule 1: one box, as if every combination of coordinates were used.
  Position extents(std::size_t outside) const {
    Position extents{};
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      extents[a] = 1;
      for (std::size_t l = outside; l < loops_.size(); ++l)
        extents[a] += shifts_[l][a] * static_cast<std::int64_t>(loops_[l].trips - 1);
    }
    return extents;
  }

  // Rules 5 and 6: different places among the instances that the loops [from, to) spread.
  std::uint64_t distinct_places(std::size_t from, std::size_t to) const {
    std::set<Position> places{Position{}};
    for (std::size_t l = from; l < to; ++l) {
      if (!loops_[l].spatial) continue;
      std::set<Position> next;
      for (Position place : places) {
        for (std::uint64_t i = 0; i < loops_[l].trips; ++i) {
          next.insert(place);
          for (std::size_t a = 0; a < axes_.size(); ++a) place[a] += shifts_[l][a];
        }
      }
      places = std::move(next);
    }
    return places.size();
  }

  std::size_t axes() const { return axes_.size(); }

 private:
  const std::vector<Loop>& loops_;
  Axes axes_;
  std::vector<Position> shifts_;  // by loop
};

std::uint64_t volume(const Position& extents, std::size_t axes) {
  std::int64_t words = 1;
  for (std::size_t a = 0; a < axes; ++a) words *= extents[a];
  return static_cast<std::uint64_t>(words);
}

// Rules 2 and 3: the words that one instance takes in while the loops outside its tile run.
class Walk {
 public:
  Walk(const Mapping& mapping, const View& view, std::size_t outside, Steps steps)
      : loops_(mapping.loops),
        view_(view),
        outside_(outside),
        steps_(steps),
        extents_(view.extents(outside)),
        whole_(volume(extents_, view.axes())) {
    run(0, Position{}, 1);
  }

  std::uint64_t words() const { return words_; }

 private:
  // `times`: how many steps this one stands for.
  void run(std::size_t loop, Position at, std::uint64_t times) {
    if (loop == outside_) return arrive(at, times);
    const Loop& here = loops_[loop];
    run(loop + 1, at, times);
    if (here.spatial || here.trips == 1) return;
    const bool all = steps_ == Steps::all;
    const std::uint64_t looked_at = all ? here.trips : 2;
    for (std::uint64_t i = 1; i < looked_at; ++i) {
      for (std::size_t a = 0; a < view_.axes(); ++a) at[a] += view_.shift(loop)[a];
      run(loop + 1, at, all ? times : times * (here.trips - 1));
    }
  }

  void arrive(const Position& at, std::uint64_t times) {
    words_ += new_words(at) * times;
    last_ = at;
  }

  std::uint64_t new_words(const Position& at) {
    if (!last_) return whole_;
    Position direction{};
    std::size_t moved_axes = 0, axis = 0;
    for (std::size_t a = 0; a < view_.axes(); ++a) {
      direction[a] = at[a] - (*last_)[a];
      if (direction[a] != 0) ++moved_axes, axis = a;
    }
    if (moved_axes == 0) return 0;
    if (moved_axes > 1 || (direction_ && *direction_ != direction)) {
      direction_.reset();
      return whole_;
    }
    direction_ = direction;
    const std::int64_t moved = std::abs(direction[axis]);
    const auto extent = static_cast<std::uint64_t>(extents_[axis]);
    return whole_ / extent * std::min(extent, static_cast<std::uint64_t>(moved));
  }

  const std::vector<Loop>& loops_;
  const View& view_;
  const std::size_t outside_;
  const Steps steps_;
  const Position extents_;
  const std::uint64_t whole_;
  std::optional<Position> last_, direction_;
  std::uint64_t words_ = 0;
};

// One tensor on its way through the levels that keep it.
class TensorCount {
 public:
  TensorCount(const Mapping& mapping, Tensor tensor, Steps steps)
      : mapping_(mapping), tensor_(tensor), steps_(steps), view_(mapping, tensor) {}

  void run(Counts& counts) const {
    const auto t = static_cast<std::size_t>(tensor_);
    std::optional<std::size_t> parent;
    for (std::size_t l = 0; l < mapping_.levels.size(); ++l) {
      const Level& level = mapping_.levels[l];
      if (!level.keeps[t]) continue;
      if (parent) {
        const std::uint64_t words = Walk(mapping_, view_, level.outside, steps_).words();
        serve(counts, *parent, level.outside, words);
        counts.levels[l][t].fills = instances(level) * (words - elided(level));
      }
      parent = l;
    }
    // Rule 4: the innermost level that keeps it serves every operation.
    serve(counts, parent.value(), mapping_.loops.size(), counts.cycles);
  }

 private:
  // What a level sends to, or takes from, the instances below it, each of which takes in, or
  // gives, so many words.
  void serve(Counts& counts, std::size_t l, std::size_t below, std::uint64_t words) const {
    const Level& level = mapping_.levels[l];
    Words& at = counts.levels[l][static_cast<std::size_t>(tensor_)];
    const std::uint64_t served =
        instances(level) * view_.distinct_places(level.outside, below) * words;
    if (tensor_ != Tensor::outputs) {
      at.reads = served;
    } else {
      at.updates = served;
      at.reads = served - instances(level) * elided(level);
    }
  }

  std::uint64_t instances(const Level& level) const {
    return product(mapping_.loops, 0, level.outside, true);
  }

  // Rule 7: the first time a sum comes to a place there is nothing to add it to. Output words that
  // one instance is responsible for.
  std::uint64_t elided(const Level& level) const {
    if (tensor_ != Tensor::outputs) return 0;
    std::uint64_t words = 1;
    for (std::size_t l = 0; l < mapping_.loops.size(); ++l) {
      const Loop& loop = mapping_.loops[l];
      const bool other_instance = loop.spatial && l < level.outside;
      if (view_.moves(l) && !other_instance) words *= loop.trips;
    }
    return words;
  }

  const Mapping& mapping_;
  const Tensor tensor_;
  const Steps steps_;
  const View view_;
};

}  // namespace

std::uint64_t tile_words(const Mapping& mapping, Tensor tensor, std::size_t outside) {
  const View view(mapping, tensor);
  return volume(view.extents(outside), view.axes());
}

Counts count(const Mapping& mapping, Steps steps) {
  Counts counts;
  counts.cycles = product(mapping.loops, 0, mapping.loops.size(), false);  // rule 12
  counts.operations = counts.cycles * product(mapping.loops, 0, mapping.loops.size(), true);
  counts.levels.resize(mapping.levels.size());
  for (const Tensor tensor : kTensors) TensorCount(mapping, tensor, steps).run(counts);
  counts.energy = static_cast<double>(counts.operations) * mapping.energy_per_operation;
  for (std::size_t l = 0; l < counts.levels.size(); ++l) {
    for (const Words& words : counts.levels[l]) {
      const std::uint64_t accesses = words.reads + words.fills + words.updates;
      counts.energy += static_cast<double>(accesses) * mapping.levels[l].energy_per_word;
    }
  }
  return counts;
}

}  // namespace chasm::timeloop
