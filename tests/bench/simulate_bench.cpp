// The speed of the simulation alone, with a mapping that is given: simulated core cycles a second
// of CPU time where computing, or the memory, is what takes the time, and the networks that people
// ask for. The counters of events are the program's and the same on every machine.
//
// A simulation is a process of its own, because SystemC has one kernel a process.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <benchmark/benchmark.h>

#include "mapper/lower.h"
#include "mapper/map_network.h"
#include "sim/run/simulate.h"
#include "tests/bench/benchmarks.h"

int sc_main(int, char**) { return 0; }  // SystemC's library asks for one

namespace chasm {
namespace {

struct Case {
  const char* name;
  const char* arch;
  const char* network;
  std::vector<Override> overrides;
  Schedule schedule = Schedule::sequential;
  std::uint64_t images = 1;
};

// Three chunks contend in the pipelined cases: for DRAM, or for one port of the buffer.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"resnet18_12x14", "eyeriss-45nm-168", "resnet18", {}},
      {"vgg16_12x14_compute_bound", "eyeriss-45nm-168", "vgg16", {}},
      {"three_chunks", "nasa-45nm", "nasa_hybrid_all_b_cifar10", {}, Schedule::pipelined, 8},
      {"three_chunks_on_slow_dram",
       "nasa-45nm",
       "nasa_hybrid_all_b_cifar10",
       {{"dram.bandwidth_bytes_per_cycle", "2"}},
       Schedule::pipelined,
       8},
      {"three_chunks_on_one_port",
       "nasa-45nm",
       "nasa_hybrid_all_b_cifar10",
       {{"global_buffer.ports", "1"}, {"global_buffer.max_burst_beats", "2"}},
       Schedule::pipelined,
       8}};
  return all;
}

struct Prepared {
  ArchSpec arch;
  Network network;
  Mapping mapping;
  std::uint64_t steps = 0;  // of all layers and images
};

std::uint64_t steps_of(const Program& program) {
  std::uint64_t steps = 1;
  const DimArray<std::uint64_t> tile = array_tile(program);
  for (const Dim d : kAllDims) steps *= ceil_div(program.operation.bounds[d], tile[d]);
  return steps;
}

std::optional<Prepared> prepare(const Case& c, Diagnostics& problems) {
  const auto document = load_arch_document(c.arch, c.overrides, problems);
  const auto arch = document ? read_arch(*document, problems) : std::nullopt;
  const auto network = load_network(c.network, problems);
  if (!arch || !network) return std::nullopt;
  MapOptions options;
  options.side_by_side = c.schedule != Schedule::sequential;
  const auto mapping = map_network(*arch, *network, options, problems);
  const auto lowered = mapping ? lower(*arch, *network, *mapping, problems) : std::nullopt;
  if (!lowered) return std::nullopt;
  Prepared prepared{*arch, *network, *mapping};
  for (const LoweredOperation& operation : lowered->operations)
    prepared.steps += c.images * steps_of(operation.program);
  return prepared;
}

struct Measured {
  std::uint64_t cycles, activations, lines;
  double cpu_s, peak_rss_mb;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Measured measure(const Case& c, const Prepared& prepared) {
  SimOptions options;
  options.schedule = c.schedule;
  options.images = c.images;
  const double begin = cpu_seconds();
  const RunResult result = simulate(prepared.arch, prepared.network, prepared.mapping, options);
  return {result.cycles, result.kernel_activations,
          (result.dram_read_bytes + result.dram_write_bytes) / 64, cpu_seconds() - begin,
          static_cast<double>(result.peak_rss_bytes) / (1 << 20)};
}

std::optional<Measured> measure_in_child(const Case& c, const Prepared& prepared) {
  int channel[2];
  if (::pipe(channel) != 0) return std::nullopt;
  const pid_t pid = ::fork();
  if (pid == 0) {
    const Measured measured = measure(c, prepared);
    const bool written = ::write(channel[1], &measured, sizeof measured) == sizeof measured;
    ::_exit(written ? 0 : 1);
  }
  ::close(channel[1]);
  Measured measured{};
  const bool read = ::read(channel[0], &measured, sizeof measured) == sizeof measured;
  ::close(channel[0]);
  int status = -1;
  const bool ended = ::waitpid(pid, &status, 0) == pid && status == 0;
  return read && ended ? std::optional(measured) : std::nullopt;
}

void simulate_case(benchmark::State& state, const Case& c) {
  Diagnostics problems;
  const auto prepared = prepare(c, problems);
  if (!prepared) return state.SkipWithError(problems.to_string().c_str());
  Measured measured{};
  for (auto _ : state) {
    const auto child = measure_in_child(c, *prepared);
    if (!child) return state.SkipWithError("the simulation failed");
    measured = *child;
    state.SetIterationTime(measured.cpu_s);
  }
  const auto activations = static_cast<double>(measured.activations);
  state.counters["cycles"] = static_cast<double>(measured.cycles);
  state.counters["cycles_per_cpu_s"] = static_cast<double>(measured.cycles) / measured.cpu_s;
  state.counters["activations_per_line"] = activations / static_cast<double>(measured.lines);
  state.counters["activations_per_step"] = activations / static_cast<double>(prepared->steps);
  state.counters["peak_rss_MB"] = measured.peak_rss_mb;
}

}  // namespace

void register_simulations() {
  for (const Case& c : cases())
    benchmark::RegisterBenchmark((std::string("simulate/") + c.name).c_str(), simulate_case, c)
        ->Unit(benchmark::kMillisecond)
        ->UseManualTime()
        ->Iterations(1)
        ->Repetitions(5)
        ->ReportAggregatesOnly();
}

}  // namespace chasm
