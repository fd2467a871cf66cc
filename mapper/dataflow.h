// Dataflows as demands on a mapping, after the auto-mapper of NASA (ICCAD'22, section 4.2), for any
// operation. docs/formats.md, "Dataflows", has the table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/program/operation.h"
#include "mapper/space_rules.h"

namespace chasm {

enum class LoopDataflow { free, rs, ws, os, is };
const char* to_string(LoopDataflow);
const std::vector<std::string>& loop_dataflow_names();
std::optional<LoopDataflow> loop_dataflow_from(std::string_view);

// One demand, in words and as a change of the rules.
struct Demand {
  enum class Kind {
    whole_in_rf,     // a PE holds the whole dimension
    whole_on_array,  // it lies across the array as a whole
    absent           // no loop of more than one trip at the level
  };
  Kind kind;
  Dim dim;
  Level level = Level::rf;  // of `absent`

  void apply(SpaceRules&, const Operation&) const;
  std::string text() const;  // "S whole in the register file"
};

// The parameters of Eyeriss' row-stationary mapping (Chen et al., JSSC 2017, table I).
struct RowStationary {
  std::optional<std::uint64_t> n, m;  // images, and output channels, in the buffer
  std::optional<std::uint64_t> p, q;  // filters, and input channels, interleaved in a PE
  std::optional<std::uint64_t> r, t;  // sets of PEs for different input channels, and filters
  std::optional<std::uint64_t> e;     // output rows on the array

  void apply(SpaceRules&) const;
  bool any() const { return n || m || p || q || r || t || e; }
  bool operator==(const RowStationary&) const = default;
};

// Those with an effect, the defining ones first: where not all of them can be met, a mapping meets
// those that go with the ones before.
std::vector<Demand> demands_of(LoopDataflow, const RowStationary&, const Operation&);

// The order of the buffer loops, which every mapping can meet: those that leave the stationary
// operand alone lie inside the others.
void order_loops(LoopDataflow, const Operation&, SpaceRules&);

}  // namespace chasm
