#include "mapper/choose_options.h"

#include <algorithm>

namespace chasm {
namespace {

// Depth first over the chunks; what is left is bounded by the best of each figure alone.
class Chooser {
 public:
  Chooser(const std::vector<std::vector<ChunkOption>>& options, double budget, Objective objective,
          bool side_by_side)
      : options_(options),
        budget_(budget),
        objective_(objective),
        side_by_side_(side_by_side),
        least_(options.size() + 1),
        chosen_(options.size()) {
    for (std::size_t c = options.size(); c-- > 0;) {
      ChunkOption least = options[c].front();
      for (const ChunkOption& option : options[c]) {
        least.resource = std::min(least.resource, option.resource);
        least.cycles = std::min(least.cycles, option.cycles);
        least.energy = std::min(least.energy, option.energy);
      }
      least_[c] = {least_[c + 1].sum.resource + least.resource,
                   least_[c + 1].sum.cycles + least.cycles,
                   least_[c + 1].sum.energy + least.energy};
      least_[c].slowest = std::max(least_[c + 1].slowest, least.cycles);
    }
  }

  std::optional<std::vector<std::size_t>> run() {
    descend(0, {});
    return best_;
  }

 private:
  struct Partial {
    ChunkOption sum;
    double slowest = 0;
    Partial() = default;
    Partial(double resource, double cycles, double energy) : sum{resource, cycles, energy} {}
  };

  double bound(std::size_t chunk, const Partial& so_far) const {
    const Partial& rest = least_[chunk];
    return score_of(objective_, side_by_side_, std::max(so_far.slowest, rest.slowest),
                    so_far.sum.cycles + rest.sum.cycles, so_far.sum.energy + rest.sum.energy);
  }

  void descend(std::size_t chunk, const Partial& so_far) {
    if (so_far.sum.resource + least_[chunk].sum.resource > budget_ * (1 + 1e-12)) return;
    const double score = bound(chunk, so_far);
    if (best_ && score > score_) return;
    if (chunk == options_.size()) {
      if (best_ && score == score_ && so_far.sum.resource >= resource_) return;
      best_ = chosen_;
      score_ = score;
      resource_ = so_far.sum.resource;
      return;
    }
    for (std::size_t o = 0; o < options_[chunk].size(); ++o) {
      const ChunkOption& option = options_[chunk][o];
      Partial next = so_far;
      next.sum.resource += option.resource;
      next.sum.cycles += option.cycles;
      next.sum.energy += option.energy;
      next.slowest = std::max(next.slowest, option.cycles);
      chosen_[chunk] = o;
      descend(chunk + 1, next);
    }
  }

  const std::vector<std::vector<ChunkOption>>& options_;
  const double budget_;
  const Objective objective_;
  const bool side_by_side_;
  std::vector<Partial> least_;  // of the chunks from there on
  std::vector<std::size_t> chosen_;
  std::optional<std::vector<std::size_t>> best_;
  double score_ = 0, resource_ = 0;
};

}  // namespace

double score_of(Objective objective, bool side_by_side, double slowest, double total_cycles,
                double energy) {
  const double cycles = side_by_side ? slowest : total_cycles;
  switch (objective) {
    case Objective::edp:
      return cycles * energy;
    case Objective::latency:
      return cycles;
    case Objective::energy:
      return energy;
  }
  return 0;
}

std::optional<std::vector<std::size_t>> choose_options(
    const std::vector<std::vector<ChunkOption>>& options, double budget, Objective objective,
    bool side_by_side) {
  for (const std::vector<ChunkOption>& of_a_chunk : options)
    if (of_a_chunk.empty()) return std::nullopt;
  return Chooser(options, budget, objective, side_by_side).run();
}

}  // namespace chasm
