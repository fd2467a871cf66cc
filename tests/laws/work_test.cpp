// What the simulator itself has to do, as counts: a few process activations a burst, none for
// cycles in which nothing begins or for chunks without work, and hardly a request for memory.
#include <gtest/gtest.h>

#include "tests/laws/one_operand.h"
#include "tests/support/allocation_count.h"

namespace chasm {
namespace {

struct Work {
  std::uint64_t activations, bursts, lines, allocations;
};

Work work_of(const ArchSpec& arch, const Program& program) {
  Accelerator accelerator("accelerator", arch);
  Activity activity;
  bool ended = false;
  accelerator.start(0, program, 0, nullptr, activity, [&](const Chunk::Report&) { ended = true; });
  const std::uint64_t before = allocation_count();
  run_to_end(accelerator, [&] { return std::string(ended ? "" : "the program has not ended"); });
  return {accelerator.activations(), accelerator.buffer_stats().bursts,
          activity.dram_read_bursts + activity.dram_write_bursts, allocation_count() - before};
}

constexpr std::uint64_t kSteps = 4096;

// Programs whose tiles all lie in the buffer, or come and go in DRAM tiles of 64 lines.
Program in_dram_tiles(Program program) {
  constexpr std::uint64_t kTileSteps = 64;
  program.dram = {{program.buffer[0].dim, program.buffer[0].trips / kTileSteps}};
  program.buffer[0].trips = kTileSteps;
  program.buffer_tiles = {2, 2, 2};
  return program;
}

class WorkOf : public testing::TestWithParam<int> {
 protected:
  Program program(std::uint64_t steps) const {
    const Program whole =
        GetParam() % 2 == 0 ? sum_program(steps, kLineWords) : copy_program(steps, kLineWords);
    return GetParam() < 2 ? whole : in_dram_tiles(whole);
  }
  void expect_few_activations(const ArchSpec& arch) const {
    const Work work = work_of(arch, program(kSteps));
    EXPECT_GT(work.bursts, kSteps);
    EXPECT_LE(work.activations, 3 * work.bursts + kSteps / 8) << work.bursts << " bursts";
  }
};

TEST_P(WorkOf, IsAFewActivationsABurst) { expect_few_activations(one_operand_arch()); }

TEST_P(WorkOf, DoesNotDependOnHowLongThingsTake) {
  ArchSpec slow = one_operand_arch();
  slow.chunks[0].lanes = 1;
  slow.dram.latency_cycles = 1000;
  expect_few_activations(slow);
}

TEST_P(WorkOf, IsNotMoreWhereChunksAreIdle) {
  ArchSpec arch = one_operand_arch();
  arch.chunks.resize(4, arch.chunks[0]);
  expect_few_activations(arch);
}

// Queues take memory block by block, tiles have lists of their lines: no burst has one of its own.
TEST_P(WorkOf, AsksForMemoryFarLessOftenThanItMovesBursts) {
  const Work work = work_of(one_operand_arch(), program(kSteps));
  EXPECT_LE(3 * work.allocations, work.bursts + work.lines) << work.bursts << " bursts";
}

INSTANTIATE_TEST_SUITE_P(Programs, WorkOf, testing::Range(0, 4));

}  // namespace
}  // namespace chasm
