// From what the hardware did to what it cost: activity of every layer x unit energies of a table,
// as lines that say what was counted, what one costs, and who says so.
//
// Each line's unit is a property of the machine (chunk, width), so lines of all layers merge, and
// the energies of the layers, leakage and clock add up to the total. A word on an input, weight or
// psum bus and in a register file has the width it has in the PEs; an output on its bus, and every
// word in the global buffer, has its stored width. DRAM is charged for the 64-byte bursts that were
// moved, over-fetch included, by the table; one with banks that the table does not name by its own
// currents, and then also for its rows, refresh and standby, which belong to no layer. A bus word
// costs the same however many PEs take it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/units.h"
#include "models/arch/arch_spec.h"
#include "models/arch/energy_actions.h"
#include "models/energy/energy_table.h"
#include "models/memory/dram/dram_stats.h"

namespace chasm {

struct BillLine {
  std::string component;  // "CLP.pe", "CLP.register_file.input", "CLP.bus.weight", "CLP.reduction",
                          // "CLP.clock", "global_buffer", "dram", "leakage", "clock"
  std::string action;     // "multiply_8b", "read_6b", "word_8b", "hop_16b", "pe_cycle",
                          // "read_burst_64B", "cycle"
  std::uint64_t count = 0;
  double unit_pj = 0;
  double total_pj = 0;  // count x unit
  std::string source;
};

// What a layer spends on, in the order of the bill.
enum class EnergyPart { pe, register_file, bus, reduction, global_buffer, dram };
inline constexpr std::size_t kEnergyParts = 6;
const char* to_string(EnergyPart);
using EnergyByPart = std::array<double, kEnergyParts>;  // pJ

struct EnergyBill {
  // Actions that happened, one line each: chunk by chunk in the order of the architecture, then
  // global buffer, DRAM, leakage, clock; narrower words first.
  std::vector<BillLine> lines;
  std::vector<double> item_pj;             // of each item; what follows is not included
  std::vector<EnergyByPart> item_part_pj;  // item_pj is their sum, in this order
  double leakage_pj = 0, clock_pj = 0;
  double dram_upkeep_pj = 0;  // of a DRAM charged by its currents: rows, refresh, standing by

  double total_pj() const;  // sum of the lines, in their order
};

PeOperation pe_operation(PeKind);

// Whether a DRAM with banks is charged command by command, by its own currents: where the table has
// no entry for its standard.
bool charged_by_currents(const DramSpec&, const EnergyTable&);

// Whether the table has an entry for every kind of PE and the DRAM of this architecture; what is
// missing becomes a diagnostic. To be asked before a simulation, not after it.
bool covers(const EnergyTable&, const ArchSpec&, Diagnostics&);
// The architecture's own table, if it can be read and covers it.
std::optional<EnergyTable> table_for(const ArchSpec&, Diagnostics&);

// The clock tree of the whole machine.
double clock_pj_per_cycle(const ArchSpec&, const EnergyTable&);

// Only for a table that covers the architecture; the chunks of the items are those of `spec`.
// `dram`: what a DRAM with banks did; null for an ideal one.
EnergyBill energy_bill(const ArchSpec& spec, const EnergyTable&, const std::vector<BillItem>&,
                       Cycle total_cycles, const DramStats* dram = nullptr);

}  // namespace chasm
