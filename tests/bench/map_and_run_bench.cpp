// The time of mapping, and of a whole `chasm run` (read, map, simulate, write), with what was
// counted meanwhile.
//
// A run is a process of its own, because SystemC has one kernel a process: its CPU time and memory
// are what the kernel accounts to the child. Times are the machine's; the counters `cycles`,
// `activations` and `activations_per_burst` are the program's and the same everywhere: more
// activations a burst mean that a change made the simulator do more work.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <benchmark/benchmark.h>

#include "base/json.h"
#include "mapper/map_network.h"
#include "tests/bench/benchmarks.h"

namespace chasm {
namespace {

struct Case {
  const char* arch;
  const char* network;
};

constexpr Case kCases[] = {{"nasa-45nm", "nasa_hybrid_all_b_cifar10"},
                           {"nasa-45nm", "resnet20_deepshift_cifar10"},
                           {"nasa-45nm", "mobilenet_v2"},
                           {"nasa-45nm", "resnet18"},
                           {"nasa-45nm", "resnet50"},
                           {"nasa-45nm", "deit_tiny"},
                           {"eyeriss-65nm", "alexnet_eyeriss_conv"},
                           {"systolic-16x16", "resnet18"}};

void map(benchmark::State& state, const Case& c) {
  Diagnostics problems;
  const auto document = load_arch_document(c.arch, {}, problems);
  const auto arch = document ? read_arch(*document, problems) : std::nullopt;
  const auto network = load_network(c.network, problems);
  if (!arch || !network) return state.SkipWithError(problems.to_string().c_str());
  for (auto _ : state) benchmark::DoNotOptimize(map_network(*arch, *network, {}, problems));
  state.counters["layers"] = static_cast<double>(network->layers.size());
}

struct Child {
  bool ok = false;
  double cpu_s = 0;
  double peak_rss_mb = 0;
  std::string output;
};

Child run_program(const Case& c) {
  int channel[2];
  Child child;
  if (::pipe(channel) != 0) return child;
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(channel[1], STDOUT_FILENO);
    ::close(channel[0]);
    ::close(channel[1]);
    ::execl(CHASM_BINARY, "chasm", "run", "-a", c.arch, "-w", c.network, "-o", "-", nullptr);
    ::_exit(127);
  }
  ::close(channel[1]);
  char block[1 << 16];
  for (ssize_t got; (got = ::read(channel[0], block, sizeof block)) > 0;)
    child.output.append(block, static_cast<std::size_t>(got));
  ::close(channel[0]);
  int status = -1;
  rusage usage{};
  child.ok = ::wait4(pid, &status, 0, &usage) == pid && status == 0;
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  child.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  child.peak_rss_mb = static_cast<double>(usage.ru_maxrss) / 1024;
  return child;
}

void run(benchmark::State& state, const Case& c) {
  Child child;
  for (auto _ : state) {
    child = run_program(c);
    if (!child.ok) return state.SkipWithError("chasm run failed");
    state.SetIterationTime(child.cpu_s);
  }
  Diagnostics problems;
  const auto result = parse_json(child.output, "result", problems);
  if (!result) return state.SkipWithError(problems.to_string().c_str());
  const Json& totals = result->root["totals"];
  const double cycles = totals["cycles"].get<double>();
  const double bytes =
      totals["dram"]["read_bytes"].get<double>() + totals["dram"]["write_bytes"].get<double>();
  const double activations = result->root["host"]["kernel_activations"].get<double>();
  state.counters["cycles"] = cycles;
  state.counters["cycles_per_cpu_s"] = cycles / child.cpu_s;
  state.counters["activations"] = activations;
  state.counters["activations_per_burst"] = activations / (bytes / 64);
  state.counters["peak_rss_MB"] = child.peak_rss_mb;
}

}  // namespace
}  // namespace chasm

int main(int argc, char** argv) {
  const auto name = [](const char* what, const chasm::Case& c) {
    return std::string(what) + "/" + c.network + "/" + c.arch;
  };
  for (const chasm::Case& c : chasm::kCases)
    benchmark::RegisterBenchmark(name("map", c).c_str(), chasm::map, c)
        ->Unit(benchmark::kMillisecond);
  for (const chasm::Case& c : chasm::kCases)
    benchmark::RegisterBenchmark(name("run", c).c_str(), chasm::run, c)
        ->Unit(benchmark::kMillisecond)
        ->UseManualTime()
        ->Iterations(1);
  chasm::register_simulations();
  chasm::register_timing_walks();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
