// Silicon area of an architecture as far as an energy table knows it: PE datapaths, register files
// and the global buffer. Not counted: wires, control, clock tree, DMA and prefetch FIFOs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/arch/arch_spec.h"
#include "models/energy/energy_table.h"

namespace chasm {

struct AreaLine {
  std::string component;  // "CLP.pe", "CLP.register_file", "global_buffer"
  double mm2 = 0;
  std::string source;
};

// Empty where the table lacks the area of any component: a sum with a hole would be taken for the
// whole.
std::vector<AreaLine> area_lines(const ArchSpec&, const EnergyTable&);
std::optional<double> area_mm2(const ArchSpec&, const EnergyTable&);

}  // namespace chasm
