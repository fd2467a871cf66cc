// The timing walk of mapper/timing_walk.h against the simulator: random layers alone on random
// machines under random mappings, whether requests meet in the buffer or not. Cycles, and what the
// issue stage did in them, are equal wherever the DRAM is ideal.
#include "mapper/timing_walk.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mapper/lower.h"
#include "mapper/map_network.h"
#include "models/accelerator.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/oracle/random_case.h"
#include "tests/support/random_mapping.h"
#include "tests/support/shipped.h"

namespace chasm {
namespace {

constexpr std::uint64_t kRandomPrograms = 500, kRandomMappings = 8;

// Everything that both know, in one order: cycles, causes, waits for ports and for banks.
using Sheet = std::array<std::uint64_t, 10>;
constexpr std::size_t kCycles = 0, kPortWait = 8, kBankWait = 9;

Sheet sheet_of(const WalkedTiming& t) {
  return {t.cycles,      t.busy,      t.wait_input, t.wait_weight, t.wait_psum,
          t.wait_output, t.wait_dram, t.ramp,       t.port_wait,   t.bank_wait};
}

Sheet simulate(const ArchSpec& arch, std::uint32_t chunk, const Program& program) {
  Accelerator accelerator("accelerator", arch);
  Activity activity;
  Chunk::Report report;
  bool ended = false;
  accelerator.start(chunk, program, 0, nullptr, activity, [&](const Chunk::Report& r) {
    report = r;
    ended = true;
  });
  run_to_end(accelerator, [&] { return std::string(ended ? "" : "the program has not ended"); });
  const auto of = [&](Cause c) { return report.cycles_by_cause[static_cast<std::size_t>(c)]; };
  const GlobalBuffer::Stats& buffer = accelerator.buffer_stats();
  return {report.end - report.start,  of(Cause::busy),      of(Cause::wait_input),
          of(Cause::wait_weight),     of(Cause::wait_psum), of(Cause::wait_output),
          of(Cause::wait_dram),       of(Cause::ramp),      buffer.waited_cycles,
          buffer.bank_conflict_cycles};
}

// SystemC has one kernel a process.
Sheet simulated(const ArchSpec& arch, std::uint32_t chunk, const Program& program) {
  const ChildResult child = in_child(
      [&] {
        std::string text;
        for (const std::uint64_t n : simulate(arch, chunk, program)) text += fmt::format("{} ", n);
        return text;
      },
      60);
  EXPECT_TRUE(child.ok) << child.text;
  Sheet sheet{};
  std::istringstream stream(child.text);
  for (std::uint64_t& n : sheet) stream >> n;
  EXPECT_GT(sheet[kCycles], 0U);
  return sheet;
}

// Points by what met in the buffer.
struct Classes {
  int alone = 0, ports = 0, banks = 0;
  void add(const Sheet& sheet) {
    ++(sheet[kBankWait] > 0 ? banks : sheet[kPortWait] > 0 ? ports : alone);
  }
};

Sheet walked(const ArchSpec& arch, std::uint32_t chunk, const Program& program) {
  const WalkedTiming timing = walk_timing(program, arch.chunks[chunk], arch);
  EXPECT_EQ(sheet_of(timing),
            sheet_of(walk_timing(program, arch.chunks[chunk], arch, {.repeat = false})))
      << "repetitions that were jumped over are not repetitions";
  return sheet_of(timing);
}

bool compressed_in_dram(const Program& program) {
  return std::any_of(program.placement.begin(), program.placement.end(),
                     [](const Placement& placement) { return placement.compressed > 0; });
}

TEST(TimingWalk, OfRandomProgramsEqualsTheSimulator) {
  Classes classes;
  int passes = 0, fifos = 0, compressed = 0;
  for (std::uint64_t seed = 0; seed < kRandomPrograms; ++seed) {
    const RandomCase point = random_case(seed);
    const OracleJob& job = point.jobs.at(0);
    ArchSpec arch = point.arch;
    arch.chunks = {arch.chunks[job.chunk]};  // chunks that idle take turns at the arbiter as well
    compressed += compressed_in_dram(job.program) ? 1 : 0;
    passes += arch.chunks[0].serial_passes ? 1 : 0;
    fifos += arch.chunks[0].fifo_buffered.psum ? 1 : 0;
    const Sheet expected = simulated(arch, 0, job.program);
    classes.add(expected);
    EXPECT_EQ(walked(arch, 0, job.program), expected) << "seed " << seed << "\n" << describe(point);
  }
  fmt::print("{} programs meet nobody in the buffer, {} wait for ports, {} for banks: all equal\n",
             classes.alone, classes.ports, classes.banks);
  EXPECT_GE(classes.alone, 50);
  EXPECT_GE(classes.ports, 50);
  EXPECT_GE(classes.banks, 50);
  fmt::print("{} in serial passes, {} with FIFOs of psums, {} with compressed activations\n",
             passes, fifos, compressed);
  EXPECT_GE(passes, 50);
  EXPECT_GE(fifos, 50);
  EXPECT_GE(compressed, 50);
}

// Every layer of two networks, which have all types between them, under random mappings.
template <class Visit>
void for_each_mapped(const std::vector<Override>& overrides, Visit visit) {
  const std::vector<std::pair<std::string, std::vector<Override>>> machines = {
      {"tiny", {}},
      {"nasa-45nm", {}},
      {"systolic-16x16",
       {{"chunks.SYS.reconfigurable.shift", "2"}, {"chunks.SYS.reconfigurable.adder", "3"}}},
      {"eyeriss-65nm-chip",
       {{"chunks.PEA.reconfigurable.shift", "2"}, {"chunks.PEA.reconfigurable.adder", "3"}}}};
  for (const auto& [name, changes] : machines) {
    std::vector<Override> all = overrides;
    all.insert(all.end(), changes.begin(), changes.end());
    const ArchSpec arch = shipped_arch(name, all);
    for (const char* network_name : {"toy_all_types", "toy_mixed3"}) {
      Network network = shipped_network(network_name);
      for (std::uint64_t seed = 0; seed < kRandomMappings; ++seed) {
        Rng rng(seed);
        if (seed == kRandomMappings / 2)  // from here on, where the machine compresses
          for (std::uint32_t t = 0; t < network.tensor_count(); ++t)
            network.zeros[t] = 0.1 + 0.1 * (t % 9);
        Diagnostics problems;
        const Mapping mapping = random_mapping(arch, network, {3000}, rng);
        const auto lowered = lower(arch, network, mapping, problems);
        ASSERT_TRUE(lowered) << problems.to_string();
        for (const LoweredOperation& operation : lowered->operations)
          visit(arch, operation.chunk, operation.program);
      }
    }
  }
}

TEST(TimingWalk, OfRandomMappingsEqualsTheSimulator) {
  Classes classes;
  std::uint64_t jumped = 0;
  for_each_mapped({{"dram.standard", "ideal"}}, [&](const ArchSpec& shipped, std::uint32_t chunk,
                                                    const Program& program) {
    ArchSpec arch = shipped;
    arch.chunks = {arch.chunks[chunk]};
    const Sheet expected = simulated(arch, 0, program);
    classes.add(expected);
    EXPECT_EQ(walked(arch, 0, program), expected) << print_program(program);
    const WalkedTiming with = walk_timing(program, arch.chunks[0], arch);
    const WalkedTiming without = walk_timing(program, arch.chunks[0], arch, {.repeat = false});
    jumped += with.events < without.events ? 1 : 0;
  });
  fmt::print(
      "{} layers meet nobody in the buffer, {} wait for ports, {} for banks: all equal; {} with "
      "repetitions\n",
      classes.alone, classes.ports, classes.banks, jumped);
  EXPECT_GE(jumped, 25U);
}

// Layers large enough for passes to repeat, under the mapper's mappings.
TEST(TimingWalk, OfPassesThatRepeatEqualsTheSimulator) {
  const ArchSpec shipped = shipped_arch("nasa-45nm", {{"dram.standard", "ideal"},
                                                      {"chunks.CLP.serial_passes", "true"},
                                                      {"chunks.SLP.serial_passes", "true"},
                                                      {"chunks.SLP.double_buffered.psum", "false"},
                                                      {"chunks.SLP.fifo_buffered.psum", "true"}});
  const Network network = shipped_network("nasa_hybrid_all_b_cifar10");
  Diagnostics problems;
  const auto mapping = map_network(shipped, network, {}, problems);
  const auto lowered = mapping ? lower(shipped, network, *mapping, problems) : std::nullopt;
  ASSERT_TRUE(lowered) << problems.to_string();
  std::map<std::string, int> jumped;
  for (const LoweredOperation& operation : lowered->operations) {
    ArchSpec arch = shipped;
    arch.chunks = {arch.chunks[operation.chunk]};
    if (!arch.chunks[0].serial_passes) continue;
    EXPECT_EQ(walked(arch, 0, operation.program), simulated(arch, 0, operation.program))
        << print_program(operation.program);
    const WalkedTiming with = walk_timing(operation.program, arch.chunks[0], arch);
    const WalkedTiming without =
        walk_timing(operation.program, arch.chunks[0], arch, {.repeat = false});
    jumped[arch.chunks[0].name] += with.events < without.events ? 1 : 0;
  }
  fmt::print("with repetitions: {} layers on CLP, {} on SLP\n", jumped["CLP"], jumped["SLP"]);
  EXPECT_GE(jumped["CLP"], 3);
  EXPECT_GE(jumped["SLP"], 3);
}

// A DRAM with banks is estimated. Layers of a few cycles are a few latencies, each of some cycles.
void expect_near(const char* what, std::vector<double> errors, double most) {
  ASSERT_FALSE(errors.empty());
  std::sort(errors.begin(), errors.end());
  const auto at = [&](double share) {
    return errors[static_cast<std::size_t>(share * static_cast<double>(errors.size() - 1))];
  };
  fmt::print("{}: {} layers, error p0/p5/p50/p95/p100 {:+.2f}/{:+.2f}/{:+.2f}/{:+.2f}/{:+.2f} %",
             what, errors.size(), at(0), at(.05), at(.5), at(.95), at(1));
  for (double& e : errors) e = std::abs(e);
  std::sort(errors.begin(), errors.end());
  fmt::print("; p95 of its magnitude {:.2f} %\n", at(.95));
  EXPECT_LE(at(.95), most) << what;
}

TEST(TimingWalk, IsNearTheSimulatorWhereTheDramHasBanks) {
  for (const char* standard : {"LPDDR4-3200", "DDR4-2400"}) {
    std::vector<double> small, large;
    for_each_mapped({{"dram.standard", standard}}, [&](const ArchSpec& arch, std::uint32_t chunk,
                                                       const Program& program) {
      const auto expected = static_cast<double>(simulated(arch, chunk, program)[kCycles]);
      const auto cycles = static_cast<double>(walk_cycles(program, arch.chunks[chunk], arch));
      (expected < 1000 ? small : large).push_back(100 * (cycles / expected - 1));
    });
    expect_near((std::string(standard) + ", 1000 cycles and more").c_str(), large, 10);
    expect_near((std::string(standard) + ", fewer cycles").c_str(), small, 20);
  }
}

}  // namespace
}  // namespace chasm
