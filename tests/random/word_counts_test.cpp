// The closed form of mapper/word_counts.h counts what the simulator counts: random layers under
// random legal mappings on random machines, every word and every line.
#include "mapper/word_counts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mapper/lower.h"
#include "models/accelerator.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/oracle/random_case.h"
#include "tests/support/random_mapping.h"
#include "tests/support/shipped.h"
#include "tests/unit/program/network_builder.h"

namespace chasm {
namespace {

constexpr std::uint64_t kSeedsOfATest = 25;

std::string text_of(const Activity& a) {
  std::string text = fmt::format("operations {}, reduction {}, bursts {} {}", a.pe_operations,
                                 a.reduction_words, a.dram_read_bursts, a.dram_write_bursts);
  for (std::size_t k = 0; k < kWordKinds; ++k) {
    const auto kind = static_cast<WordKind>(k);
    text += fmt::format("\n{}: bus {} to {}, rf {} {}, buffer {} {}, dram {} {}", to_string(kind),
                        a.bus_words[kind], a.bus_receivers[kind], a.register_file[kind].reads,
                        a.register_file[kind].writes, a.buffer[kind].reads, a.buffer[kind].writes,
                        a.dram[kind].reads, a.dram[kind].writes);
  }
  return text;
}

std::string closed_form(const Program& program, const ChunkSpec& chunk) {
  WordCounter counter(program);
  const WordCounts counts = counter.count(to_nest(program));
  Activity activity = to_activity(counts, program);
  return fmt::format("{}\nsteps {}, busy {}", text_of(activity), counts.steps,
                     issue_cycles(program, chunk));
}

std::string simulated(const ArchSpec& arch, std::uint32_t chunk, const Program& program) {
  const ChildResult child = in_child(
      [&] {
        JobResult result = run_jobs(arch, {{chunk, &program, 0}}).at(0);
        result.activity.dram_read_bursts = result.activity.dram_write_bursts = 0;
        return fmt::format("{}\nsteps {}, busy {}", text_of(result.activity), result.report.steps,
                           result.report.cycles_by_cause[static_cast<std::size_t>(Cause::busy)]);
      },
      60);
  EXPECT_TRUE(child.ok);
  return child.text;
}

class WordCounts : public testing::TestWithParam<std::uint64_t> {};

// Small layers of all kinds, on machines of all kinds.
TEST_P(WordCounts, OfRandomProgramsEqualTheSimulator) {
  for (std::uint64_t seed = GetParam(); seed < GetParam() + kSeedsOfATest; ++seed) {
    const RandomCase point = random_case(seed);
    const OracleJob& job = point.jobs.at(0);
    EXPECT_EQ(closed_form(job.program, point.arch.chunks[job.chunk]),
              simulated(point.arch, job.chunk, job.program))
        << "seed " << seed << "\n"
        << describe(point);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, WordCounts,
                         testing::Range<std::uint64_t>(0, 16 * kSeedsOfATest, kSeedsOfATest));

}  // namespace
}  // namespace chasm
