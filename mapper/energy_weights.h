// What the moves of one operation cost in pJ, by the energy table of the architecture: the bill
// (models/arch/energy_bill.h) as a linear function of the counts, so that a search need not write
// bills. Counts of a simulated program give its billed energy.
//
// Of a DRAM that is charged by its currents, what no layer is billed for is spread: standing by and
// refresh over the cycles, as if no power-down were used; activates over the lines, as if lines of
// a row came together.
#pragma once

#include "models/arch/arch_spec.h"
#include "models/energy/energy_table.h"
#include "mapper/word_counts.h"

namespace chasm {

struct EnergyWeights {
  struct Moves {  // of input or weight
    double fill_word = 0, fill_receiver = 0, load_word = 0;
  };
  struct Residencies {
    double complete_word = 0, spilled_word = 0;
  };
  double operations = 0;           // pJ of all of them, register-file accesses included
  std::array<Moves, 2> operand{};  // at Operand::input and Operand::weight
  Residencies drain, store;        // spilled words with their way back
  double held_word = 0;            // of each PE that holds a drained word
  double read_line = 0, write_line = 0;
  double cycle = 0;  // leakage, clock, and the DRAM's standing by

  double of(const WordCounts&) const;  // without lines and cycles
};

// `prototype` gives the operation, its widths and what bypasses the buffer; its loops do not
// matter. The table covers the architecture.
EnergyWeights energy_weights(const Program& prototype, const ChunkSpec&, const ArchSpec&,
                             const EnergyTable&);
// By the architecture's own table, which can be read.
EnergyWeights energy_weights(const Program& prototype, const ChunkSpec&, const ArchSpec&);

// Energy of an operation, and of 16 bits at a level: of a register file access, on the network, of
// a buffer access, to or from DRAM; nothing else costs any. As in Chen et al., ISCA'16, table IV.
struct LevelEnergies {
  double operation = 0, register_file = 1, network = 2, buffer = 6, dram = 200;
};
EnergyWeights energy_weights(const Program& prototype, const LevelEnergies&);

}  // namespace chasm
