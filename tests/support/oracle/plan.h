// What a program makes its chunk do, as explicit lists: every step, every fill, every residency,
// every line. No times.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/arch/arch_spec.h"
#include "models/program/program.h"
#include "tests/support/oracle/layout.h"
#include "tests/support/oracle/readings.h"
#include "tests/support/oracle/words.h"

namespace chasm::oracle {

// The credit rule of a ring of tiles: of the register files with steps, of the buffer with DRAM
// iterations.
struct Ring {
  std::uint64_t capacity = 0;        // words
  std::vector<std::uint64_t> tile;   // T: words held during each step
  std::vector<std::uint64_t> fresh;  // N: words that replace others before it
  std::vector<bool> filled;          // whether it has a fill (load) of its own

  // May the fill of `step` be requested when all steps before `ended` have ended, and no other?
  bool has_room(std::size_t step, std::size_t ended) const;
};

struct Fill {
  std::size_t step, iteration;  // the step it is for, and the DRAM iteration of that
  std::uint64_t words;
  std::uint64_t receivers;
  std::uint64_t beats;      // through the buffer
  std::vector<Line> lines;  // through the prefetch FIFO
};

struct Load {  // of one DRAM iteration; without lines where nothing is new
  std::uint64_t words = 0;
  std::vector<Line> lines;
};

struct OperandPlan {                  // input or weight
  bool used = false, bypass = false;  // a kept one has loads without lines
  bool serial_loads = false;          // by a reading: no line before the load before is ready
  std::vector<Fill> fills;
  std::vector<std::optional<std::size_t>> latest_fill;  // of each step: at or before it
  std::vector<Load> loads;                              // of each DRAM iteration
  std::vector<std::optional<std::size_t>> last_fill;  // of each DRAM iteration: in one of its steps
  Ring registers, buffer;
};

struct Residency {  // of an output tile in the PEs
  std::size_t first_step, last_step;
  Words words;
  std::uint64_t held;  // words summed over the PEs that worked on it
  std::size_t output_tile;
  bool read_back, drains, complete;
  std::uint64_t read_back_beats, drain_beats;
  std::optional<std::size_t> written_by;  // the last residency before that drained words of it
};

struct OutputTile {  // a residency of an output tile in the buffer
  Words words;
  std::optional<std::size_t>
      last_drain;  // residency; none when a row operation is not in its last pass
  bool load_psums, stores, complete;
  std::vector<Line> psum_lines, store_lines;
};

struct Plan {
  Readings readings;
  std::vector<Step> steps;
  std::vector<std::uint64_t> issue;       // cycles of each step
  std::vector<std::size_t> residency_of;  // of each step
  OperandPlan operands[2];                // input, weight
  std::vector<Residency> residencies;
  std::vector<OutputTile> output_tiles;
  std::uint64_t drain_delay = 0;  // from the end of issue to the psum at the output bus
  bool output_kept = false;       // its tiles are places of the kept tensor
  std::uint32_t psum_slots = 1,
                output_slots = 1;  // residencies in the register file, tiles in the buffer
};

Plan make_plan(const ArchSpec&, const ChunkSpec&, const Program&, const Readings& = {});

}  // namespace chasm::oracle
