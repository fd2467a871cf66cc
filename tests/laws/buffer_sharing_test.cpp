// Two chunks on the ports and banks of one global buffer slow each other exactly as the arbiter
// says (docs/microarchitecture.md, sections 2 to 5). The program is a dot product of S steps of W
// words: every step waits for W beats of its input bus.
#include <algorithm>
#include <tuple>

#include <gtest/gtest.h>

#include "models/accelerator.h"

namespace chasm {
namespace {

constexpr std::uint64_t kWords = 8;      // W: a step's input words, one a beat
constexpr std::uint64_t kLineBeats = 8;  // 64-byte line over an 8-byte port
constexpr Cycle kDepth = 8;              // pipeline depth

ArchSpec two_chunks(Cycle latency, Cycle write_latency) {
  ChunkSpec chunk;
  chunk.lanes = kWords;  // a step issues in one cycle
  chunk.pipeline_depth = kDepth;
  chunk.register_file_words = {2 * kWords, 2 * kWords, 1};
  chunk.bus_words_per_cycle = {1, kWords, 1, 1};
  chunk.prefetch_fifo_bytes = 1 << 20;
  chunk.dma_outstanding = 64;
  ArchSpec arch;
  arch.chunks = {chunk, chunk};
  arch.global_buffer.ports = 1;
  arch.global_buffer.word_bytes = 8;
  arch.global_buffer.latency_cycles = static_cast<std::uint32_t>(latency);
  arch.global_buffer.write_latency_cycles = static_cast<std::uint32_t>(write_latency);
  arch.global_buffer.max_burst_beats = kWords;
  arch.dram.bandwidth_bytes_per_cycle = 256;
  arch.dram.latency_cycles = 1;
  return arch;
}

TensorAccess vector_over_c(std::uint64_t words) {
  TensorAccess access;
  access.used = true;
  access.words = words;
  Axis axis;
  axis.terms = {{Dim::C, 1}};
  axis.extent = static_cast<std::int64_t>(words);
  access.axes = {axis};
  return access;
}

Program dot_product(std::uint64_t steps, std::uint64_t base) {
  Program program;
  Operation& operation = program.operation;
  operation.name = "dot";
  operation.bounds[Dim::C] = steps * kWords;
  operation.of(Operand::input) = vector_over_c(steps * kWords);
  operation.of(Operand::weight) = vector_over_c(steps * kWords);
  operation.of(Operand::weight).is_parameter = true;
  TensorAccess& output = operation.of(Operand::output);
  output.used = true;
  output.words = 1;
  output.axes = {Axis{{{Dim::K, 1}}, 0, 1, 1}};
  program.buffer = {{Dim::C, steps}};
  program.rf = {{Dim::C, kWords}};
  program.bypass_buffer[static_cast<std::size_t>(Operand::weight)] = true;
  program.buffer_tiles = {1, 1, 1};
  for (std::size_t o = 0; o < kOperands; ++o) program.placement[o] = {base + o * 65536, 8};
  program.psum = {base + 4 * 65536, 16};
  return program;
}

class BufferSharing : public testing::TestWithParam<std::tuple<std::uint64_t, Cycle, Cycle>> {
 protected:
  std::uint64_t lines() const { return std::get<0>(GetParam()); }
  Cycle latency() const { return std::get<1>(GetParam()); }
  Cycle write_latency() const { return std::get<2>(GetParam()); }
  ArchSpec arch() const { return two_chunks(latency(), write_latency()); }
  std::uint64_t steps() const { return lines() * 64 / kWords; }
  // From the end of the last fill at its port to the acknowledgement of the one output word:
  // arrival, issue, pipeline, drain, its write, read by the DMA, arrival there, and DRAM (link 1,
  // latency 1).
  Cycle tail() const { return latency() + 1 + kDepth + 1 + write_latency() + 1 + latency() + 2; }
  // A chunk that nobody disturbs: the first line arrives at cycle 2, the first fill waits until the
  // last one is in place.
  Cycle alone() const {
    return 2 + lines() * kLineBeats + write_latency() + steps() * kWords + tail();
  }
};

TEST_P(BufferSharing, AloneAFillFollowsTheOther) {
  const Program program = dot_product(steps(), 0);
  const auto results = run_jobs(arch(), {{0, &program, 0}});
  EXPECT_EQ(results[0].report.end, alone());
}

TEST_P(BufferSharing, TwoChunksTakeTurns) {
  const Program first = dot_product(steps(), 0), second = dot_product(steps(), 1 << 20);
  const auto results = run_jobs(arch(), {{0, &first, 0}, {1, &second, 0}});
  // The lines of both DMAs alternate, then the fills of both chunks, chunk 0 first: each waits for
  // the other's 8 beats. They begin when the last line of chunk 0 is in place and that of chunk 1
  // is written.
  const Cycle loaded =
      2 + 2 * lines() * kLineBeats + std::max(write_latency(), kLineBeats) - kLineBeats;
  EXPECT_EQ(results[0].report.end, loaded + (2 * steps() - 1) * kWords + tail());
  EXPECT_EQ(results[1].report.end, loaded + 2 * steps() * kWords + tail());
  EXPECT_EQ(results[0].activity, results[1].activity);
}

TEST_P(BufferSharing, TwoPortsAndOtherBanksKeepThemApart) {
  const Program first = dot_product(steps(), 0);
  Program second = dot_product(steps(), 1 << 20);
  second.buffer_base.fill(4 * 8);  // four banks on
  ArchSpec two_ports = arch();
  two_ports.global_buffer.ports = 2;
  const auto results = run_jobs(two_ports, {{0, &first, 0}, {1, &second, 0}});
  EXPECT_EQ(results[0].report.end, alone());
  EXPECT_EQ(results[1].report.end, alone());
}

// The first line of chunk 1 waits for a cycle, and from then on it goes through the banks one cycle
// behind chunk 0. Only the single words at the end, all in bank 0, can meet again: chunk 1's drain
// and the read of the DMA of chunk 0, when that comes the cycle after its drain.
TEST_P(BufferSharing, TwoPortsInTheSameBanksAreACycleApart) {
  const Program first = dot_product(steps(), 0), second = dot_product(steps(), 1 << 20);
  ArchSpec two_ports = arch();
  two_ports.global_buffer.ports = 2;
  const auto results = run_jobs(two_ports, {{0, &first, 0}, {1, &second, 0}});
  EXPECT_EQ(results[0].report.end, alone());
  EXPECT_EQ(results[1].report.end, alone() + (write_latency() == 0 ? 2 : 1));
}

INSTANTIATE_TEST_SUITE_P(Sizes, BufferSharing,
                         testing::Combine(testing::Values(1, 2, 5), testing::Values(0, 1, 4),
                                          testing::Values(0, 3, 12)));

}  // namespace
}  // namespace chasm
