// Every legal mapping: the splits of one dimension after another, then all orders and tiles of
// what is left. A branch ends where not even the smallest splits of the other dimensions fit, and
// where a lower bound of its cost is no better than what was found.
#include "mapper/search_tree.h"

#include <algorithm>
#include <numeric>

#include "mapper/build_program.h"
#include "mapper/cost_bounds.h"

namespace chasm {

SplitTree::SplitTree(const SearchProblem& problem)
    : space_(problem.space),
      limits_(limits_of(problem.chunk, problem.arch.global_buffer)),
      dims_(problem.open) {
  // The widest first: all others fit below it, and streams share its branches.
  std::stable_sort(dims_.begin(), dims_.end(),
                   [&](Dim a, Dim b) { return space_.splits(a).size() > space_.splits(b).size(); });
  for (const Dim d : kAllDims) {
    const std::vector<Split>& splits = space_.splits(d);
    std::vector<std::uint32_t>& order = order_[d];
    order.resize(splits.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      const auto size = [&](std::uint32_t i) {
        return std::array{splits[i].array() * splits[i].buffer, splits[i].array(), splits[i].rf};
      };
      return size(a) < size(b);
    });
    Least& least = now_[d];
    least = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    for (const Split& s : splits) {
      least.rf = std::min(least.rf, s.rf);
      least.x = std::min(least.x, s.x);
      least.y = std::min(least.y, s.y);
      least.tile = std::min(least.tile, s.array() * s.buffer);
    }
    chosen[d] = splits.size() == 1 ? splits.data() : nullptr;
  }
}

bool SplitTree::fits() const {
  std::uint64_t columns = 1, rows = 1;
  DimArray<std::uint64_t> rf, tile;
  for (const Dim d : kAllDims) {
    columns *= now_[d].x;
    rows *= now_[d].y;
    rf[d] = now_[d].rf;
    tile[d] = now_[d].tile;
  }
  if (columns > limits_.cols || rows > limits_.rows) return false;
  const NestLimits& nests = space_.limits();
  if (!nests.register_files_hold(rf)) return false;
  std::uint64_t bytes = 0;
  for (std::size_t o = 0; o < kOperands; ++o) bytes += nests.buffer_bytes(o, tile, false);
  return bytes <= limits_.buffer_capacity_bytes;
}

void SplitTree::choose(Dim d, std::uint32_t split) {
  const Split& s = space_.splits(d)[split];
  point.split[d] = split;
  chosen[d] = &s;
  now_[d] = {s.rf, s.x, s.y, s.array() * s.buffer};
}

namespace {

class TreeSearch {
 public:
  TreeSearch(Stream& stream, bool with_bounds)
      : stream_(stream), space_(stream.problem.space), tree_(stream.problem) {
    if (with_bounds && !stream.problem.options.pareto && !stream.problem.options.judge)
      bounds_.emplace(stream.problem.prototype, stream.problem.chunk, stream.problem.arch,
                      stream.cost.model());
  }

  bool run() {
    if (tree_.dims().empty()) return stream_.index > 0 || orders();
    const auto visit = [&] {
      if (stream_.over()) return SplitTree::Visit::stop;
      return hopeless() ? SplitTree::Visit::skip : SplitTree::Visit::enter;
    };
    return tree_.descend(stream_.index, kStreams, visit, [&] { return orders(); });
  }

 private:
  bool hopeless() {
    if (!bounds_) return false;
    const CostBounds::Bound bound = bounds_->of(tree_.chosen);
    return stream_.cost.scoring().of(bound.cycles, bound.steps, bound.energy) >=
           stream_.found.worst_score();
  }

  // Mappings that differ in orders and tiles only have numbers in a row. Returns whether all were
  // looked at.
  bool orders() {
    MapSpace::Point point = tree_.point;
    point.dram_order = point.buffer_order = kAllDims;
    point.buffer_tiles = {1, 1, 1};
    const CostModel& model = stream_.cost.model();
    LoopNest& nest = stream_.cost.nest;
    space_.set(point, nest);
    const CostModel::Splits splits = stream_.cost.splits(point, nest);
    const CostModel::ArrayLevel array = model.array_level(nest, splits);
    model.prepare(splits, buffer_);
    for (Rank rank = space_.rank(point); rank < space_.size(); ++rank) {
      const MapSpace::Point next = space_.unrank(rank);
      if (next.split != point.split) break;
      if (stream_.over()) return false;
      space_.set(next, nest);
      if (!space_.legal(nest)) continue;
      const Cost cost = model.evaluate(nest, array, buffer_);
      stream_.count(nest, cost, stream_.cost.judge(nest, cost));
    }
    return true;
  }

  Stream& stream_;
  const MapSpace& space_;
  SplitTree tree_;
  std::optional<CostBounds> bounds_;
  CostModel::BufferLevel buffer_;
};

}  // namespace

bool search_tree(Stream& stream, bool with_bounds) { return TreeSearch(stream, with_bounds).run(); }

}  // namespace chasm
