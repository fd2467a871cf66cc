// A trace of memory requests, plain or compressed, on a shipped DRAM.
#include "tests/fuzz/program.h"

namespace chasm::fuzz {

void one_input(std::string_view bytes) { run_command({"dram", "-c", "DDR4-2400", file_of(bytes)}); }

}  // namespace chasm::fuzz
