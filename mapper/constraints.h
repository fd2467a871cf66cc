// What a user, or a dataflow, demands of a mapping (docs/formats.md, "Constraints"), and the rules
// that follow from it for one operation on one chunk.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/program/program.h"
#include "mapper/nest_limits.h"
#include "mapper/splits.h"

namespace chasm {

// A part of a mapping: what is absent is free.
struct MapConstraints {
  struct PerLevel {
    std::optional<std::vector<Loop>> loops;          // exactly these, outermost first
    std::optional<std::vector<Dim>> dims;            // no others have more than one trip
    DimArray<std::optional<std::uint64_t>> factors;  // exactly this many trips
    DimArray<std::optional<std::uint64_t>> most;     // no more trips than that
  };
  std::array<PerLevel, kLevels> levels;  // by Level
  std::array<std::optional<std::uint32_t>, kOperands> buffer_tiles;

  PerLevel& at(Level level) { return levels[static_cast<std::size_t>(level)]; }
  const PerLevel& at(Level level) const { return levels[static_cast<std::size_t>(level)]; }
};

// What every mapping of a space obeys.
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
};

SpaceRules rules_of(const Program& prototype, const NestLimits&, const MapConstraints&);

}  // namespace chasm
