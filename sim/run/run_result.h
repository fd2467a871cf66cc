// Everything one run has to say; reports are views of it (docs/formats.md, "Result").
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "workloads/network.h"
#include "models/arch/area.h"
#include "models/arch/energy_bill.h"
#include "models/energy/activity.h"
#include "models/program/operation.h"
#include "traces/cause.h"
#include "traces/engine.h"
#include "models/memory/dram/dram_stats.h"

namespace chasm {

using EnergyEntry = BillLine;

struct LayerResult {
  std::string name;
  std::string type;        // "conv2d", ...
  std::string arithmetic;  // "multiply", "shift", "adder" or "none"
  std::string chunk;
  std::uint64_t image = 0;
  std::uint64_t start_cycle = 0, end_cycle = 0;  // core cycles; cycles = end - start
  std::uint64_t operations = 0;                  // executed, padded positions included
  std::uint64_t peak_operations_per_cycle = 0;   // of its chunk, in this layer's arithmetic
  CyclesByCause cycles_by_cause{};               // adds up to end - start
  Activity activity;
  ActivityWidths widths;
  std::array<bool, kOperands> kept{};  // input, weight, output: the whole tensor in the buffer
  double energy_pj = 0;                // the sum of its parts, in their order
  EnergyByPart energy_by_part_pj{};
  std::string mapping;  // the loop nest in one line, e.g. "dram K4 P2 | buffer C8 | ..."

  std::uint64_t cycles() const { return end_cycle - start_cycle; }
  double pe_utilization() const;  // operations / (cycles x peak), 0 when cycles = 0
};

struct ChunkResult {
  std::string name;
  std::uint64_t pes = 0;
  std::uint64_t operations = 0;
  std::uint64_t peak_operations_per_cycle = 0;  // in its fastest arithmetic
  double pe_utilization = 0;                    // over the whole run
  CyclesByCause cycles_by_cause{};              // adds up to the total cycles of the run
};

struct RunResult {
  // Inputs, expanded: what one needs to repeat the run.
  Json architecture, workload, mapping, options;
  Json tool;  // what made a result that was read from a file; null: this program

  std::uint64_t cycles = 0;
  double clock_hz = 0;
  std::uint64_t images = 1;
  OperationCounts operations;                               // executed
  std::uint64_t dram_read_bytes = 0, dram_write_bytes = 0;  // 64-byte bursts
  double dram_bandwidth_utilization = 0;
  double dram_peak_bytes_per_cycle = 0;  // of all channels, a core cycle
  // None for the ideal DRAM; cycles are those of the memory clock. Where the result was read from
  // a file: only those of the data bus.
  std::optional<DramStats> dram;
  std::optional<double> row_hit_rate;
  std::uint64_t dram_bus_cycles = 0;  // of all channels
  double pe_utilization = 0;          // of all PEs over the whole run
  std::optional<double> area_mm2;     // the sum of `area`, in its order; none: not all is known
  std::vector<AreaLine> area;
  std::uint64_t kernel_activations =
      0;  // SystemC process activations, a counted figure of the simulator

  // Leakage, clock; of a DRAM charged by its currents, rows, refresh and standing by. All else is
  // the layers'.
  double shared_energy_pj = 0;
  std::vector<EnergyEntry> energy;  // totals.energy_j is the sum of total_pj in this order
  std::vector<LayerResult> layers;  // in execution order
  std::vector<ChunkResult> chunks;
  std::vector<EngineReport> engines;  // of the chunks, then global buffer, DRAM

  // host: never part of a comparison
  double wall_s = 0;
  std::uint64_t peak_rss_bytes = 0;

  double energy_pj() const;
  double latency_s() const;
};

}  // namespace chasm
