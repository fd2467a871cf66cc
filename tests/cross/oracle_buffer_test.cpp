// The reference machine's buffer, register files and kept tensors against schedules worked out by
// hand. The base of all of them, quick_pe on out = sum over c < 4 of in[c] * w[c] without any
// conflict: input line requested 0, arrives 6, written 6..7; weight line 1, 7, 7..8; input fill
// 7..11, there at 12; weight fill 8..12, there at 13. Step 13..17. Drain 18..19. Store read 19..20,
// requested 21, acknowledged 27.
#include <gtest/gtest.h>

#include "tests/cross/small_programs.h"

namespace chasm {
namespace {

constexpr auto kInputAt = static_cast<std::size_t>(Operand::input);
constexpr auto kWeightAt = static_cast<std::size_t>(Operand::weight);
constexpr auto kOutputAt = static_cast<std::size_t>(Operand::output);

Program dot_product(std::int64_t words = 4) {
  Program program = matrix_vector(1, words);
  program.rf = {{Dim::C, static_cast<std::uint64_t>(words)}};
  return program;
}

// Four banks. The line beats are in banks 0 (6..7) and 1 (7..8), the input fill in 0, 1, 2, 3 from
// 7. The weight fill from 8 runs behind it in bank 0, 1, 2, 3.
TEST(OracleBanks, StreamsThatKeepOutOfStepDoNotMeet) {
  ArchSpec arch = quick_pe();
  arch.global_buffer.banks = 4;
  EXPECT_EQ(run(arch, dot_product()).end, 27U);
}

// The weights begin in bank 1, where the input fill is at 8: a cycle later bank 1 is free, 9..13.
TEST(OracleBanks, ABurstWaitsUntilAllItsBeatsArePossible) {
  ArchSpec arch = quick_pe();
  arch.global_buffer.banks = 4;
  Program program = dot_product();
  program.buffer_base = {0, 8, 16};
  EXPECT_EQ(run(arch, program).end, 28U);
}

// One bank, two ports: the weight line holds its port from 7 on and has its beat 11..12, behind the
// input fill. Weight fill 12..16, there at 17. Step 17..21, drain 22..23, store 23..24, 25, 31.
TEST(OracleBanks, OneBankServesOneBeatACycle) {
  ArchSpec arch = quick_pe();
  arch.global_buffer.banks = 1;
  EXPECT_EQ(run(arch, dot_product()).end, 31U);
}

// out[g] = sum over c < 3 of in[g][c] * w[g][c], a step for each g, everything kept. Four banks; an
// input fill takes 2 beats, a weight fill 3, both requested together. Regions in banks 0 and 1:
// input 0..2 (banks 0, 1), weights 0..3 (1, 2, 3), there at 4; step 0 4..7. The second fills go on
// behind the first: input 7..9 (2, 3), weights 7..10 (0, 1, 2), there at 11; step 1 11..14, drain
// 15..16. With the weights in bank 3: step 0 as before (3, 0, 1), but then they would meet the
// input in bank 2 and go 8..11: a cycle later.
TEST(OracleBanks, TheStreamOfARequesterGoesOnThroughTheLayer) {
  ArchSpec arch = quick_pe();
  arch.global_buffer.banks = arch.global_buffer.ports = 4;
  arch.chunks[0].bus_words_per_cycle.input = 2;
  Program program = matrix_vector(1, 3);
  Operation& op = program.operation;
  op.bounds[Dim::G] = 2;
  op.of(Operand::input) = op.of(Operand::weight) =
      tensor({axis({{Dim::G, 1}}, 2, 3), axis({{Dim::C, 1}}, 3, 1)}, false);
  op.of(Operand::output) = tensor({axis({{Dim::G, 1}}, 2, 1)}, false);
  program.buffer = {{Dim::G, 2}};
  program.rf = {{Dim::C, 3}};
  program.kept = {true, true, true};
  program.buffer_base = {0, 8, 0};
  EXPECT_EQ(run(arch, program).end, 16U);
  program.buffer_base = {0, 24, 0};
  EXPECT_EQ(run(arch, program).end, 17U);
}

// Both inputs are kept, 16 words each, fills of both chunks at 0; weights come through the FIFO (6
// and 7). Chunk 0: 0..16, there at 17, step 17..33, drain 34..35. Chunk 1 with its region in the
// same bank is granted at 0 but begins at 1: everything a cycle later; in another bank it does not
// notice.
TEST(OracleBanks, ChunksMeetWhereTheirRegionsDo) {
  ArchSpec arch = quick_pe();
  arch.global_buffer.banks = 4;
  arch.chunks[0].bus_words_per_cycle.weight = 16;
  arch.chunks.push_back(arch.chunks[0]);
  Program program = dot_product(16);
  program.bypass_buffer[kWeightAt] = program.kept[kInputAt] = program.kept[kOutputAt] = true;
  Program other = program;
  auto layers = run_oracle(arch, {{0, program, 0}, {1, other, 0}});
  EXPECT_EQ(layers.at(0).end, 35U);
  EXPECT_EQ(layers.at(1).end, 36U);
  other.buffer_base = {8, 0, 8};
  layers = run_oracle(arch, {{0, program, 0}, {1, other, 0}});
  EXPECT_EQ(layers.at(0).end, 35U);
  EXPECT_EQ(layers.at(1).end, 35U);
}

// One port, bursts of 2. At 7 the input fill begins, 7..9. Round robin then turns to the weight
// line (9..10), to the input again (10..12), to the weights 12..16. By priority the input goes
// first, 9..11, and the line is written 11..12. The weights are there at 17 either way, but on chip
// two cycles later.
TEST(OracleArbitration, PriorityLetsFillsGoBeforeLines) {
  ArchSpec arch = quick_pe();
  arch.global_buffer.ports = 1;
  arch.global_buffer.max_burst_beats = 2;
  const OracleLayer round_robin = run(arch, dot_product());
  EXPECT_EQ(round_robin.end, 31U);
  EXPECT_EQ(of(round_robin, Cause::wait_dram), 10U + 8U);  // 0..10, 23..31
  arch.global_buffer.arbitration = Arbitration::priority;
  const OracleLayer priority = run(arch, dot_product());
  EXPECT_EQ(priority.end, 31U);
  EXPECT_EQ(of(priority, Cause::wait_dram), 12U + 8U);
}

// The lines are in place at 10 and 11. Input fill 10..14, weight fill 11..15, there at 16. Step
// 16..20, drain 21..22, in place at 25. Store 25..26, 27, 33.
TEST(OracleWrites, AreInPlaceAfterTheirLatency) {
  ArchSpec arch = quick_pe();
  arch.global_buffer.write_latency_cycles = 3;
  EXPECT_EQ(run(arch, dot_product()).end, 33U);
}

// With one line in flight the weight line is requested when that of the input is in place, at 10:
// written 16..17, in place at 20. Weight fill 20..24, there at 25, step 25..29, drain 30..31, 34,
// store 34..35, 36, 42.
TEST(OracleWrites, ALineIsInFlightUntilItIsInPlace) {
  ArchSpec arch = quick_pe();
  arch.global_buffer.write_latency_cycles = 3;
  arch.chunks[0].dma_outstanding = 1;
  EXPECT_EQ(run(arch, dot_product()).end, 42U);
}

// Outputs k0 and k1, a step each. Lines in place at 10 and 11 (all weights in one). Input fill
// 10..11, weight fill 11..12, there at 13. Step 0 13..14, drain 15..16, psums free at 19: step 1
// 19..20, drain 21..22, in place at 25; store 25..26, 27, 33. With two psum slots step 1 waits for
// its weights alone (14..15, there at 16): 16..17, drain 18..19, in place at 22, store 22..23, 24,
// 30.
TEST(OracleWrites, ADrainFreesThePsumsWhenItIsInPlace) {
  ArchSpec arch = quick_pe();
  arch.global_buffer.write_latency_cycles = 3;
  Program program = matrix_vector(2, 1);
  program.buffer = {{Dim::K, 2}};
  EXPECT_EQ(run(arch, program).end, 33U);
  arch.chunks[0].double_buffered.psum = true;
  EXPECT_EQ(run(arch, program).end, 30U);
}

// The input fill is 0..4. The weight line, alone now, is requested at 0, arrives 6, is
// written 6..7. Weight fill 7..11, there at 12. Step 12..16, drain 17..18, store 18..19, 20, 26.
TEST(OracleKept, InputIsThereAtOnce) {
  Program program = dot_product();
  program.kept[kInputAt] = true;
  const OracleLayer layer = run(quick_pe(), program);
  EXPECT_EQ(layer.end, 26U);
  EXPECT_EQ(layer.activity.dram[WordKind::input], (ReadsWrites{0, 0}));
  EXPECT_EQ(layer.activity.buffer[WordKind::input], (ReadsWrites{4, 0}));
  EXPECT_EQ(layer.activity.dram_read_bursts, 1U);
}

TEST(OracleKept, OutputIsDoneWithItsDrain) {
  Program program = dot_product();
  program.kept[kOutputAt] = true;
  const OracleLayer layer = run(quick_pe(), program);
  EXPECT_EQ(layer.end, 19U);
  EXPECT_EQ(layer.activity.dram_write_bursts, 0U);
  EXPECT_EQ(layer.activity.buffer[WordKind::output], (ReadsWrites{0, 1}));
}

// Outputs k0, k1, k0, k1 as in SpilledPsumsComeBackFromDram, but the psums stay. Step 0 10..11,
// drain 12..13. Weight line of step 1: 9, 15..16, fill 16..17, there at 18; step 1 18..19, drain
// 20..21. Input line of step 2: 8, 14..15, fill when step 1 has ended: 19..20. Its weight line: 17,
// 23..24, fill 24..25, there at 26. Read-back when drain 1 has freed the psums: 21..22. Step 2
// 26..27, drain 28..29. Weight line 25, 31..32, fill 32..33, there at 34; read-back 29..30. Step 3
// 34..35, drain 36..37.
TEST(OracleKept, PsumsOfAKeptOutputAreReadBackFromIt) {
  Program program = matrix_vector(2, 2);
  program.dram = {{Dim::C, 2}, {Dim::K, 2}};
  program.kept[kOutputAt] = true;
  const OracleLayer layer = run(quick_pe(), program);
  EXPECT_EQ(layer.end, 37U);
  EXPECT_EQ(layer.activity.dram[WordKind::psum], (ReadsWrites{0, 0}));
  EXPECT_EQ(layer.activity.buffer[WordKind::psum], (ReadsWrites{2, 2}));
  EXPECT_EQ(layer.activity.bus_words[WordKind::psum], 4U);
}

// sliding_window, psums double buffered. Input ready 15, fill 0 15..17; weights there at 22. A ring
// of 3 words has room for fill 1 behind fill 0, 17..18; fill 2 waits for the end of step 0, fill 3
// for that of step 1. Steps 22..24, 24..26; fill 2 24..25, there at 27: 27..29; fill 3 26..27,
// there at 29: 29..31. Drain 33..34, store 34..35, 37, 41, 51.
TEST(OracleRegisterFile, AFifoIsOneRingOfAllItsWords) {
  ArchSpec arch = one_pe();
  arch.chunks[0].double_buffered.psum = true;
  arch.chunks[0].fifo_buffered.input = true;
  arch.chunks[0].register_file_words.input = 3;
  EXPECT_EQ(run(arch, sliding_window()).end, 51U);
}

// In 2 words every fill waits for the step before, as in a single tile: steps 22..24, 27..29,
// 32..34, 37..39, drain 41..42, store 42..43, 45, 49, 59.
TEST(OracleRegisterFile, AFifoOfOneTileIsATile) {
  ArchSpec arch = one_pe();
  arch.chunks[0].double_buffered.psum = true;
  EXPECT_EQ(run(arch, sliding_window()).end, 59U);
  arch.chunks[0].fifo_buffered.input = true;
  arch.chunks[0].register_file_words.input = 2;
  EXPECT_EQ(run(arch, sliding_window()).end, 59U);
}

TEST(OracleReconfigurable, PesRunAnotherArithmeticFaster) {
  ArchSpec arch = quick_pe();
  arch.chunks[0].lanes = 2;
  arch.chunks[0].reconfigurable.shift = 3;
  Program program = dot_product(13);
  EXPECT_EQ(of(run(arch, program), Cause::busy), 7U);  // 13 / 2
  program.operation.kind = OpKind::shift_accumulate;
  EXPECT_EQ(of(run(arch, program), Cause::busy), 3U);  // 13 / 6
  program.operation.kind = OpKind::adder_accumulate;
  EXPECT_EQ(of(run(arch, program), Cause::busy), 7U);
}

}  // namespace
}  // namespace chasm
