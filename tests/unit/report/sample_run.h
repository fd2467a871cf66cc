// A small run, made by hand: two layers of two chunks, every kind of number in it different.
#pragma once

#include "sim/run/run_result.h"

namespace chasm::testing_support {

inline LayerResult sample_layer(const std::string& name, const std::string& chunk,
                                std::uint64_t start, std::uint64_t end) {
  LayerResult layer;
  layer.name = name;
  layer.type = "conv2d";
  layer.arithmetic = chunk == "CLP" ? "multiply" : "shift";
  layer.chunk = chunk;
  layer.start_cycle = start;
  layer.end_cycle = end;
  layer.operations = (end - start) * 3;
  layer.peak_operations_per_cycle = 4;
  layer.cycles_by_cause[static_cast<std::size_t>(Cause::busy)] = (end - start) / 4;
  layer.cycles_by_cause[static_cast<std::size_t>(Cause::wait_weight)] =
      end - start - (end - start) / 4;
  layer.activity.pe_operations = layer.operations;
  layer.activity.dram[WordKind::output] = {0, 11};
  layer.activity.dram[WordKind::psum] = {5, 7};
  layer.activity.bus_words[WordKind::weight] = 21;
  layer.activity.reduction_words = 9;
  layer.activity.dram_read_bursts = 2;
  layer.widths.stored.values = {8, 8, 16, 8};
  layer.widths.pe.values = {6, 6, 16, 6};
  layer.energy_pj = 10;
  layer.energy_by_part_pj = {4, 3, 1, 0.5, 0.5, 1};
  layer.mapping = "dram K4 | rf C2";
  return layer;
}

inline RunResult sample_run() {
  RunResult run;
  run.architecture = {{"name", "two-chunks"}};
  run.workload = {{"name", "two-layers"}};
  run.mapping = {{"layers", Json::object()}};
  run.options = {{"images", 1}};
  run.cycles = 1000;
  run.clock_hz = 250e6;
  run.operations = {1200, 1800, 0};
  run.dram_read_bytes = 256;
  run.dram_write_bytes = 128;
  run.dram_bandwidth_utilization = 0.024;
  run.dram_peak_bytes_per_cycle = 16;
  run.pe_utilization = 0.375;
  run.energy = {{"CLP.pe", "multiply_8b", 1200, 0.25, 300, "a table"},
                {"CLP.register_file.input", "read_8b", 100, 1, 100, "a table"},
                {"dram", "read_burst", 6, 100, 600, "a table"}};
  run.layers = {sample_layer("stem", "CLP", 0, 400), sample_layer("body", "SLP", 400, 1000)};
  ChunkResult clp{"CLP", 4, 1200, 4, 0.3, {}};
  clp.cycles_by_cause = {100, 0, 300, 0, 0, 0, 0, 0, 600};
  ChunkResult slp{"SLP", 4, 1800, 4, 0.45, {}};
  slp.cycles_by_cause = {150, 0, 450, 0, 0, 0, 400, 0, 0};
  run.chunks = {clp, slp};
  run.engines = {{"CLP.input_bus", {300, 10, 20, 30, 40, 600}},
                 {"global_buffer.port0", {400, 0, 1, 0, 0, 599}}};
  run.wall_s = 0.5;
  run.peak_rss_bytes = 1 << 20;
  return run;
}

}  // namespace chasm::testing_support
