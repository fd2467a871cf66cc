// Laws between machines that differ in one parameter, on random accelerators and programs
// (tests/support/oracle/random_case.h): what is described in two ways is the same to the cycle.
#include <array>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/accelerator.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/oracle/random_case.h"

namespace chasm {
namespace {

constexpr std::uint64_t kSeeds = 40;
constexpr unsigned kSeconds = 30;

// Everything that a run tells, one line a job.
std::string run(const RandomCase& point) {
  const ChildResult result = in_child(
      [&] {
        std::vector<Job> jobs;
        for (const OracleJob& job : point.jobs)
          jobs.push_back({job.chunk, &job.program, job.start_cycle});
        std::string text;
        for (const JobResult& r : run_jobs(point.arch, jobs)) {
          text += fmt::format("{} {} steps {} bursts {} {} operations {} causes", r.report.start,
                              r.report.end, r.report.steps, r.activity.dram_read_bursts,
                              r.activity.dram_write_bursts, r.activity.pe_operations);
          for (const std::uint64_t cycles : r.report.cycles_by_cause)
            text += fmt::format(" {}", cycles);
          text += "\n";
        }
        return text;
      },
      kSeconds);
  EXPECT_TRUE(result.ok) << result.text;
  return result.text;
}

// The chunks with jobs, changed.
template <class Change>
RandomCase changed(RandomCase point, Change change) {
  for (const OracleJob& job : point.jobs) change(point.arch.chunks[job.chunk], job.program);
  return point;
}

enum class Kind { two_tiles, one_tile, ring };

// Register files of that kind; a ring holds so many nominal tiles.
RandomCase with_register_files(const RandomCase& point, Kind kind, std::uint64_t tiles = 0) {
  return changed(point, [&](ChunkSpec& chunk, const Program& program) {
    chunk.double_buffered.input = chunk.double_buffered.weight = kind == Kind::two_tiles;
    chunk.fifo_buffered.input = chunk.fifo_buffered.weight = kind == Kind::ring;
    if (kind != Kind::ring) return;
    const auto words = [&](Operand operand) {
      return static_cast<std::uint32_t>(
          tiles * tile_words(program.operation.of(operand), rf_tile(program)));
    };
    chunk.register_file_words.input = words(Operand::input);
    chunk.register_file_words.weight = words(Operand::weight);
  });
}

TEST(FifoRegisterFile, OfTwoTilesIsADoubleBufferedOne) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const RandomCase point = random_case(seed);
    EXPECT_EQ(run(with_register_files(point, Kind::two_tiles)),
              run(with_register_files(point, Kind::ring, 2)))
        << "seed " << seed;
  }
}

TEST(FifoRegisterFile, OfOneTileIsASingleBufferedOne) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const RandomCase point = random_case(seed);
    EXPECT_EQ(run(with_register_files(point, Kind::one_tile)),
              run(with_register_files(point, Kind::ring, 1)))
        << "seed " << seed;
  }
}

// More words let more fills run ahead. Of a single machine that may even be slower, where they hold
// up what is needed first at a shared port, a bank or the DRAM link; of all together it is faster.
TEST(FifoRegisterFile, OfMoreWordsIsFasterOnTheWhole) {
  std::array<std::uint64_t, 3> cycles{};
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    for (std::size_t i = 0; i < 3; ++i) {
      const std::uint64_t tiles = std::array<std::uint64_t, 3>{1, 2, 8}[i];
      std::istringstream text(run(with_register_files(random_case(seed), Kind::ring, tiles)));
      std::uint64_t start = 0, end = 0;
      text >> start >> end;
      cycles[i] += end - start;
    }
  EXPECT_LT(cycles[1], cycles[0]);
  EXPECT_LE(cycles[2], cycles[1]);
}

TEST(ReconfigurablePes, OfAFactorAreThatManyLanes) {
  std::uint64_t busy = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto own = [](const Program& program) {
      return kind_for(arithmetic_of(program.operation.kind));
    };
    const RandomCase point =
        changed(random_case(seed), [&](ChunkSpec& chunk, const Program& program) {
          chunk.reconfigurable = {};
          chunk.pe_kind = own(program);
        });
    const RandomCase lanes = changed(point, [&](ChunkSpec& chunk, const Program& program) {
      if (program.operation.is_mac()) chunk.lanes *= 3;
    });
    // The PEs' own arithmetic is another one: every layer runs in a borrowed one.
    const RandomCase factor = changed(point, [&](ChunkSpec& chunk, const Program& program) {
      if (!program.operation.is_mac()) return;
      chunk.reconfigurable = {3, 3, 3};
      chunk.pe_kind = own(program) == PeKind::shift ? PeKind::adder : PeKind::shift;
    });
    const std::string text = run(lanes);
    EXPECT_EQ(text, run(factor)) << "seed " << seed;
    busy += text != run(point) ? 1 : 0;
  }
  EXPECT_GT(busy, kSeeds / 3);  // so that equality says something
}

}  // namespace
}  // namespace chasm
