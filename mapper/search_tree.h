// The tree of all choices of splits, one dimension a level of the tree, smallest tiles first.
#pragma once

#include <vector>

#include "mapper/search_stream.h"

namespace chasm {

class SplitTree {
 public:
  enum class Visit { enter, skip, stop };

  explicit SplitTree(const SearchProblem&);

  const std::vector<Dim>& dims() const { return dims_; }  // with a choice, outermost level first
  MapSpace::Point point;                                  // its splits are those chosen so far
  DimArray<const Split*> chosen;                          // nullptr: not yet
  bool fits() const;  // whether others can be so small that all fits

  // Visits what may fit. visit() says what to do below the choices so far, leaf() whether to go on.
  // Of the branches at the root those number `first`, `first` + `stride` and so on. Returns
  // whether it was not stopped.
  template <class Visitor, class Leaf>
  bool descend(std::size_t first, std::size_t stride, const Visitor& visit, const Leaf& leaf) {
    return below(0, first, stride, visit, leaf);
  }

 private:
  struct Least {  // of a dimension: of its split, or of all where none is chosen
    std::uint64_t rf = 1, x = 1, y = 1, tile = 1;
  };
  void choose(Dim, std::uint32_t split);

  template <class Visitor, class Leaf>
  bool below(std::size_t level, std::size_t first, std::size_t stride, const Visitor& visit,
             const Leaf& leaf) {
    if (level == dims_.size()) return leaf();
    const Dim d = dims_[level];
    const Least least = now_[d];
    bool on = true;
    for (std::size_t i = first; on && i < order_[d].size(); i += stride) {
      choose(d, order_[d][i]);
      if (!fits()) continue;
      const Visit what = visit();
      if (what == Visit::stop) on = false;
      if (what == Visit::enter) on = below(level + 1, 0, 1, visit, leaf);
    }
    chosen[d] = nullptr;
    now_[d] = least;
    return on;
  }

  const MapSpace& space_;
  const ProgramLimits limits_;
  std::vector<Dim> dims_;
  DimArray<std::vector<std::uint32_t>> order_;  // of the splits: smallest first
  DimArray<Least> now_;
};

}  // namespace chasm
