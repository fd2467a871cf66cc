// Told when words move and steps execute, so that functional mode can move and compute real values.
// The timing model calls it in the order of dependences and never looks at what it does: cycles are
// the same without.
#pragma once

#include "base/units.h"
#include "models/program/residency_cursor.h"

namespace chasm {

class WordMover {
 public:
  virtual ~WordMover() = default;
  // A buffer tile is complete: the words of the DRAM iteration at these offsets are on chip.
  virtual void load(Operand, const DimArray<std::uint64_t>& offsets) = 0;
  // A fill has been delivered: the array holds the tile at these offsets. `new_words` and
  // `receivers` are what the timing model counted.
  virtual void fill(Operand, std::uint64_t first_step, const DimArray<std::uint64_t>& offsets,
                    std::uint64_t new_words, std::uint64_t receivers) = 0;
  virtual void read_back(const Residency&) = 0;
  // A step executes on the tiles of the latest fills at or before it.
  virtual void execute(std::uint64_t step, const DimArray<std::uint64_t>& offsets) = 0;
  virtual void drain(const Residency&) = 0;
  // Output tiles in the buffer, by number.
  virtual void open_output(std::uint64_t tile, bool load_psums) = 0;
  virtual void store_output(std::uint64_t tile, bool complete) = 0;
};

}  // namespace chasm
