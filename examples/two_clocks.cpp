// Is the accelerator faster at twice the clock, and at what energy? A program on top of the
// library.
//
//   two_clocks [ARCH [NET]]
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "sim/api/chasm.h"

namespace {

// A line of the table. Every simulation needs a process of its own: SystemC has one kernel a
// process.
std::string simulated(const std::string& arch_name, const std::string& net_name,
                      const std::string& clock_mhz) {
  const chasm::ArchSpec arch = chasm::read_architecture(arch_name, {{"clock_mhz", clock_mhz}});
  const chasm::Network network = chasm::read_workload(net_name);
  const chasm::Mapping mapping = chasm::map(arch, network);
  const chasm::RunResult result = chasm::simulate(arch, network, mapping, {});
  char line[100];
  std::snprintf(line, sizeof line, "%5s MHz %10.3f ms %10.3f uJ\n", clock_mhz.c_str(),
                result.latency_s() * 1e3, result.energy_pj() * 1e-6);
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string arch = argc > 1 ? argv[1] : "nasa-45nm";
  const std::string net = argc > 2 ? argv[2] : "nasa_hybrid_all_b_cifar10";
  const std::vector<std::string> clocks = {"250", "500"};
  std::vector<std::string> lines(clocks.size());
  bool ok = true;
  try {
    chasm::run_isolated(
        {0, 1}, {}, [&](std::size_t i) { return simulated(arch, net, clocks[i]); },
        [&](std::size_t i, const chasm::ChildEnd& end) {
          lines[i] = end.text + end.complaint;
          ok = ok && end.how == chasm::ChildEnd::How::returned;
        });
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s\n", problem.what());
    return 1;
  }
  for (const std::string& line : lines) std::fputs(line.c_str(), ok ? stdout : stderr);
  return ok ? 0 : 1;
}
