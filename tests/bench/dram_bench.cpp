// The DRAM model alone: requests a second on streams and random traffic, and cycles a second where
// there is almost nothing to do. counters: cycles are those of the memory clock.
#include <benchmark/benchmark.h>

#include "base/rng.h"
#include "models/memory/dram/replay.h"

namespace {

using namespace chasm;

constexpr std::uint64_t kRequests = 200'000;

DramConfig config_of(const char* name) {
  Diagnostics problems;
  auto config = load_dram(name, {}, "", problems);
  CHECK(config, "{}", problems.to_string());
  return *config;
}

template <class Next>
void replay(benchmark::State& state, const char* name, std::uint64_t requests, Next next) {
  const DramConfig config = config_of(name);
  Diagnostics problems;
  const DramAddressMap map = *DramAddressMap::make(config, name, problems);
  Cycle cycles = 0;
  std::uint64_t steps = 0;
  for (auto _ : state) {
    DramReplay replay(config, map);
    Rng rng(1);
    for (std::uint64_t i = 0; i < requests; ++i) replay.offer(next(i, rng, map.capacity_bytes()));
    cycles += replay.finish();
    steps += replay.stats().steps;
  }
  const double all = static_cast<double>(requests) * static_cast<double>(state.iterations());
  state.counters["requests_per_s"] = benchmark::Counter(all, benchmark::Counter::kIsRate);
  state.counters["cycles_per_s"] =
      benchmark::Counter(static_cast<double>(cycles), benchmark::Counter::kIsRate);
  state.counters["steps_per_request"] = static_cast<double>(steps) / all;
}

void sequential_reads(benchmark::State& state, const char* name) {
  replay(state, name, kRequests, [](std::uint64_t i, Rng&, std::uint64_t) {
    return DramRequest{0, false, i * 64};
  });
}
void random_reads(benchmark::State& state, const char* name) {
  replay(state, name, kRequests, [](std::uint64_t, Rng& rng, std::uint64_t capacity) {
    return DramRequest{0, false, rng.next() % capacity / 64 * 64};
  });
}
void random_mixed(benchmark::State& state, const char* name) {
  replay(state, name, kRequests, [](std::uint64_t, Rng& rng, std::uint64_t capacity) {
    return DramRequest{0, rng.below(3) == 0, rng.next() % capacity / 64 * 64};
  });
}
void sparse_reads(benchmark::State& state, const char* name) {
  replay(state, name, kRequests / 10, [](std::uint64_t i, Rng& rng, std::uint64_t capacity) {
    return DramRequest{i * 550, false, rng.next() % capacity / 64 * 64};
  });
}

BENCHMARK_CAPTURE(sequential_reads, DDR4_2400, "DDR4-2400")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sequential_reads, LPDDR4_3200, "LPDDR4-3200")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(random_reads, DDR4_2400, "DDR4-2400")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(random_reads, LPDDR4_3200, "LPDDR4-3200")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(random_mixed, DDR4_2400, "DDR4-2400")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(sparse_reads, DDR4_2400, "DDR4-2400")->Unit(benchmark::kMillisecond);

}  // namespace
