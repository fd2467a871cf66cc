// Whether a space has a legal mapping at all, and why not.
#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"
#include "models/program/verify.h"
#include "mapper/mapspace.h"

namespace chasm {
namespace {

// What a split of a dimension needs: all of it is the better the less it is.
struct Needs {
  std::uint64_t tile = 1, array = 1, rf = 1, x = 1, y = 1;
  bool accumulates = false;
  // Loops at a level stand in the way of the passes of a row operation.
  bool dram = false, buffer = false;

  auto key() const { return std::tie(tile, array, rf, x, y, accumulates, dram, buffer); }
  bool no_more_than(const Needs& other) const {
    return tile <= other.tile && rf <= other.rf && x <= other.x && y <= other.y &&
           accumulates <= other.accumulates && dram <= other.dram && buffer <= other.buffer;
  }
};

struct Candidate {
  Needs needs;
  std::uint32_t split;
};

Needs needs_of(const Split& split, Dim d, const Operation& operation) {
  Needs needs{std::min(split.array() * split.buffer, operation.bounds[d]),
              split.array(),
              split.rf,
              split.x,
              split.y,
              false,
              false,
              false};
  const bool temporal = split.dram > 1 || split.buffer > 1;
  needs.accumulates = temporal && operation.is_reduction(d) && !operation.is_row_op();
  if (operation.is_row_op()) needs.dram = split.dram > 1, needs.buffer = split.buffer > 1;
  return needs;
}

// Of the splits of a dimension those that no other undercuts, the smallest tiles first.
std::vector<Candidate> candidates(const MapSpace& space, Dim d) {
  std::vector<Candidate> all;
  for (const Split& split : space.splits(d))
    all.push_back({needs_of(split, d, space.operation()), static_cast<std::uint32_t>(all.size())});
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return a.needs.key() < b.needs.key();
  });
  std::vector<Candidate> front;
  for (const Candidate& c : all) {
    const bool undercut = std::any_of(front.begin(), front.end(), [&](const Candidate& f) {
      return f.needs.no_more_than(c.needs);
    });
    if (!undercut) front.push_back(c);
  }
  return front;
}

// Tries the candidates of one dimension after the other.
class SmallestPoint {
 public:
  explicit SmallestPoint(const MapSpace& space) : space_(space) {
    for (const Dim d : kAllDims) {
      fronts_[d] = candidates(space, d);
      if (fronts_[d].empty()) continue;
      // What the dimension needs at least.
      const auto least = [&](std::uint64_t Needs::*what) {
        const auto least_of = std::min_element(
            fronts_[d].begin(), fronts_[d].end(),
            [&](const Candidate& a, const Candidate& b) { return a.needs.*what < b.needs.*what; });
        return least_of->needs.*what;
      };
      rf_[d] = least(&Needs::rf);
      tile_[d] = least(&Needs::tile);
      x_[d] = least(&Needs::x);
      y_[d] = least(&Needs::y);
    }
  }

  // The smallest split of each dimension, whether they are legal together or not.
  MapSpace::Point smallest_splits() const {
    MapSpace::Point point;
    for (const Dim d : kAllDims) point.split[d] = fronts_[d].front().split;
    return point;
  }

  std::optional<MapSpace::Point> run() {
    if (space_.size() == 0 || !choose(0, false)) return std::nullopt;
    return space_.canonical(point_);
  }

 private:
  bool choose(std::size_t dim, bool accumulates) {
    if (!may_fit(accumulates)) return false;
    if (dim == kDims) return space_.legal(space_.nest(point_));
    const Dim d = kAllDims[dim];
    const std::array before = {rf_[d], tile_[d], x_[d], y_[d]};
    for (const Candidate& c : fronts_[d]) {
      point_.split[d] = c.split;
      rf_[d] = c.needs.rf, tile_[d] = c.needs.tile, x_[d] = c.needs.x, y_[d] = c.needs.y;
      if (choose(dim + 1, accumulates || c.needs.accumulates)) return true;
    }
    rf_[d] = before[0], tile_[d] = before[1], x_[d] = before[2], y_[d] = before[3];
    return false;
  }

  bool may_fit(bool accumulates) const {
    const ProgramLimits& limits = space_.limits().of_chunk();
    std::uint64_t columns = 1, rows = 1;
    for (const Dim d : kAllDims) {
      columns *= x_[d];
      rows *= y_[d];
      if (columns > limits.cols || rows > limits.rows) return false;
    }
    return space_.limits().register_files_hold(rf_) &&
           space_.tile_bytes(tile_, accumulates) <= limits.buffer_capacity_bytes;
  }

  const MapSpace& space_;
  DimArray<std::vector<Candidate>> fronts_;
  // Of the candidates chosen, and the least of the others.
  DimArray<std::uint64_t> rf_ = ones(), tile_ = ones(), x_ = ones(), y_ = ones();
  MapSpace::Point point_;
};

// A chunk that has room for everything, with the same rules.
ProgramLimits endless(ProgramLimits limits) {
  limits.rows = limits.cols = UINT64_MAX;
  limits.register_file_words.fill(UINT64_MAX);
  limits.buffer_capacity_bytes = UINT64_MAX;
  return limits;
}

}  // namespace

std::optional<MapSpace::Point> MapSpace::smallest() const { return SmallestPoint(*this).run(); }

std::string MapSpace::why_empty() const {
  if (smallest()) return "";
  const ProgramLimits& limits = limits_.of_chunk();
  const MapSpace wider(limits_.prototype(), endless(limits), rules_);
  std::string reasons;
  const auto add = [&](const std::string& reason) {
    reasons += (reasons.empty() ? "" : "; ") + reason;
  };
  for (const Dim d : kAllDims)
    if (wider.splits(d).empty()) add(why_no_split(d));
  if (!reasons.empty()) return reasons;
  const LoopNest nest = wider.nest(SmallestPoint(wider).smallest_splits());
  Diagnostics faults;
  verify_program(to_program(limits_.prototype(), nest), limits, "", "", faults);
  for (const Diagnostic& fault : faults.all())
    add(fault.message + (fault.hint.empty() ? "" : "; " + fault.hint));
  if (!reasons.empty()) return reasons;
  return fmt::format("{}: each dimension has splits that fit, but no choice of them fits together",
                     operation_.name);
}

std::string MapSpace::why_no_split(Dim d) const {
  std::uint64_t covered = 1;
  for (const FactorRule& rule : rules_.factors[d].levels)
    if (__builtin_mul_overflow(covered, rule.fixed.value_or(rule.most), &covered))
      covered = UINT64_MAX;
  const std::uint64_t bound = operation_.bounds[d];
  if (covered < bound)
    return fmt::format("{}: the factors allowed of dimension {} cover {} of its {} iterations",
                       operation_.name, letter(d), covered, bound);
  return fmt::format("{}: the demands on dimension {} ({} iterations) contradict each other",
                     operation_.name, letter(d), bound);
}

}  // namespace chasm
