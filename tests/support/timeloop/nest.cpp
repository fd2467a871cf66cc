#include "tests/support/timeloop/nest.h"

namespace chasm::timeloop {

Mapping mapping_of(const LoopNest& nest, const std::array<bool, 3>& bypass, std::uint64_t stride,
                   const UnitEnergies& energies) {
  constexpr std::array kAll = {true, true, true};
  Mapping mapping;
  mapping.stride = stride;
  mapping.energy_per_operation = energies.operation;
  mapping.loops.reserve(nest.count + 3 * kDims);
  const auto add = [&](Dim d, std::uint64_t trips, bool spatial) {
    if (trips > 1) mapping.loops.push_back({d, trips, spatial});
  };
  for (std::size_t l = 0; l < nest.dram; ++l) add(nest.loops[l].dim, nest.loops[l].trips, false);
  const std::size_t buffer = mapping.loops.size();
  for (std::size_t l = nest.dram; l < nest.count; ++l)
    add(nest.loops[l].dim, nest.loops[l].trips, false);
  for (const auto* side : {&nest.x, &nest.y})
    for (const Dim d : kAllDims) add(d, (*side)[d], true);
  const std::size_t pe = mapping.loops.size();
  for (const Dim d : kAllDims) add(d, nest.rf[d], false);
  mapping.levels = {{"DRAM", 0, kAll, energies.dram},
                    {"buffer", buffer, {!bypass[0], !bypass[1], !bypass[2]}, energies.buffer},
                    {"PE", pe, kAll, energies.pe}};
  return mapping;
}

bool fits(const Mapping& mapping, const std::array<std::uint64_t, 3>& pe_words,
          std::uint64_t buffer_words) {
  const Level &buffer = mapping.levels[1], &pe = mapping.levels[2];
  std::uint64_t kept = 0;
  for (std::size_t t = 0; t < 3; ++t) {
    if (tile_words(mapping, kTensors[t], pe.outside) > pe_words[t]) return false;
    if (buffer.keeps[t]) kept += tile_words(mapping, kTensors[t], buffer.outside);
  }
  return kept <= buffer_words;
}

}  // namespace chasm::timeloop
