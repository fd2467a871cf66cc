#include "mapper/splits.h"

#include <algorithm>

#include "base/units.h"

namespace chasm {
namespace {

// The balanced factors of n up to `cap`, falling; all of them at ratio 1, else those that divide n
// and those that are smaller than the one before by that ratio. The largest one and 1 always.
std::vector<std::uint64_t> balanced(std::uint64_t n, std::uint64_t cap, double ratio) {
  std::vector<std::uint64_t> factors;
  const auto at_most = [n](std::uint64_t f) { return f >= n ? n : ceil_div(n, ceil_div(n, f)); };
  for (std::uint64_t f = at_most(std::max<std::uint64_t>(cap, 1)); f > 1; f = at_most(f - 1)) {
    const bool apart =
        factors.empty() || static_cast<double>(f) * ratio <= static_cast<double>(factors.back());
    if (apart || n % f == 0) factors.push_back(f);
  }
  factors.push_back(1);
  return factors;
}

class Splitter {
 public:
  Splitter(const SplitRules& rules, const SplitTest& fits, double ratio, std::size_t most)
      : rules_(rules), fits_(fits), ratio_(ratio), most_(most) {
    for (std::size_t l = 0; l < kLevels; ++l)
      if (!rules.levels[l].fixed) rest_ = l;
  }

  // Whether they were no more than `most`.
  bool run(std::uint64_t bound) {
    std::uint64_t left = bound;
    for (const FactorRule& rule : rules_.levels)
      if (rule.fixed) left = ceil_div(left, *rule.fixed);
    fill(0, left);
    return found_.size() <= most_;
  }
  std::vector<Split> found() { return std::move(found_); }

 private:
  void fill(std::size_t l, std::uint64_t left) {
    if (found_.size() > most_) return;
    if (l == kLevels) {
      if (left == 1) found_.push_back(split_);
      return;
    }
    std::uint64_t& factor = split_[kAllLevels[l]];
    if (rules_.levels[l].fixed) {
      factor = *rules_.levels[l].fixed;
      if (factor <= rules_.levels[l].most && fits_(split_, kAllLevels[l])) fill(l + 1, left);
    } else if (l == rest_) {
      factor = left;
      if (left <= rules_.levels[l].most && fits_(split_, kAllLevels[l])) fill(l + 1, 1);
    } else {
      const std::vector<std::uint64_t> factors = balanced(left, rules_.levels[l].most, ratio_);
      for (std::size_t i = factors.size(); i-- > 0;) {
        factor = factors[i];
        if (!fits_(split_, kAllLevels[l])) break;
        fill(l + 1, ceil_div(left, factor));
      }
    }
    factor = 1;
  }

  const SplitRules& rules_;
  const SplitTest& fits_;
  const double ratio_;
  const std::size_t most_;
  std::size_t rest_ = kLevels;  // the level that takes what the others leave
  Split split_;
  std::vector<Split> found_;
};

// With the factors of both sides fixed, or free.
std::vector<Split> splits_of(std::uint64_t bound, const SplitRules& rules, const SplitTest& fits,
                             std::size_t most) {
  for (double ratio = 1;; ratio *= ratio < 1.5 ? 1.05 : 1.5) {
    // Far apart enough, there is nothing left to leave out but divisors.
    Splitter splitter(rules, fits, ratio, ratio < 1e3 ? most : SIZE_MAX);
    if (splitter.run(bound)) return splitter.found();
  }
}

}  // namespace

std::vector<Split> make_splits(std::uint64_t bound, const SplitRules& rules, const SplitTest& fits,
                               std::size_t most) {
  if (!rules.spatial) return splits_of(bound, rules, fits, most);
  const std::uint64_t pes = *rules.spatial;
  const std::vector<std::uint64_t> columns = balanced(pes, pes, 1);
  std::vector<Split> all;
  for (const std::uint64_t x : columns) {
    const std::uint64_t y = ceil_div(pes, x);
    if (x * y > pes && pes < bound) continue;
    SplitRules one = rules;
    one.at(Level::x).fixed = x;
    one.at(Level::y).fixed = y;
    const std::vector<Split> splits = splits_of(bound, one, fits, most / columns.size() + 1);
    all.insert(all.end(), splits.begin(), splits.end());
  }
  return all;
}

}  // namespace chasm
