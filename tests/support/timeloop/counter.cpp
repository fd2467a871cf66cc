#include "tests/support/timeloop/counter.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <utility>

#include "base/check.h"

namespace chasm::timeloop {
namespace {

// The axis of each tensor along which a dimension moves it, if any; P and Q by the stride on the
// inputs. Channels of a depthwise layer are G, which all three tensors have.
constexpr std::size_t kAxes = 5, kMostLoops = 64;
constexpr int axis_of(Tensor tensor, Dim d) {
  const bool weights = tensor == Tensor::weights, outputs = tensor == Tensor::outputs;
  switch (d) {
    case Dim::G:
      return 0;
    case Dim::N:
      return weights ? -1 : 1;
    case Dim::K:
      return weights ? 1 : outputs ? 2 : -1;
    case Dim::C:
      return outputs ? -1 : 2;
    case Dim::P:
      return weights ? -1 : 3;
    case Dim::Q:
      return weights ? -1 : 4;
    case Dim::R:
      return outputs ? -1 : 3;
    case Dim::S:
      return outputs ? -1 : 4;
  }
  return -1;
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
  struct Shift {  // of the tile in a step of a loop
    int axis = -1;
    std::int64_t words = 0;
    bool moves() const { return axis >= 0; }
  };
  using Extents = std::array<std::int64_t, kAxes>;

  View(const Mapping& mapping, Tensor tensor) : loops_(mapping.loops) {
    CHECK(loops_.size() <= kMostLoops, "{} loops", loops_.size());
    DimArray<std::uint64_t> inside = ones();
    for (std::size_t l = loops_.size(); l-- > 0;) {
      const Dim d = loops_[l].dim;
      const bool strided = tensor == Tensor::inputs && (d == Dim::P || d == Dim::Q);
      const std::uint64_t words = inside[d] * (strided ? mapping.stride : 1);
      shifts_[l] = {axis_of(tensor, d), static_cast<std::int64_t>(words)};
      inside[d] *= loops_[l].trips;
    }
  }

  const Shift& shift(std::size_t loop) const { return shifts_[loop]; }
  // Whether a loop over time moves the tile.
  bool moves(std::size_t loop) const {
    return shifts_[loop].moves() && !loops_[loop].spatial && loops_[loop].trips > 1;
  }

  // Rule 1: one box, as if every combination of coordinates were used.
  Extents extents(std::size_t outside) const {
    Extents extents{1, 1, 1, 1, 1};
    for (std::size_t l = outside; l < loops_.size(); ++l) {
      if (shifts_[l].moves()) along(shifts_[l], extents) += reach(l);
    }
    return extents;
  }

  // Rules 5 and 6: different places among the instances that the loops [from, to) spread. Each
  // loop moves one axis, so places are products.
  std::uint64_t distinct_places(std::size_t from, std::size_t to) const {
    std::array<std::vector<std::int64_t>, kAxes> along;
    std::array<std::uint64_t, kAxes> places{1, 1, 1, 1, 1};
    for (std::size_t l = from; l < to; ++l) {
      if (!loops_[l].spatial || !shifts_[l].moves() || loops_[l].trips == 1) continue;
      const auto axis = static_cast<std::size_t>(shifts_[l].axis);
      spread(l, along[axis]);
      places[axis] = along[axis].size();
    }
    return std::accumulate(places.begin(), places.end(), std::uint64_t{1}, std::multiplies<>());
  }

  static std::uint64_t words(const Extents& extents) {
    std::int64_t words = 1;
    for (const std::int64_t extent : extents) words *= extent;
    return static_cast<std::uint64_t>(words);
  }
  static std::int64_t& along(const Shift& shift, Extents& extents) {
    return extents[static_cast<std::size_t>(shift.axis)];
  }

 private:
  std::int64_t reach(std::size_t loop) const {
    return shifts_[loop].words * static_cast<std::int64_t>(loops_[loop].trips - 1);
  }
  void spread(std::size_t loop, std::vector<std::int64_t>& places) const {
    if (places.empty()) places.push_back(0);
    std::vector<std::int64_t> all;
    all.reserve(places.size() * loops_[loop].trips);
    for (const std::int64_t place : places)
      for (std::uint64_t i = 0; i < loops_[loop].trips; ++i)
        all.push_back(place + static_cast<std::int64_t>(i) * shifts_[loop].words);
    if (places.size() > 1) std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    places = std::move(all);
  }

  const std::vector<Loop>& loops_;
  std::array<Shift, kMostLoops> shifts_;  // by loop
};

// Rules 2 and 3: the words that one instance takes in while the loops outside its tile run.
class Walk {
 public:
  Walk(const Mapping& mapping, const View& view, std::size_t outside, Steps steps)
      : loops_(mapping.loops),
        view_(view),
        steps_(steps),
        extents_(view.extents(outside)),
        whole_(View::words(extents_)) {
    while (outside > 0 && !view.moves(outside - 1)) --outside;
    outside_ = outside;
    run(0, 1);
  }

  std::uint64_t words() const { return words_; }

 private:
  // `times`: how many steps this one stands for.
  void run(std::size_t loop, std::uint64_t times) {
    if (loop == outside_) {
      words_ += new_words() * times;
      return;
    }
    const Loop& here = loops_[loop];
    if (here.spatial || here.trips == 1) return run(loop + 1, times);
    run(loop + 1, times);
    const bool all = steps_ == Steps::all;
    const std::uint64_t looked_at = all ? here.trips : 2;
    for (std::uint64_t i = 1; i < looked_at; ++i) {
      step(loop, 1);
      run(loop + 1, all ? times : times * (here.trips - 1));
    }
    step(loop, 1 - static_cast<std::int64_t>(looked_at));
  }

  void step(std::size_t loop, std::int64_t steps) {
    const View::Shift& shift = view_.shift(loop);
    if (shift.moves()) View::along(shift, moved_) += steps * shift.words;
  }

  std::uint64_t new_words() {
    const View::Extents moved = std::exchange(moved_, {});
    if (std::exchange(first_, false)) return whole_;
    std::size_t axes = 0, axis = 0;
    for (std::size_t a = 0; a < kAxes; ++a)
      if (moved[a] != 0) ++axes, axis = a;
    if (axes == 0) return 0;
    if (axes > 1 || (direction_ && *direction_ != moved)) {
      direction_.reset();
      return whole_;
    }
    direction_ = moved;
    const std::int64_t extent = extents_[axis];
    return whole_ / static_cast<std::uint64_t>(extent) *
           static_cast<std::uint64_t>(std::min(extent, std::abs(moved[axis])));
  }

  const std::vector<Loop>& loops_;
  const View& view_;
  const Steps steps_;
  const View::Extents extents_;
  const std::uint64_t whole_;
  std::size_t outside_ = 0;
  bool first_ = true;
  View::Extents moved_{};  // since the last look
  std::optional<View::Extents> direction_;
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
        const std::uint64_t words = taken_in(level.outside);
        serve(counts, *parent, level.outside, words);
        counts.levels[l][t].fills = instances(level) * (words - elided(level));
      }
      parent = l;
    }
    // Rule 4: the innermost level that keeps it serves every operation.
    serve(counts, parent.value(), mapping_.loops.size(), counts.cycles);
  }

 private:
  // Words that come into one instance of a tile below so many loops, or leave it.
  std::uint64_t taken_in(std::size_t outside) const {
    if (tensor_ == Tensor::inputs) return Walk(mapping_, view_, outside, steps_).words();
    // The same without windows: tiles never overlap, so each step down to the innermost loop that
    // moves the tile brings a whole one.
    const std::uint64_t tile = View::words(view_.extents(outside));
    while (outside > 0 && !view_.moves(outside - 1)) --outside;
    return product(mapping_.loops, 0, outside, false) * tile;
  }

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
      if (view_.shift(l).moves() && !other_instance) words *= loop.trips;
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
  return View::words(view.extents(outside));
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
