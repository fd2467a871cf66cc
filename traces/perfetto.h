// Chrome's trace-event JSON, which the Perfetto UI (ui.perfetto.dev) opens: a process a group, a
// thread a states track, a counter a level or rate (docs/formats.md, "Traces").
#pragma once

#include <cstdint>

#include "traces/text_sink.h"
#include "traces/timeline.h"

namespace chasm {

void write_perfetto(const Timeline&, std::uint64_t clock_hz, const TextSink&);

}  // namespace chasm
