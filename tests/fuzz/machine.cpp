// Random machines, networks and mappings: what the mapper makes of them is verified, runs with real
// values, and computes what the golden arithmetic says (sim/run/simulate.h).
#include <csignal>
#include <unistd.h>

#include "models/arch/energy_bill.h"
#include "mapper/lower.h"
#include "mapper/map_network.h"
#include "sim/run/simulate.h"
#include "tests/fuzz/driver.h"
#include "tests/fuzz/random_documents.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/random_mapping.h"

namespace chasm::fuzz {
namespace {

constexpr std::uint64_t kMostOperations = 20'000, kMostSteps = 2'000, kMostCycles = 1'000'000;

struct Machine {
  ArchSpec arch;
  Network network;
};

std::optional<Machine> machine_of(FuzzedDataProvider& bytes, Diagnostics& problems) {
  const char* preset = bytes.ConsumeBool() ? "tiny" : "systolic-16x16";
  static const Json tiny = load_arch_document("tiny", {}, problems).value().root;
  static const Json systolic = load_arch_document("systolic-16x16", {}, problems).value().root;
  const std::vector<Override> changes =
      random_changes(preset == std::string("tiny") ? tiny : systolic, bytes);
  const auto document = load_arch_document(preset, changes, problems);
  auto arch = document ? read_arch(*document, problems) : std::nullopt;
  auto network = read_network({"workload", random_workload(bytes)}, problems);
  if (!arch || !network || !problems.ok() || !table_for(*arch, problems)) return std::nullopt;
  if (network->operations().total() > kMostOperations) return std::nullopt;
  return Machine{std::move(*arch), std::move(*network)};
}

// In a process of its own, since SystemC has one kernel a process.
void simulate_in_child(const Machine& machine, const Mapping& mapping, const SimOptions& options) {
  const auto work = [&]() -> std::string {
    std::signal(SIGALRM, SIG_DFL);  // libFuzzer's handler would not end the child
    try {
      simulate(machine.arch, machine.network, mapping, options);
    } catch (const Error& error) {
      CHECK(error.code() != ExitCode::internal, "{}", error.what());
    }
    return "";
  };
  const ChildResult child = in_child(work, 20);
  CHECK(child.ok, "{}", child.text);
}

}  // namespace

void one_input(std::string_view input) {
  FuzzedDataProvider bytes(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  Diagnostics problems;
  SimOptions options;
  options.functional = true;
  options.max_cycles = kMostCycles;
  options.images = bytes.ConsumeIntegralInRange(1, 2);
  options.schedule = bytes.ConsumeBool() ? Schedule::pipelined : Schedule::sequential;
  const bool any_mapping = bytes.ConsumeBool();
  Rng rng(bytes.ConsumeIntegral<std::uint16_t>());
  const auto machine = machine_of(bytes, problems);
  if (!machine) return;
  auto mapping = map_network(machine->arch, machine->network, {}, problems);
  require_reason(mapping, problems);
  if (!mapping) return;
  if (any_mapping) mapping = random_mapping(machine->arch, machine->network, {kMostSteps}, rng);
  if (!lower(machine->arch, machine->network, *mapping, problems)) {
    CHECK(problems.only_infeasible(), "{}", problems.to_string());
    return;
  }
  simulate_in_child(*machine, *mapping, options);
}

}  // namespace chasm::fuzz
