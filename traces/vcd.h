// Value change dump (IEEE 1364-2005, section 18), which GTKWave and its like open: a scope a group,
// one time unit a core cycle (docs/formats.md, "Traces").
#pragma once

#include <cstdint>

#include "traces/text_sink.h"
#include "traces/timeline.h"

namespace chasm {

void write_vcd(const Timeline&, std::uint64_t clock_hz, const TextSink&);

}  // namespace chasm
