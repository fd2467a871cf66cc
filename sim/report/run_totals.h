// The derived figures of a run, computed once for every report.
#pragma once

#include <optional>
#include <vector>

#include "sim/run/run_result.h"

namespace chasm {

struct RunTotals {
  double latency_s = 0;     // from the first cycle of the first image to the last of the last
  double images_per_s = 0;  // images / latency_s
  double image_latency_s =
      0;  // of one image, from its first layer's start to its last one's end: the mean
  std::optional<double>
      steady_images_per_s;      // by the ends of the middle half of the images; none for one
  double energy_j = 0;          // sum of the energy entries, in their order
  double edp_js = 0;            // energy_j x latency_s
  double average_power_w = 0;   // energy_j / latency_s
  double dram_bytes_per_s = 0;  // (read + written bytes) / latency_s
};

RunTotals totals_of(const RunResult&);

// Of all layers.
std::uint64_t gated_operations(const RunResult&);

// The rows of a layer over all images added up, in the order of the first image.
std::vector<LayerResult> layers_over_images(const RunResult&);

}  // namespace chasm
