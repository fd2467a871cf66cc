// Cycles of a regular program alone on its machine, in closed form: the max-plus recurrences of
// docs/microarchitecture.md (sections 2, 4, 5 and 8) over scalar times, a few a step and a few a
// line, written from that text alone. No cycle is stepped and nothing is queued: what competes for
// a port, a bank, the DMA or the DRAM link is only checked afterwards.
//
// Regular: a product over K, C and P of two-axis tensors, loops that divide their bounds exactly,
// each dimension at most once a level, C innermost at DRAM level (so that no psum leaves the chip),
// words of 4, 8 or 16 bits.
#pragma once

#include <optional>

#include "models/arch/arch_spec.h"
#include "models/program/program.h"

namespace chasm {

struct ClosedForm {
  std::uint64_t end = 0;   // cycle, for a program that starts at cycle 0
  std::uint64_t busy = 0;  // cycles in which steps issue
};

// None where two requests meet, so that the recurrences say nothing.
std::optional<ClosedForm> closed_form(const ArchSpec&, const Program&);

}  // namespace chasm
