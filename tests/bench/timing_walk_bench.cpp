// How long the timing walk of a layer takes, on mappings of the mapper. The simulation of the same
// layers is in simulate_bench.cpp.
#include <benchmark/benchmark.h>

#include "mapper/lower.h"
#include "mapper/map_network.h"
#include "mapper/timing_walk.h"
#include "tests/bench/benchmarks.h"

namespace chasm {
namespace {

void walk_network(benchmark::State& state, const char* arch_name, const char* network_name) {
  Diagnostics problems;
  const auto document = load_arch_document(arch_name, {}, problems);
  const auto arch = document ? read_arch(*document, problems) : std::nullopt;
  const auto network = load_network(network_name, problems);
  const auto mapping = arch && network ? map_network(*arch, *network, {}, problems) : std::nullopt;
  const auto lowered = mapping ? lower(*arch, *network, *mapping, problems) : std::nullopt;
  if (!lowered) return state.SkipWithError("no mapping");
  std::uint64_t events = 0, cycles = 0;
  for (auto _ : state) {
    events = cycles = 0;
    for (const LoweredOperation& operation : lowered->operations) {
      const WalkedTiming timing =
          walk_timing(operation.program, arch->chunks[operation.chunk], *arch);
      events += timing.events;
      cycles += timing.cycles;
    }
  }
  const auto layers = static_cast<double>(lowered->operations.size());
  state.counters["events_a_layer"] = static_cast<double>(events) / layers;
  state.counters["layers_per_s"] =
      benchmark::Counter(layers, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["cycles_per_s"] = benchmark::Counter(
      static_cast<double>(cycles), benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

void register_timing_walks() {
  for (const auto& [arch, network] :
       {std::pair{"nasa-45nm", "nasa_hybrid_all_b_cifar10"},
        std::pair{"eyeriss-45nm-168", "resnet18"}, std::pair{"eyeriss-45nm-168", "vgg16"},
        std::pair{"systolic-16x16", "resnet18"}}) {
    benchmark::RegisterBenchmark((std::string("walk/") + arch + "/" + network).c_str(),
                                 [arch = arch, network = network](benchmark::State& state) {
                                   walk_network(state, arch, network);
                                 })
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace chasm
