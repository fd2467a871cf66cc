// The requests that the DRAM accepted, a line each: `cycle,R|W,hex address` (docs/formats.md,
// "Traces").
#pragma once

#include "traces/text_sink.h"
#include "traces/timeline.h"

namespace chasm {

void write_memory_trace(const Timeline&, const TextSink&);

}  // namespace chasm
