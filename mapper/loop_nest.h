// The loops of a mapping in the fixed-size form that the search and the cost model work on.
#pragma once

#include <array>
#include <cstdint>

#include "models/program/program.h"
#include "mapper/mapping.h"

namespace chasm {

struct LoopNest {
  DimArray<std::uint64_t> rf = ones();  // extents of one PE in a step
  DimArray<std::uint64_t> x = ones(), y = ones();
  // Loops of the DRAM level and then of the buffer level, outermost first, each with more than one
  // trip.
  std::array<Loop, 4 * kDims> loops{};
  std::size_t dram = 0, count = 0;
  std::array<std::uint32_t, kOperands> buffer_tiles{1, 1, 1};

  std::uint64_t spatial(Dim d) const { return x[d] * y[d]; }
  std::uint64_t array(Dim d) const { return rf[d] * spatial(d); }
  void add(Dim d, std::uint64_t trips) {
    if (trips > 1) loops[count++] = {d, trips};
  }
};

LoopNest to_nest(const Program&);
LoopNest to_nest(const OperationMapping&);  // no tiles where it names none
// The prototype with the loops and buffer tiles of the nest.
Program to_program(const Program& prototype, const LoopNest&);
OperationMapping to_mapping(const LoopNest&, const std::string& chunk);

}  // namespace chasm
