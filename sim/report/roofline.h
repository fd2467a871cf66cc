// The roofline model (Williams, Waterman, Patterson, CACM 52(4), 2009) of a run: what each layer
// reached, below the peak of its chunk and the bandwidth of the DRAM.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/report/text_table.h"
#include "sim/run/run_result.h"

namespace chasm {

// Of one layer over all images, or of one chunk over the whole run.
struct RooflinePoint {
  std::string name, chunk;
  double operations_per_cycle = 0;  // reached
  double peak = 0;                  // operations per cycle of the chunk, in the layer's arithmetic
  std::optional<double> intensity;  // operations per DRAM byte; none: it moved none
  double roof = 0;                  // the lower of peak and intensity x bandwidth
  bool memory_bound = false;        // the bandwidth is the lower one
  double share_of_roof() const { return roof > 0 ? operations_per_cycle / roof : 0; }
};

struct RooflineChunk {
  std::string name;
  double peak = 0;           // operations per cycle, in its fastest arithmetic
  double ridge = 0;          // operations per byte at which the peak meets the bandwidth
  RooflinePoint all_layers;  // its layers together, over the cycles they took
};

struct Roofline {
  double bytes_per_cycle = 0;  // of the DRAM, peak; 0: not known (an old result)
  std::vector<RooflineChunk> chunks;
  std::vector<RooflinePoint> layers;  // in the order of the run
};

Roofline roofline_of(const RunResult&);
std::string render_roofline(const RunResult&, const TextStyle&);

}  // namespace chasm
