// What each file of benchmarks registers.
#pragma once

namespace chasm {

void register_simulations();   // simulate_bench.cpp
void register_timing_walks();  // timing_walk_bench.cpp

}  // namespace chasm
