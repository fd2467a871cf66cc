// What "chasm dram" says of a replayed trace, as JSON and as text.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "models/memory/dram/dram_config.h"
#include "models/memory/dram/dram_stats.h"
#include "sim/report/text_table.h"

namespace chasm {

struct DramRun {
  DramConfig config;
  Cycle cycles = 0;  // of the memory clock, to the end of the last data
  DramStats stats;
  LatencyHistogram latency_from_due;
  double wall_s = 0;
};

// Everything but `host`, which is last, is the same on any machine.
Json to_json(const DramRun&);
std::string_view dram_result_schema();
std::string render_report(const DramRun&, const TextStyle&);

}  // namespace chasm
