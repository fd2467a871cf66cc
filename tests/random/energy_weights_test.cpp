// Energy as a linear function of the counts equals the bill of the same counts: random programs of
// all kinds under random mappings.
#include "mapper/energy_weights.h"

#include <gtest/gtest.h>

#include "models/arch/energy_bill.h"
#include "mapper/line_counts.h"
#include "tests/support/oracle/random_case.h"

namespace chasm {
namespace {

EnergyTable table_of(const ArchSpec& arch) {
  Diagnostics problems;
  std::optional<EnergyTable> table = load_energy_table(arch.energy_table, problems);
  EXPECT_TRUE(table) << problems.to_string();
  return *table;
}

struct Sums {
  double counted = 0, billed = 0;
};

// Of the first program of a random case.
Sums energy_of(const RandomCase& point, const ArchSpec& arch) {
  const OracleJob& job = point.jobs.at(0);
  const EnergyTable table = table_of(arch);
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
              static_cast<double>(lines.writes) * weights.write_line,
          energy_bill(arch, table, {item}, 0, dram).total_pj()};
}

TEST(EnergyWeights, OfRandomProgramsEqualTheBill) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const RandomCase point = random_case(seed);
    const Sums sums = energy_of(point, point.arch);
    ASSERT_GT(sums.billed, 0);
    EXPECT_NEAR(sums.counted / sums.billed, 1, 1e-9) << "seed " << seed << "\n" << describe(point);
  }
}

// A DRAM with banks has energies that its bill of a layer does not hold: a row activate for as many
// lines as a row has, and standing by.
TEST(EnergyWeights, SpreadWhatBelongsToNoLayer) {
  const RandomCase point = random_case(1);
  ArchSpec arch = point.arch;
  arch.dram = DramSpec{};
  arch.dram.standard = "DDR4-2400";
  const Sums banked = energy_of(point, arch);
  EXPECT_GT(banked.counted, banked.billed);
  EXPECT_LT(banked.counted, 1.2 * banked.billed);
  const Program& program = point.jobs[0].program;
  const ChunkSpec& chunk = arch.chunks[point.jobs[0].chunk];
  const EnergyTable table = table_of(arch);
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
