#include "mapper/timing_walk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/accelerator.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/oracle/random_case.h"

namespace chasm {
namespace {

std::string text_of(const Chunk::Report& r) {
  const auto of = [&](Cause c) { return r.cycles_by_cause[static_cast<std::size_t>(c)]; };
  return fmt::format("cycles {} busy {} input {} weight {} psum {} output {} dram {} ramp {}",
                     r.end - r.start, of(Cause::busy), of(Cause::wait_input),
                     of(Cause::wait_weight), of(Cause::wait_psum), of(Cause::wait_output),
                     of(Cause::wait_dram), of(Cause::ramp));
}
std::string text_of(const WalkedTiming& t) {
  return fmt::format("cycles {} busy {} input {} weight {} psum {} output {} dram {} ramp {}",
                     t.cycles, t.busy, t.wait_input, t.wait_weight, t.wait_psum, t.wait_output,
                     t.wait_dram, t.ramp);
}

class TimingWalk : public testing::TestWithParam<std::uint64_t> {};

TEST_P(TimingWalk, OfRandomProgramsEqualsTheSimulator) {
  for (std::uint64_t seed = GetParam(); seed < GetParam() + 25; ++seed) {
    RandomCase point = random_case(seed);
    point.arch.chunks = {point.arch.chunks[point.jobs[0].chunk]};
    const Program& program = point.jobs[0].program;
    const ChildResult child = in_child(
        [&] {
          return text_of(run_jobs(point.arch, {{0, &program, 0}}).at(0).report);
        },
        60);
    const ChildResult walked = in_child(
        [&] { return text_of(walk_timing(program, point.arch.chunks[0], point.arch)); }, 60);
    EXPECT_EQ(walked.text, child.text) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, TimingWalk, testing::Range<std::uint64_t>(0, 400, 25));

}  // namespace
}  // namespace chasm
