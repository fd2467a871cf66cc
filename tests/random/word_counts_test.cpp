// The closed form of mapper/word_counts.h counts what the simulator counts: random layers under
// random legal mappings on random machines, every word and every line.
#include "mapper/word_counts.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "mapper/line_counts.h"
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
  const LineCounts lines = count_lines(program);
  activity.dram_read_bursts = lines.reads;
  activity.dram_write_bursts = lines.writes;
  return fmt::format("{}\nsteps {}, busy {}", text_of(activity), counts.steps,
                     issue_cycles(program, chunk));
}

std::string simulated(const ArchSpec& arch, std::uint32_t chunk, const Program& program) {
  const ChildResult child = in_child(
      [&] {
        const JobResult result = run_jobs(arch, {{chunk, &program, 0}}).at(0);
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
    RandomCase point = random_case(seed);
    OracleJob& job = point.jobs.at(0);
    for (std::size_t o = 0; o < kOperands; ++o)  // now and then whole tensors in the buffer
      job.program.kept[o] = seed % 4 == o && job.program.operation.access[o].used &&
                            !job.program.operation.access[o].is_parameter &&
                            !job.program.bypass_buffer[o];
    EXPECT_EQ(closed_form(job.program, point.arch.chunks[job.chunk]),
              simulated(point.arch, job.chunk, job.program))
        << "seed " << seed << "\n"
        << describe(point);
  }
}

// Every program of a mapped network.
void expect_network(const ArchSpec& arch, const Network& network, const Mapping& mapping,
                    const std::string& what) {
  Diagnostics problems;
  const auto lowered = lower(arch, network, mapping, problems);
  ASSERT_TRUE(lowered) << problems.to_string();
  for (const LoweredOperation& operation : lowered->operations)
    EXPECT_EQ(closed_form(operation.program, arch.chunks[operation.chunk]),
              simulated(arch, operation.chunk, operation.program))
        << what << "\n"
        << print_program(operation.program) << to_json(arch).dump();
}

std::uint32_t between(Rng& rng, std::int64_t low, std::int64_t high) {
  return static_cast<std::uint32_t>(rng.between(low, high));
}

Network random_convolution(Rng& rng) {
  const std::uint32_t groups = rng.below(3) == 0 ? between(rng, 2, 3) : 1;
  const std::uint32_t c = groups * between(rng, 1, 6), k = groups * between(rng, 1, 7);
  const std::string layer = fmt::format(
      R"({{"name":"l","type":"conv2d","arithmetic":"multiply","inputs":["x"],"out_channels":{},
           "kernel":[{},{}],"stride":[{},{}],"padding":[{},{}],"dilation":[{},{}],"groups":{}}})",
      k, between(rng, 1, 5), between(rng, 1, 5), between(rng, 1, 3), between(rng, 1, 3),
      between(rng, 0, 4), between(rng, 0, 4), between(rng, 1, 3), between(rng, 1, 3), groups);
  const std::string input = fmt::format(R"({{"name":"x","shape":[{},{},{}]}})", c,
                                        between(rng, 13, 24), between(rng, 13, 24));
  return network_of(input, layer, between(rng, 1, 3));
}

ArchSpec random_arch(Rng& rng) {
  ArchSpec arch = shipped_arch("tiny");
  arch.layout.activations = static_cast<ActivationOrder>(rng.below(3));
  arch.layout.block_channels = between(rng, 1, 5);
  arch.layout.compression = rng.below(3) == 0 ? Compression::rlc : Compression::none;
  ChunkSpec& chunk = arch.chunks[0];
  chunk.rows = between(rng, 1, 6);
  chunk.cols = between(rng, 1, 6);
  chunk.lanes = between(rng, 1, 3);
  if (rng.below(2) == 0) {
    chunk.interconnect = Interconnect::systolic;
    chunk.dataflow = static_cast<Dataflow>(rng.below(3));
    chunk.overlap_folds = rng.below(2) == 0;
  }
  const bool systolic = chunk.interconnect == Interconnect::systolic;
  chunk.bypass_global_buffer = {!systolic && rng.below(3) == 0, rng.below(2) == 0};
  chunk.double_buffered = {false, false, false};
  chunk.register_file_words = {between(rng, 2, 40), between(rng, 2, 40), between(rng, 2, 40)};
  chunk.bus_words_per_cycle = {8, 8, 8, 8};
  return arch;
}

// Strided, padded, dilated, grouped and batched convolutions, in every layout, on arrays with
// multicast and on systolic ones.
TEST_P(WordCounts, OfRandomConvolutionsEqualTheSimulator) {
  for (std::uint64_t seed = GetParam(); seed < GetParam() + kSeedsOfATest; ++seed) {
    Rng rng(seed);
    Network network = random_convolution(rng);
    network.zeros = {{0, 0.7}, {1, 0.9}};
    const ArchSpec arch = random_arch(rng);
    const Mapping mapping = random_mapping(arch, network, {3000}, rng);
    expect_network(arch, network, mapping, fmt::format("seed {}", seed));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, WordCounts,
                         testing::Range<std::uint64_t>(0, 16 * kSeedsOfATest, kSeedsOfATest));

// All layer types, under the mapper's own mapping and random ones.
TEST(WordCountsOfNetworks, EqualTheSimulator) {
  const std::vector<Override> any_arithmetic = {{"chunks.SYS.reconfigurable.shift", "2"},
                                                {"chunks.SYS.reconfigurable.adder", "3"}};
  for (const char* name : {"tiny", "systolic-16x16", "nasa-45nm"}) {
    const bool systolic = std::string(name) == "systolic-16x16";
    const ArchSpec arch = shipped_arch(name, systolic ? any_arithmetic : std::vector<Override>{});
    Rng rng(1);
    for (const char* network_name : {"toy_all_types", "toy_mixed3"}) {
      const Network network = shipped_network(network_name);
      for (const Mapping& mapping : different_mappings(arch, network, {}, rng))
        expect_network(arch, network, mapping, fmt::format("{} on {}", network_name, name));
    }
  }
}

}  // namespace
}  // namespace chasm
