// Passes of an array that is emptied before new weights enter, and psums on FIFOs of their own, to
// the cycle (docs/microarchitecture.md, section 2). All tensors are kept in the buffer: no DRAM.
#include <tuple>

#include <gtest/gtest.h>

#include "models/accelerator.h"
#include "tests/cross/small_programs.h"

namespace chasm {
namespace {

constexpr Cycle kDepth = 3;
constexpr std::uint64_t kWords = 24;  // of input and of weights, an operation each: a step

// out[k][p] = sum over c of w[k][c] * in[p][c]
Program matrix_matrix(std::int64_t k, std::int64_t p, std::int64_t c) {
  Program program = matrix_vector(k, c);
  Operation& op = program.operation;
  op.bounds[Dim::P] = static_cast<std::uint64_t>(p);
  op.of(Operand::input) = tensor({axis({{Dim::P, 1}}, p, c), axis({{Dim::C, 1}}, c, 1)}, false);
  op.of(Operand::output) = tensor({axis({{Dim::K, 1}}, k, p), axis({{Dim::P, 1}}, p, 1)}, false);
  for (std::size_t o = 0; o < kOperands; ++o) program.placement[o] = {o << 30, 8};
  program.kept = {true, true, true};
  program.buffer_base = {0, kWords << 16, kWords << 17};  // in banks that do not meet
  return program;
}

ArchSpec one_pe_array() {
  ArchSpec arch;
  ChunkSpec& chunk = arch.chunks.emplace_back();
  chunk.pipeline_depth = kDepth;
  chunk.double_buffered = {true, false, false};
  chunk.fifo_buffered.psum = true;
  arch.global_buffer.ports = 6;
  arch.global_buffer.banks = 1 << 20;
  arch.global_buffer.word_bytes = kWords;
  arch.global_buffer.max_burst_beats = 1 << 20;
  return arch;
}

Cycle cycles(const ArchSpec& arch, const Program& program) {
  return run_jobs(arch, {{0, &program, 0}})[0].report.end;
}

class PassLaw : public testing::TestWithParam<
                    std::tuple<std::uint64_t, std::uint64_t, Cycle, Cycle, std::uint32_t>> {
 protected:
  // Simulated, with passes that follow each other or may overlap.
  Cycle take(bool serial) const {
    const auto [passes, steps, weights, input, latency] = GetParam();
    ArchSpec arch = one_pe_array();
    arch.global_buffer.latency_cycles = latency;
    arch.global_buffer.write_latency_cycles = latency / 2;
    ChunkSpec& chunk = arch.chunks[0];
    chunk.bus_words_per_cycle = {static_cast<std::uint32_t>(kWords / input),
                                 static_cast<std::uint32_t>(kWords / weights), 1, 1};
    chunk.serial_passes = serial;
    Program program =
        matrix_matrix(static_cast<std::int64_t>(passes), static_cast<std::int64_t>(steps), kWords);
    program.buffer = {{Dim::K, passes}, {Dim::P, steps}};
    program.rf = {{Dim::C, kWords}};
    return cycles(arch, program);
  }
};

// Weights, then the inputs of the first step, then all steps, then the drain of the last one.
TEST_P(PassLaw, SerialPassesPayForWeightsFirstInputAndLastDrain) {
  const auto [passes, steps, weights, input, latency] = GetParam();
  const Cycle drain = kDepth + 1 + latency / 2;
  EXPECT_EQ(take(true), passes * (weights + latency + input + latency + steps * kWords + drain));
}

// Inputs come beside the weights, drains beside what follows.
TEST_P(PassLaw, OverlappedPassesPayForTheirWeights) {
  const auto [passes, steps, weights, input, latency] = GetParam();
  EXPECT_EQ(take(false), passes * (weights + latency + steps * kWords) +
                             (input > weights ? input - weights : 0) + kDepth + 1 + latency / 2);
}

INSTANTIATE_TEST_SUITE_P(Sizes, PassLaw,
                         testing::Combine(testing::Values(1, 2, 5), testing::Values(2, 7),
                                          testing::Values(1, 6, 24), testing::Values(1, 4, 12),
                                          testing::Values(0, 2, 9)));

class PsumFifoLaw : public testing::TestWithParam<std::tuple<std::uint64_t, Cycle>> {
 protected:
  static constexpr Cycle kLatency = 2;

  // Every output is read back once: a step of 24 cycles takes `words` psums in and out.
  Cycle take(bool fifo) const {
    const auto [residencies, words] = GetParam();
    ArchSpec arch = one_pe_array();
    arch.global_buffer.latency_cycles = kLatency;
    ChunkSpec& chunk = arch.chunks[0];
    chunk.double_buffered.weight = true;
    chunk.fifo_buffered.psum = fifo;
    chunk.bus_words_per_cycle = {kWords, kWords, 1, 1};
    Program program =
        matrix_matrix(static_cast<std::int64_t>(words), static_cast<std::int64_t>(residencies),
                      static_cast<std::int64_t>(2 * kWords / words));
    program.buffer = {{Dim::C, 2}, {Dim::P, residencies}};
    program.rf = {{Dim::K, words}, {Dim::C, kWords / words}};
    return cycles(arch, program);
  }
};

TEST_P(PsumFifoLaw, ReadBackAndDrainHideBehindTheIssue) {
  const auto [residencies, words] = GetParam();
  EXPECT_EQ(take(true), 1 + kLatency + 2 * residencies * kWords + kDepth + words);
}

TEST_P(PsumFifoLaw, InTheRegisterFileAloneTheyTakeTurns) {
  const auto [residencies, words] = GetParam();
  EXPECT_EQ(take(false), 1 + kLatency + 2 * residencies * (kWords + kDepth + words) +
                             residencies * (words + kLatency));
}

INSTANTIATE_TEST_SUITE_P(Sizes, PsumFifoLaw,
                         testing::Combine(testing::Values(4, 9), testing::Values(1, 4, 12)));

}  // namespace
}  // namespace chasm
