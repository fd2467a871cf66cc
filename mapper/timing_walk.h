// The cycles of a program alone on its machine, by the laws of docs/microarchitecture.md: the same
// recurrences over steps, fills, residencies, buffer tiles and lines that the hardware follows,
// over scalar times, in order of time where they meet at a shared resource. Exact where the DRAM is
// ideal; rows and banks are estimated (mapper/walk_banks.h). No timing is shared with the
// simulator.
//
// Where the machine repeats itself from one iteration of a loop to the next, the repetitions are
// not walked: the time of one is added as often as there are.
#pragma once

#include <limits>

#include "models/arch/arch_spec.h"
#include "models/program/program.h"

namespace chasm {

struct WalkedTiming {
  Cycle cycles = 0;  // from the start to the end of the program
  // What the issue stage did in them (section 7): they add up to the cycles.
  Cycle busy = 0, wait_input = 0, wait_weight = 0, wait_psum = 0, wait_output = 0, wait_dram = 0,
        ramp = 0;
  // Cycles that bursts waited for a port of the global buffer, and for a bank: 0 where nobody
  // meets.
  std::uint64_t port_wait = 0, bank_wait = 0;
  std::uint64_t events = 0;  // that were walked one by one
};

struct WalkOptions {
  bool repeat = true;  // jump over repetitions
  // A walk that has come beyond that ends there: its cycles are more, but not all.
  Cycle most_cycles = std::numeric_limits<Cycle>::max();
};

WalkedTiming walk_timing(const Program&, const ChunkSpec&, const ArchSpec&,
                         const WalkOptions& = {});
inline Cycle walk_cycles(const Program& program, const ChunkSpec& chunk, const ArchSpec& arch,
                         const WalkOptions& options = {}) {
  return walk_timing(program, chunk, arch, options).cycles;
}

}  // namespace chasm
