// A DRAM's file, and a short trace on the DRAM it describes.
#include "tests/fuzz/program.h"

namespace chasm::fuzz {
namespace {

// Two rows of a bank, reads and writes, a pause of a few refreshes.
std::string trace() {
  std::string text;
  for (int i = 0; i < 48; ++i)
    text += fmt::format("{},{},0x{:x}\n", i < 32 ? 3 * i : 100'000 + i, i % 3 == 0 ? "W" : "R",
                        i % 2 * 65536 + i / 2 * 64);
  return text;
}

}  // namespace

void one_input(std::string_view bytes) {
  run_command({"dram", "-c", file_of(bytes), file_of(trace(), "trace.csv")});
}

}  // namespace chasm::fuzz
