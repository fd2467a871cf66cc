// The library call behind `chasm run`: an architecture, a network and a mapping become a result.
#pragma once

#include <functional>
#include <string>

#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/mapping.h"
#include "sim/run/run_result.h"
#include "sim/run/scheduler.h"

namespace chasm {

struct SimOptions {
  std::uint64_t images = 1;
  Schedule schedule = Schedule::sequential;
  std::uint64_t keep_on_chip_bytes = 0;  // top of the global buffer, for intermediate tensors
  bool functional =
      false;  // move and compute real values, and compare every layer with the golden arithmetic
  std::string
      tensors_dir;  // functional: read tensors from here, write all of them back; may be empty
  std::uint64_t seed = 1;  // functional: of everything the folder does not hold
  std::function<void(const SimProgress&)> progress;  // called now and then; may be empty
  std::optional<std::uint64_t> max_cycles;           // a run that takes more is stopped
  Recorder* recorder = nullptr;  // told of what happens when, for a trace; may be null
  DramCommandLog* dram_commands =
      nullptr;  // told of every command of a DRAM with banks; may be null
};

// The architecture that a mapping must fit: its buffer without the part that is set apart for
// intermediate tensors, which must be smaller than the buffer.
ArchSpec arch_for_tiles(const ArchSpec&, std::uint64_t keep_on_chip_bytes);

// Simulates every layer, cycle by cycle, and checks the laws that every run must keep
// (docs/architecture.md, "What every run checks"). Once a process: SystemC's kernel is global.
// Throws Error: invalid_input, infeasible, simulation_stopped, or internal when a law is broken.
RunResult simulate(const ArchSpec&, const Network&, const Mapping&, const SimOptions&);

}  // namespace chasm
