// What every mapping of a space obeys, dimension by dimension.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/program/program.h"
#include "mapper/nest_limits.h"
#include "mapper/splits.h"

namespace chasm {

struct SpaceRules {
  // Loops of the DRAM or the buffer level.
  struct Order {
    std::optional<std::vector<Loop>> loops;  // exactly these
    // Else a loop of a lower band lies outside all of a higher one; inside a band any order.
    DimArray<std::uint8_t> band{};
  };
  DimArray<SplitRules> factors;
  Order dram, buffer;
  std::array<std::optional<std::uint32_t>, kOperands> buffer_tiles;

  FactorRule& at(Dim d, Level level) { return factors[d].at(level); }
};

// What holds for every legal mapping of the operation on the chunk.
SpaceRules free_rules(const Operation&, const NestLimits&);

}  // namespace chasm
