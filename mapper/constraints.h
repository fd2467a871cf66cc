// What a user demands of the mapping of an operation (docs/formats.md, "Constraints"), and the
// rules of the space that follow from it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/program/program.h"
#include "mapper/dataflow.h"
#include "mapper/nest_limits.h"
#include "mapper/space_rules.h"

namespace chasm {

// What is absent is free.
struct MapConstraints {
  struct PerLevel {
    std::optional<std::vector<Loop>> loops;          // exactly these, outermost first
    std::optional<std::vector<Dim>> dims;            // no others have more than one trip
    DimArray<std::optional<std::uint64_t>> factors;  // exactly that many trips
    DimArray<std::optional<std::uint64_t>> most;     // no more trips than that
    bool operator==(const PerLevel&) const = default;
  };
  LoopDataflow dataflow = LoopDataflow::free;
  RowStationary row_stationary;          // of LoopDataflow::rs
  std::array<PerLevel, kLevels> levels;  // by Level
  std::array<std::optional<std::uint32_t>, kOperands> buffer_tiles;
  // What goes past the buffer: of the prototype, so that a space has one choice (bypass_choices).
  std::optional<std::array<bool, kOperands>> bypass;

  PerLevel& at(Level level) { return levels[static_cast<std::size_t>(level)]; }
  const PerLevel& at(Level level) const { return levels[static_cast<std::size_t>(level)]; }
  bool operator==(const MapConstraints&) const = default;
};

std::vector<Demand> demands_of(const MapConstraints&, const Operation&);

// `demands`: those of the dataflow that are to be met. What the user says of a level goes before
// them.
SpaceRules rules_of(const Operation&, const NestLimits&, const MapConstraints&,
                    const std::vector<Demand>& demands);

}  // namespace chasm
