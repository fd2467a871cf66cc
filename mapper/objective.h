// What a search makes small, as one number of a mapping's cost.
#pragma once

#include "mapper/cost_model.h"

namespace chasm {

enum class Objective { edp, latency, energy };

class Score {
 public:
  Score(Objective objective, const CostModel& model)
      : objective_(objective),
        least_energy_(model.least_energy()),
        least_cycles_(model.least_cycles()) {}

  double operator()(const Cost& cost) const { return of(cost.cycles, cost.steps, cost.energy); }
  // Falls with none of the three, so that of lower bounds it is one itself.
  double of(double cycles, double steps, double energy) const {
    // A step costs simulation time: of equally good mappings the one with longer steps wins, at the
    // price of this many cycles a step.
    constexpr double kStepCycles = 0.15;
    cycles += kStepCycles * steps;
    switch (objective_) {
      case Objective::edp:
        return cycles * energy;
      // The other figure decides between near equals, at a hundredth of its ratio to its bound.
      case Objective::latency:
        return cycles * (1 + 0.01 * energy / least_energy_);
      case Objective::energy:
        return energy * (1 + 0.01 * cycles / least_cycles_);
    }
    return 0;
  }

 private:
  Objective objective_;
  double least_energy_, least_cycles_;
};

}  // namespace chasm
