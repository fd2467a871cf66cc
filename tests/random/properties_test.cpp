// What must hold of any run, on the random accelerators and programs of the comparison with the
// reference machine: nothing is lost or done twice, the same inputs give the same results, time may
// be shifted, and a chunk remembers nothing of the layer before.
#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "models/accelerator.h"
#include "models/kernel/wakeup.h"
#include "tests/support/oracle/in_child.h"
#include "tests/support/oracle/random_case.h"

namespace chasm {
namespace {

constexpr std::uint64_t kSeedsOfATest = 40, kTests = 5;
constexpr unsigned kSeconds = 30;

// Everything that was reported, as text; cycles from `origin` on.
std::string sheet(const JobResult& result, Cycle origin) {
  const Chunk::Report& report = result.report;
  std::string text =
      fmt::format("{} {} {}", report.start - origin, report.end - origin, report.steps);
  for (const std::uint64_t cycles : report.cycles_by_cause) text += fmt::format(" {}", cycles);
  static_assert(sizeof(Activity) % sizeof(std::uint64_t) == 0);
  std::array<std::uint64_t, sizeof(Activity) / sizeof(std::uint64_t)> counts;
  std::memcpy(counts.data(), &result.activity, sizeof(Activity));
  for (const std::uint64_t count : counts) text += fmt::format(" {}", count);
  return text;
}

std::vector<JobResult> simulate_point(const RandomCase& point) {
  std::vector<Job> jobs;
  for (const OracleJob& job : point.jobs)
    jobs.push_back({job.chunk, &job.program, job.start_cycle});
  return run_jobs(point.arch, jobs);
}

// In a process of its own; one line a job, in the order of the jobs.
std::string sheets(const RandomCase& point, Cycle origin = 0) {
  const ChildResult child = in_child(
      [&] {
        std::string text;
        for (const JobResult& result : simulate_point(point)) text += sheet(result, origin) + "\n";
        return text;
      },
      kSeconds);
  EXPECT_TRUE(child.ok) << child.text << describe(point);
  return child.text;
}

class Property : public testing::TestWithParam<std::uint64_t> {
 protected:
  template <class Check>
  void for_each_point(Check check) {
    for (std::uint64_t seed = GetParam(); seed < GetParam() + kSeedsOfATest; ++seed) {
      SCOPED_TRACE(fmt::format("seed {}", seed));
      check(random_case(seed));
    }
  }
};

// ---- conservation ----

std::uint64_t output_words(const Operation& operation) {
  std::uint64_t words = 1;
  for (const Dim d : kAllDims)
    if (operation.of(Operand::output).depends_on(d)) words *= operation.bounds[d];
  return words;
}

// Operations a cycle.
std::uint64_t peak(const ChunkSpec& chunk, const Operation& operation) {
  const Arithmetic arithmetic =
      operation.is_mac() ? static_cast<Arithmetic>(operation.kind) : Arithmetic::none;
  return chunk.peak_operations(arithmetic);
}

// The laws that one job broke, a line each.
std::string broken_laws(const Program& program, const ChunkSpec& chunk, const JobResult& result) {
  std::string text;
  const auto law = [&](const char* name, std::uint64_t a, std::uint64_t b) {
    if (a != b) text += fmt::format("{}: {} and {}\n", name, a, b);
  };
  const Operation& operation = program.operation;
  const Activity& a = result.activity;
  const auto& causes = result.report.cycles_by_cause;
  law("operations", a.pe_operations, operation.iterations());
  law("cycles of all causes", std::accumulate(causes.begin(), causes.end(), std::uint64_t{0}),
      result.report.end - result.report.start);
  law("outputs drained", a.bus_words[WordKind::output], output_words(operation));
  law("outputs written", a.buffer[WordKind::output].writes, output_words(operation));
  law("outputs stored", a.dram[WordKind::output].writes, a.buffer[WordKind::output].reads);
  law("psums spilled and loaded again", a.dram[WordKind::psum].writes,
      a.dram[WordKind::psum].reads);
  law("psums into the buffer and out", a.buffer[WordKind::psum].writes,
      a.buffer[WordKind::psum].reads);
  const std::uint64_t room = causes[static_cast<std::size_t>(Cause::busy)] * peak(chunk, operation);
  if (a.pe_operations > room) text += fmt::format("{} operations in {}\n", a.pe_operations, room);
  std::uint64_t units_read = 0, units_written = 0;  // of a bit in DRAM
  for (const Operand o : {Operand::input, Operand::weight}) {
    const auto i = static_cast<std::size_t>(o);
    const WordKind kind = static_cast<WordKind>(i);
    if (!operation.of(o).used) continue;
    const bool elements = operation.of(o).im2col.has_value();  // are delivered, words are read
    if (!elements)
      law("words on the bus", a.bus_words[kind],
          program.bypass_buffer[i] ? a.dram[kind].reads : a.buffer[kind].reads);
    if (!program.bypass_buffer[i])
      law("words into the buffer", a.buffer[kind].writes, a.dram[kind].reads);
    law("words into registers", a.register_file[kind].writes, a.bus_receivers[kind]);
    // A gated operation reads its input, finds it zero, and leaves the weight where it is.
    law("words out of registers", a.register_file[kind].reads,
        a.pe_operations - (o == Operand::weight ? a.gated_operations : 0));
    units_read += a.dram[kind].reads * program.placement[i].dram_units();
  }
  units_read += a.dram[WordKind::psum].reads * program.psum.dram_units();
  units_written = a.dram[WordKind::psum].writes * program.psum.dram_units() +
                  a.dram[WordKind::output].writes * program.placement[2].dram_units();
  constexpr std::uint64_t kBurst = 512 * Placement::kUnitsOfABit;
  if (a.dram_read_bursts * kBurst < units_read) text += "fewer bursts than words read\n";
  if (a.dram_write_bursts * kBurst < units_written) text += "fewer bursts than words written\n";
  return text;
}

TEST_P(Property, NothingIsLostOrDoneTwice) {
  for_each_point([](const RandomCase& point) {
    const ChildResult child = in_child(
        [&] {
          const std::vector<JobResult> results = simulate_point(point);
          std::string text;
          for (std::size_t j = 0; j < results.size(); ++j)
            text += broken_laws(point.jobs[j].program, point.arch.chunks[point.jobs[j].chunk],
                                results[j]);
          return text;
        },
        kSeconds);
    EXPECT_TRUE(child.ok && child.text.empty()) << child.text << describe(point);
  });
}

// ---- determinism ----

TEST_P(Property, NeitherRepetitionNorTheOrderOfJobsMatters) {
  for_each_point([](RandomCase point) {
    const std::string once = sheets(point);
    EXPECT_EQ(once, sheets(point)) << describe(point);
    if (point.jobs.size() < 2) return;
    std::reverse(point.jobs.begin(), point.jobs.end());
    std::string reversed = sheets(point), lines;
    while (!reversed.empty()) {  // back into the first order
      const std::size_t end = reversed.find('\n') + 1;
      lines = reversed.substr(0, end) + lines;
      reversed.erase(0, end);
    }
    EXPECT_EQ(once, lines) << describe(point);
  });
}

// ---- shifts of time ----

TEST_P(Property, ALaterBeginningShiftsEverything) {
  for_each_point([](RandomCase point) {
    const std::string once = sheets(point);
    for (OracleJob& job : point.jobs) job.start_cycle += 1000;
    EXPECT_EQ(once, sheets(point, 1000)) << describe(point);
  });
}

TEST_P(Property, ConfigurationIsARampBeforeEverythingElse) {
  constexpr Cycle kMore = 77;
  for_each_point([](RandomCase point) {
    const auto run = [&] {
      return in_child(
          [&] {
            std::string text;
            for (JobResult& result : simulate_point(point)) {
              const bool longer = point.arch.name == "longer";
              if (longer) {
                result.report.end -= kMore;
                result.report.cycles_by_cause[static_cast<std::size_t>(Cause::ramp)] -= kMore;
              }
              text += sheet(result, 0) + "\n";
            }
            return text;
          },
          kSeconds);
    };
    const ChildResult once = run();
    point.arch.name = "longer";
    for (ChunkSpec& chunk : point.arch.chunks) chunk.config_cycles += kMore;
    const ChildResult longer = run();
    EXPECT_TRUE(once.ok && longer.ok) << once.text << longer.text;
    EXPECT_EQ(once.text, longer.text) << describe(point);
  });
}

// ---- one layer after another ----

// Starts a program on chunk 0 whenever the one before has ended, a cycle later.
class Sequence final : public sc_core::sc_module {
 public:
  Sequence(sc_core::sc_module_name name, const ArchSpec& arch, std::vector<const Program*> programs)
      : sc_module(name),
        accelerator_("accelerator", arch),
        wakeup_(ClockDomain{arch.clock_hz, 1}),
        programs_(std::move(programs)),
        results_(programs_.size()) {
    SC_HAS_PROCESS(Sequence);
    SC_METHOD(step);
    sensitive << wakeup_.event();
    dont_initialize();
  }

  std::vector<JobResult> run() {
    start(0);
    run_to_end(accelerator_, [&] {
      return std::string(ended_ == programs_.size() ? "" : "some programs have not ended");
    });
    return results_;
  }

 private:
  void start(Cycle at) {
    JobResult& result = results_[ended_];
    accelerator_.start(0, *programs_[ended_], at, nullptr, result.activity,
                       [this, &result](const Chunk::Report& report) {
                         result.report = report;
                         if (++ended_ < programs_.size()) wakeup_.at(report.end);
                       });
  }
  void step() {
    wakeup_.taken();
    start(results_[ended_ - 1].report.end + 1);
  }

  Accelerator accelerator_;
  Wakeup wakeup_;
  std::vector<const Program*> programs_;
  std::vector<JobResult> results_;
  std::size_t ended_ = 0;
};

// A buffer whose requesters never meet: the arbiter remembers whom it served last, and should.
void part_requesters(GlobalBufferSpec& buffer) {
  buffer.ports = 6;
  buffer.banks = 1 << 20;
}

TEST_P(Property, ALayerAfterOthersIsTheLayerAlone) {
  for_each_point([](RandomCase point) {
    part_requesters(point.arch.global_buffer);
    point.jobs.resize(1);
    point.arch.chunks = {point.arch.chunks[point.jobs[0].chunk]};
    point.jobs[0].chunk = 0;
    point.jobs[0].start_cycle = 0;
    const Program& program = point.jobs[0].program;
    const std::string alone = sheets(point);
    const ChildResult third = in_child(
        [&] {
          Sequence sequence("sequence", point.arch, {&program, &program, &program});
          const std::vector<JobResult> results = sequence.run();
          return sheet(results[2], results[2].report.start) + "\n";
        },
        kSeconds);
    EXPECT_TRUE(third.ok) << third.text;
    EXPECT_EQ(third.text, alone) << describe(point);
  });
}

INSTANTIATE_TEST_SUITE_P(Seeds, Property,
                         testing::Range<std::uint64_t>(0, kTests* kSeedsOfATest, kSeedsOfATest));

}  // namespace
}  // namespace chasm
