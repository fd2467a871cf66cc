// What a search makes small, as one number of a mapping's cost.
#pragma once

#include "mapper/cost_model.h"

namespace chasm {

enum class Objective { edp, latency, energy };

// What is made small, of what was simulated or estimated.
inline double objective_value(Objective objective, double cycles, double energy) {
  return objective == Objective::edp       ? cycles * energy
         : objective == Objective::latency ? cycles
                                           : energy;
}

// The same of a mapping that a search looks at, with what decides between near equals.
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
    const double value = objective_value(objective_, cycles, energy);
    if (objective_ == Objective::edp) return value;
    // The other figure decides between near equals, at a hundredth of its ratio to its bound.
    const bool latency = objective_ == Objective::latency;
    const double other = latency ? energy : cycles;
    return value * (1 + 0.01 * other / (latency ? least_energy_ : least_cycles_));
  }

 private:
  Objective objective_;
  double least_energy_, least_cycles_;
};

}  // namespace chasm
