// What each file of benchmarks registers.
#pragma once

namespace chasm {

void register_simulations();  // simulate_bench.cpp

}  // namespace chasm
