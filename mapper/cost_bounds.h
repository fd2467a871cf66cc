// Lower bounds of what the cost model says of any mapping, from the splits of some dimensions: what
// every mapping of the others would have to do at least.
#pragma once

#include "models/arch/arch_spec.h"
#include "models/program/program.h"
#include "mapper/cost_model.h"
#include "mapper/splits.h"

namespace chasm {

class CostBounds {
 public:
  CostBounds(const Program& prototype, const ChunkSpec&, const ArchSpec&, const CostModel&);

  struct Bound {
    double cycles = 0, steps = 0, energy = 0;
  };
  // Of the dimensions whose splits are given; nullptr where any is open.
  Bound of(const DimArray<const Split*>& chosen) const;

 private:
  DimArray<std::uint64_t> bounds_;
  double columns_, rows_, lanes_;
  double traffic_cycles_ = 0;             // what the words take that every mapping moves
  double ramp_ = 0;                       // before the first and after the last step
  double energy_ = 0, cycle_energy_ = 0;  // of the same words, and of a cycle
};

}  // namespace chasm
