// Laws between machines that differ in one parameter, on random accelerators and programs
// (tests/support/oracle/random_case.h): what is described in two ways is the same to the cycle.
#include <algorithm>
#include <array>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/accelerator.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/oracle/random_case.h"

namespace chasm {
namespace {

constexpr std::uint64_t kCases = 40;
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

template <class Change>
RandomCase changed(RandomCase point, Change change) {
  for (ChunkSpec& chunk : point.arch.chunks) change(chunk);
  return point;
}

// A random case without the options that are compared here: where no register file is a ring, each
// holds two nominal tiles.
std::vector<RandomCase> plain_cases() {
  std::vector<RandomCase> cases;
  for (std::uint64_t seed = 0; cases.size() < kCases; ++seed) {
    RandomCase point = random_case(seed);
    const bool rings = std::any_of(
        point.arch.chunks.begin(), point.arch.chunks.end(),
        [](const ChunkSpec& c) { return c.fifo_buffered.input || c.fifo_buffered.weight; });
    if (rings) continue;
    for (ChunkSpec& chunk : point.arch.chunks) chunk.reconfigurable = {};
    cases.push_back(std::move(point));
  }
  return cases;
}

TEST(FifoRegisterFile, OfTwoTilesIsADoubleBufferedOne) {
  for (const RandomCase& point : plain_cases()) {
    const RandomCase twice = changed(point, [](ChunkSpec& chunk) {
      chunk.double_buffered.input = chunk.double_buffered.weight = true;
    });
    const RandomCase ring = changed(point, [](ChunkSpec& chunk) {
      chunk.double_buffered.input = chunk.double_buffered.weight = false;
      chunk.fifo_buffered = {true, true};
    });
    EXPECT_EQ(run(twice), run(ring)) << describe(point);
  }
}

TEST(FifoRegisterFile, OfOneTileIsASingleBufferedOne) {
  for (const RandomCase& point : plain_cases()) {
    const RandomCase once = changed(point, [](ChunkSpec& chunk) {
      chunk.double_buffered.input = chunk.double_buffered.weight = false;
    });
    const RandomCase ring = changed(once, [](ChunkSpec& chunk) {
      chunk.fifo_buffered = {true, true};
      chunk.register_file_words.input /= 2;
      chunk.register_file_words.weight /= 2;
    });
    EXPECT_EQ(run(once), run(ring)) << describe(point);
  }
}

// More words let more fills run ahead. Of a single machine that may even be slower, where they hold
// up what is needed first at a shared port, a bank or the DRAM link; of all together it is faster.
TEST(FifoRegisterFile, OfMoreWordsIsFasterOnTheWhole) {
  std::array<std::uint64_t, 3> cycles{};
  for (const RandomCase& point : plain_cases())
    for (std::size_t i = 0; i < 3; ++i) {
      const RandomCase ring = changed(point, [&](ChunkSpec& chunk) {
        chunk.double_buffered.input = chunk.double_buffered.weight = false;
        chunk.fifo_buffered = {true, true};
        const std::uint32_t tiles = std::array<std::uint32_t, 3>{1, 2, 8}[i];
        chunk.register_file_words.input = chunk.register_file_words.input / 2 * tiles;
        chunk.register_file_words.weight = chunk.register_file_words.weight / 2 * tiles;
      });
      std::istringstream text(run(ring));
      std::uint64_t start = 0, end = 0;
      text >> start >> end;
      cycles[i] += end - start;
    }
  EXPECT_LT(cycles[1], cycles[0]);
  EXPECT_LE(cycles[2], cycles[1]);
}

TEST(ReconfigurablePes, OfAFactorAreThatManyLanes) {
  std::uint64_t busy = 0;
  for (const RandomCase& point : plain_cases()) {
    const auto is_mac = [](const ChunkSpec& chunk) { return chunk.pe_kind != PeKind::vector; };
    const RandomCase lanes = changed(point, [&](ChunkSpec& chunk) {
      if (is_mac(chunk)) chunk.lanes *= 3;
    });
    // The PEs' own arithmetic is another one: every layer runs in a borrowed one.
    const RandomCase factor = changed(point, [&](ChunkSpec& chunk) {
      if (!is_mac(chunk)) return;
      chunk.reconfigurable = {3, 3, 3};
      chunk.pe_kind = chunk.pe_kind == PeKind::shift ? PeKind::adder : PeKind::shift;
    });
    const std::string text = run(lanes);
    EXPECT_EQ(text, run(factor)) << describe(point);
    busy += text != run(point) ? 1 : 0;
  }
  EXPECT_GT(busy, kCases / 3);  // so that equality says something
}

}  // namespace
}  // namespace chasm
