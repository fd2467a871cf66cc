// A nest of ours as Timeloop would see it: levels DRAM, buffer and PE, each with room for the tiles
// of all three tensors. Where loops do not divide a bound it is the nest of the padded layer, whose
// factors are perfect and which costs more: more operations, more words.
#pragma once

#include "mapper/loop_nest.h"
#include "tests/support/timeloop/counter.h"

namespace chasm::timeloop {

struct UnitEnergies {
  double operation = 1, pe = 1, buffer = 6, dram = 200;
};

// `bypass`: what the buffer does not keep. Of an operation whose image is not padded.
Mapping mapping_of(const LoopNest&, const std::array<bool, 3>& bypass, std::uint64_t stride,
                   const UnitEnergies&);

// Rule 1 with single buffering: words that fit each PE's register files, by Tensor, and the buffer.
bool fits(const Mapping&, const std::array<std::uint64_t, 3>& pe_words, std::uint64_t buffer_words);

}  // namespace chasm::timeloop
