// What a mapping does, in numbers one can follow: the tiles of each level, how often words move and
// are used again.
#pragma once

#include <array>

#include "models/arch/arch_spec.h"
#include "models/energy/activity.h"
#include "models/program/program.h"

namespace chasm {

struct MappingExplanation {
  struct OperandTiles {
    bool used = false, bypasses_buffer = false;
    std::uint64_t tensor_words = 0;  // that the operation touches: all stored ones
    std::uint64_t pe_words = 0, array_words = 0, buffer_words = 0;  // of one tile, padding counted
    std::uint64_t buffer_bytes = 0;                                 // of all its tiles
    std::uint32_t buffer_tiles = 0;
  };
  std::array<OperandTiles, kOperands> tiles;  // input, weight, output
  Activity activity;                          // exact, bursts included
  std::uint64_t steps = 0, dram_iterations = 1;
  std::uint64_t pes_used = 0;  // of a step that is not at an edge
};

// Of a legal program.
MappingExplanation explain_mapping(const Program&, const GlobalBufferSpec&);

}  // namespace chasm
