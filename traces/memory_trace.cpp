#include "traces/memory_trace.h"

#include <fmt/format.h>

namespace chasm {

void write_memory_trace(const Timeline& timeline, const TextSink& sink) {
  BufferedText text(sink);
  timeline.for_each_request([&](Cycle at, bool write, std::uint64_t address) {
    fmt::format_to(text.out(), "{},{},{:#x}\n", at, write ? 'W' : 'R', address);
  });
}

}  // namespace chasm
