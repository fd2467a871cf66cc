// How many 64-byte lines a program reads from DRAM and writes there, exactly, partly used ones
// included (docs/microarchitecture.md, section 4). Lines depend on where a tile lies, so every
// distinct move of a tile is looked at once: for mappings that are chosen, not for a search.
#pragma once

#include "models/program/program.h"

namespace chasm {

struct LineCounts {
  std::uint64_t reads = 0, writes = 0;
  bool operator==(const LineCounts&) const = default;
};

LineCounts count_lines(const Program&);

}  // namespace chasm
