// Energy as a linear function of the counts equals the bill of the same counts: random programs of
// all kinds under random mappings, products gated in any share, leakage and clock included.
#include "mapper/energy_weights.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include "models/arch/energy_bill.h"
#include "mapper/line_counts.h"
#include "tests/support/oracle/random_case.h"

namespace chasm {
namespace {

// The architecture's table, but that it charges for the clock.
EnergyTable table_of(const ArchSpec& arch) {
  Diagnostics problems;
  Json json = parse_json(energy_table_text(arch.energy_table), arch.energy_table, problems)->root;
  json["energy"]["clock"]["per_pe"] = 0.3;
  json["energy"]["clock"]["fixed"] = 5;
  const auto path = std::filesystem::temp_directory_path() /
                    ("chasm_weights_" + std::to_string(::getpid()) + ".json");
  std::ofstream(path) << json.dump();
  std::optional<EnergyTable> table = load_energy_table(path.string(), problems);
  std::filesystem::remove(path);
  EXPECT_TRUE(table) << problems.to_string();
  return *table;
}

struct Sums {
  double counted = 0, billed = 0;
};

// Of the first program of a random case.
Sums energy_of(const RandomCase& point, const ArchSpec& arch, const EnergyTable& table,
               Cycle cycles) {
  const OracleJob& job = point.jobs.at(0);
  const ChunkSpec& chunk = arch.chunks[job.chunk];
  WordCounter counter(job.program);
  const WordCounts counts = counter.count(to_nest(job.program));
  const LineCounts lines = count_lines(job.program);
  Activity activity = to_activity(counts, job.program);
  activity.dram_read_bursts = lines.reads;
  activity.dram_write_bursts = lines.writes;
  const Arithmetic arithmetic = arithmetic_of(job.program.operation.kind);
  const BillItem item{&chunk, arithmetic, activity, activity_widths(job.program)};
  const DramStats idle;
  const DramStats* dram = arch.dram.is_ideal() ? nullptr : &idle;
  const EnergyWeights weights = energy_weights(job.program, chunk, arch, table);
  return {weights.of(counts) + static_cast<double>(lines.reads) * weights.read_line +
              static_cast<double>(lines.writes) * weights.write_line +
              static_cast<double>(cycles) * weights.cycle,
          energy_bill(arch, table, {item}, cycles, dram).total_pj()};
}

TEST(EnergyWeights, OfRandomProgramsEqualTheBill) {
  int gated = 0;
  const EnergyTable table = table_of(random_case(1).arch);
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const RandomCase point = random_case(seed);
    const Sums sums = energy_of(point, point.arch, table, 12345);
    ASSERT_EQ(point.arch.energy_table, "cmos45-physical");
    ASSERT_GT(sums.billed, 0);
    gated += point.jobs[0].program.gated > 0 ? 1 : 0;
    EXPECT_NEAR(sums.counted / sums.billed, 1, 1e-9) << "seed " << seed << "\n" << describe(point);
  }
  EXPECT_GT(gated, 30);
}

// A DRAM with banks has energies that its bill of a layer does not hold: a row activate for as many
// lines as a row has, and standing by.
TEST(EnergyWeights, SpreadWhatBelongsToNoLayer) {
  const RandomCase point = random_case(1);
  ArchSpec arch = point.arch;
  arch.dram = DramSpec{};
  arch.dram.standard = "DDR4-2400";
  const EnergyTable table = table_of(arch);
  const Sums banked = energy_of(point, arch, table, 0);
  EXPECT_GT(banked.counted, banked.billed);
  EXPECT_LT(banked.counted, 1.2 * banked.billed);
  const Program& program = point.jobs[0].program;
  const ChunkSpec& chunk = arch.chunks[point.jobs[0].chunk];
  const double standby = energy_weights(program, chunk, arch, table).cycle;
  arch.dram.ranks = 2;
  const double two_ranks = energy_weights(program, chunk, arch, table).cycle;
  const double leakage =
      energy_weights(program, chunk, point.arch, table).cycle;  // of the ideal DRAM
  EXPECT_GT(standby, leakage);
  EXPECT_NEAR(two_ranks - leakage, 2 * (standby - leakage), 1e-9 * two_ranks);
}

}  // namespace
}  // namespace chasm
