// Every minimum distance between two commands, as a table: the one place that knows what the timing
// parameters of a standard mean. A constraint whose parameter the standard lacks is not in the
// table.
#pragma once

#include <cstdint>
#include <vector>

#include "models/memory/dram/dram_command.h"
#include "models/memory/dram/dram_config.h"

namespace chasm {

// Which later commands a constraint binds.
enum class DramLevel { bank, bank_group, rank, other_ranks };

struct DramConstraint {
  DramCommand before, after;
  DramLevel level;
  std::uint32_t cycles;  // between their first cycles
};

std::vector<DramConstraint> dram_constraints(const DramConfig&);
std::uint32_t command_cycles(const DramConfig&, DramCommand);

}  // namespace chasm
