#include "mapper/tilings.h"

#include <algorithm>
#include <map>

#include "base/units.h"
#include "mapper/build_program.h"

namespace chasm {
namespace {

using Factors = DimArray<std::uint64_t>;

// Dimensions that may lie along one side of the array (models/program/verify.h has the rules).
std::vector<std::vector<Dim>> sides(const Operation& operation, const ChunkSpec& chunk, bool rows) {
  std::vector<Dim> dims;
  const auto usable = [&](Dim d) {
    const bool row = operation.is_row_op() && (d == Dim::C || d == Dim::R);
    const bool adds = !operation.is_reduction(d) || chunk.interconnect == Interconnect::systolic ||
                      chunk.spatial_reduction != SpatialReduction::none;
    return operation.bounds[d] > 1 && !row && adds;
  };
  const auto keep = [&](std::vector<Dim> wanted) {
    wanted.erase(std::remove_if(wanted.begin(), wanted.end(), [&](Dim d) { return !usable(d); }),
                 wanted.end());
    return wanted;
  };
  if (chunk.interconnect == Interconnect::multicast)
    return {keep({kAllDims.begin(), kAllDims.end()})};
  const ProgramLimits limits = limits_of(chunk, {});
  return {keep({rows ? limits.systolic_row : limits.systolic_col})};
}

// The largest factor up to `cap` that splits the bound evenly: no PE more than the number of parts
// needs.
std::uint64_t even_factor(std::uint64_t bound, std::uint64_t cap) {
  return cap >= bound ? bound : ceil_div(bound, ceil_div(bound, cap));
}

// PEs in use on average where those factors spread the dimensions.
double used_pes(const Operation& operation, const Factors& factors) {
  double pes = 1;
  for (const Dim d : kAllDims) {
    if (factors[d] == 1) continue;
    const std::uint64_t bound = operation.bounds[d];
    pes *= static_cast<double>(bound) / static_cast<double>(ceil_div(bound, factors[d]));
  }
  return pes;
}

// One or two dimensions along a side of `pes` PEs, the best used first.
std::vector<Factors> side_choices(const Operation& operation,
                                  const std::vector<std::vector<Dim>>& sets, std::uint64_t pes) {
  std::vector<Factors> choices{ones()};
  for (const std::vector<Dim>& dims : sets) {
    for (std::size_t i = 0; i < dims.size(); ++i) {
      Factors one = ones();
      one[dims[i]] = even_factor(operation.bounds[dims[i]], pes);
      choices.push_back(one);
      for (std::size_t j = 0; j < dims.size(); ++j) {
        if (i == j) continue;
        for (const std::uint64_t f : balanced_factors(operation.bounds[dims[i]], pes / 2, 1.3, 6)) {
          Factors two = ones();
          two[dims[i]] = f;
          two[dims[j]] = even_factor(operation.bounds[dims[j]], pes / f);
          if (f > 1) choices.push_back(two);
        }
      }
    }
  }
  std::stable_sort(choices.begin(), choices.end(), [&](const Factors& a, const Factors& b) {
    return used_pes(operation, a) > used_pes(operation, b);
  });
  return choices;
}

// Fills in one dimension after another, largest factors first, and drops what no longer fits.
class RegisterTiler {
 public:
  RegisterTiler(const LoopNest& spatial, const Operation& operation, const ProgramLimits& limits,
                bool whole_reductions)
      : nest_(spatial), operation_(operation), limits_(limits), whole_(whole_reductions) {}

  std::vector<LoopNest> run() {
    nest_.rf = ones();
    if (fits()) fill(0);
    return std::move(found_);
  }

 private:
  bool fits() const {
    for (std::size_t o = 0; o < kOperands; ++o) {
      const std::uint64_t copies = limits_.double_buffered[o] ? 2 : 1;
      if (tile_words(operation_.access[o], nest_.rf) * copies > limits_.register_file_words[o])
        return false;
    }
    return true;
  }

  void fill(std::size_t position) {
    // Reductions first: they are worth most in a PE.
    static constexpr std::array kOrder = {Dim::S, Dim::R, Dim::C, Dim::K,
                                          Dim::Q, Dim::P, Dim::G, Dim::N};
    static constexpr std::array<std::size_t, kDims> kMost = {2, 2, 6, 7, 6, 5, 5, 3};
    if (position == kOrder.size()) {
      found_.push_back(nest_);
      return;
    }
    const Dim d = kOrder[position];
    const std::uint64_t bound = ceil_div(operation_.bounds[d], nest_.spatial(d));
    std::vector<std::uint64_t> factors;
    if (operation_.is_row_op() && d == Dim::R) {
      factors = {1};
    } else if (whole_ && operation_.is_reduction(d)) {
      factors = {bound};
    } else {
      factors = balanced_factors(bound, largest_fitting(d, bound), 1.3, kMost[position]);
    }
    for (const std::uint64_t f : factors) {
      nest_.rf[d] = f;
      if (fits()) fill(position + 1);
    }
    nest_.rf[d] = 1;
  }

  std::uint64_t largest_fitting(Dim d, std::uint64_t bound) {
    std::uint64_t low = 1, high = bound;  // tile words never fall as a factor grows
    while (low < high) {
      nest_.rf[d] = low + (high - low + 1) / 2;
      if (fits()) {
        low = nest_.rf[d];
      } else {
        high = nest_.rf[d] - 1;
      }
    }
    nest_.rf[d] = 1;
    return low;
  }

  LoopNest nest_;
  const Operation& operation_;
  const ProgramLimits& limits_;
  const bool whole_;
  std::vector<LoopNest> found_;
};

}  // namespace

std::vector<std::uint64_t> balanced_factors(std::uint64_t bound, std::uint64_t cap, double ratio,
                                            std::size_t most) {
  std::vector<std::uint64_t> factors;
  for (std::uint64_t f = even_factor(bound, std::max<std::uint64_t>(cap, 1)); f > 1;) {
    if (factors.size() + 1 >= most) break;
    factors.push_back(f);
    const auto next = static_cast<std::uint64_t>(static_cast<double>(f) / ratio);
    f = even_factor(bound, std::max<std::uint64_t>(std::min(next, f - 1), 1));
  }
  factors.push_back(1);
  return factors;
}

std::vector<LoopNest> spatial_choices(const Operation& operation, const ChunkSpec& chunk) {
  constexpr std::size_t kASide = 40, kAll = 40;
  const auto columns = side_choices(operation, sides(operation, chunk, false), chunk.cols);
  const auto rows = side_choices(operation, sides(operation, chunk, true), chunk.rows);
  struct Choice {
    double pes;
    LoopNest nest;
  };
  std::map<std::array<std::uint64_t, kDims>, Choice> choices;  // one for each set of factors
  for (std::size_t i = 0; i < std::min(columns.size(), kASide); ++i) {
    for (std::size_t j = 0; j < std::min(rows.size(), kASide); ++j) {
      Choice choice;
      Factors both = ones();
      bool legal = true;
      for (const Dim d : kAllDims) {
        both[d] = columns[i][d] * rows[j][d];
        legal = legal && both[d] <= std::max<std::uint64_t>(operation.bounds[d] * 3 / 2, 1);
      }
      if (!legal) continue;
      choice.pes = used_pes(operation, both);
      choice.nest.x = columns[i];
      choice.nest.y = rows[j];
      choices.try_emplace(both.values, choice);
    }
  }
  std::vector<Choice> sorted;
  for (const auto& [factors, choice] : choices) sorted.push_back(choice);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Choice& a, const Choice& b) { return a.pes > b.pes; });
  std::vector<LoopNest> nests;
  for (const Choice& choice : sorted) {
    if (nests.size() == kAll || choice.pes < 0.4 * sorted[0].pes) break;
    nests.push_back(choice.nest);
  }
  nests.push_back(LoopNest{});
  return nests;
}

std::vector<LoopNest> register_tilings(const LoopNest& spatial, const Operation& operation,
                                       const ProgramLimits& limits, bool whole_reductions) {
  return RegisterTiler(spatial, operation, limits, whole_reductions).run();
}

}  // namespace chasm
