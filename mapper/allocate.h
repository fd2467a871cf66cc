// How many PEs each chunk gets of an area. The chunks that compete are those with PEs for MACs;
// vector units stay as they are.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "models/energy/energy_table.h"

namespace chasm {

// A chunk that competes for PEs.
struct PeDemand {
  std::size_t chunk = 0;  // index in the architecture
  double operations = 0;  // of an image, over what a PE does in a cycle
  double pe_mm2 = 0;      // one PE with its register files
};

// Of the chunks with work. `chunks`: that of every layer (mapper/assign.h). None where the energy
// table has no areas.
std::optional<std::vector<PeDemand>> pe_demands(const ArchSpec&, const Network&,
                                                const std::vector<std::uint32_t>& chunks,
                                                const EnergyTable&);

// The area of the PEs that those chunks have now.
double pe_area_mm2(const ArchSpec&, const std::vector<PeDemand>&);

// PEs of each demand within the area, whole ones, at least one each.
// NASA, ICCAD'22, Eq. (8): as many PEs as operations, N_CLP / O_conv = N_SLP / O_shift = N_ALP /
// O_adder, A_CLP + A_SLP + A_ALP = area.
std::vector<std::uint64_t> allocate_by_operations(const std::vector<PeDemand>&, double mm2);
// The same number for all.
std::vector<std::uint64_t> allocate_evenly(const std::vector<PeDemand>&, double mm2);

struct ArrayShape {
  std::uint32_t rows = 1, cols = 1;
  std::uint64_t pes() const { return std::uint64_t{rows} * cols; }
  bool operator==(const ArrayShape&) const = default;
};
// The array of at most so many PEs that has the most of them, no more than three times as wide as
// high; of several the squarest.
ArrayShape array_of(std::uint64_t pes);

// The architecture with arrays of so many PEs, by demand.
ArchSpec with_pes(ArchSpec, const std::vector<PeDemand>&, const std::vector<std::uint64_t>& pes);

}  // namespace chasm
