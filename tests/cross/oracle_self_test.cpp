// The reference machine against schedules worked out by hand from docs/microarchitecture.md. In the
// comments, "a..b" is an action from the beginning of cycle a to the beginning of cycle b.
#include <gtest/gtest.h>

#include "tests/cross/small_programs.h"

namespace chasm {
namespace {

// Config until 3. Input line: requested 3, link 3..7, arrives 17, written 17..18. Weight line:
// requested 4, link 7..11, arrives 21, written 21..22. Input fill 18..22, there at 24; weight
// fill 22..24, there at 26. Step 26..30. Drain 32..33. Store: read 33..34, requested 36,
// link 36..40, acknowledged 50.
TEST(OracleSelf, OneStepFromDramToDram) {
  ArchSpec arch = one_pe();
  arch.chunks[0].config_cycles = 3;
  Program program = matrix_vector(1, 4);
  program.rf = {{Dim::C, 4}};
  const OracleLayer layer = run(arch, program, 100);
  EXPECT_EQ(layer.start, 100U);
  EXPECT_EQ(layer.end, 150U);
  EXPECT_EQ(layer.steps, 1U);
  EXPECT_EQ(of(layer, Cause::busy), 4U);
  EXPECT_EQ(of(layer, Cause::ramp), 3U + 4U + 3U);    // config; 22..26; 30..33
  EXPECT_EQ(of(layer, Cause::wait_dram), 19U + 17U);  // 3..22; 33..50
  Activity expected;
  expected.pe_operations = 4;
  expected.register_file[WordKind::input] = {4, 4};
  expected.register_file[WordKind::weight] = {4, 4};
  expected.register_file[WordKind::psum] = {4, 4};  // three additions to a psum and its drain
  expected.bus_words = {{4, 4, 0, 1}};
  expected.bus_receivers = {{4, 4, 0, 1}};
  expected.buffer[WordKind::input] = {4, 4};
  expected.buffer[WordKind::weight] = {4, 4};
  expected.buffer[WordKind::output] = {1, 1};
  expected.dram[WordKind::input] = {4, 0};
  expected.dram[WordKind::weight] = {4, 0};
  expected.dram[WordKind::output] = {0, 1};
  expected.dram_read_bursts = 2;
  expected.dram_write_bursts = 1;
  EXPECT_EQ(layer.activity, expected);
}

// Input ready 15 (link 0..4, arrives 14); fill of 2 words 15..17, there at 19. Weights ready 19,
// fill 19..20, there at 22. Steps of 2 cycles: 22..24, and as each fill of one new word waits for
// the end of the step before: fill 24..25, there at
// 27. The drain 26..27 frees the psums at 27 too: a tie, charged to the
// output. 27..29, 32..34, 37..39. Drain 41..42, store 42..43, 45, link 45..49, 59.
TEST(OracleSelf, SingleBufferedSlidingWindowSerialisesFillsAndSteps) {
  const OracleLayer layer = run(one_pe(), sliding_window());
  EXPECT_EQ(layer.end, 59U);
  EXPECT_EQ(of(layer, Cause::busy), 8U);
  EXPECT_EQ(of(layer, Cause::wait_output), 9U);
  EXPECT_EQ(of(layer, Cause::ramp), 3U + 3U);
  EXPECT_EQ(of(layer, Cause::wait_dram), 19U + 17U);
  EXPECT_EQ(layer.activity.bus_words[WordKind::input], 5U);
}

// The ring holds 4 words: fills 1 and 2 (17..18..19) fit behind the first, fill 3 waits for the end
// of step 0. Steps 22..24, 24..26; step 2 needs the psums of drain 0 (26..27): 27..29; step 3 those
// of drain 1 (28..29): 29..31. Drain 33..34, store 34..35, 37, link 37..41, 51.
TEST(OracleSelf, DoubleBufferedSlidingWindowStreams) {
  ArchSpec arch = one_pe();
  arch.chunks[0].double_buffered = {true, true, true};
  const OracleLayer layer = run(arch, sliding_window());
  EXPECT_EQ(layer.end, 51U);
  EXPECT_EQ(of(layer, Cause::wait_output), 1U);
  EXPECT_EQ(of(layer, Cause::wait_input), 0U);
}

// Loops C, K over DRAM: outputs k0, k1, k0, k1 spill. Single tiles of one word everywhere.
// Step 0: input line 0, arrives 6, written 6..7, fill 7..8; weight line 1, 7, 7..8, fill 8..9,
// there 10. 10..11, drain 12..13, store read 13..14, write 15, acknowledged 21. Step 1: weight line
// 9 (tile free when its fill ended), 15, 15..16, fill 16..17, there 18. 18..19, drain 20..21, store
// read 21..22, write 23, acknowledged 29.
// Step 2: psums of k0: slot 22, but the store of k1 is acknowledged at 29: line 29, 35, 35..36,
// read-back 36..37, there 38. 38..39, drain 40..41, store read 41..42, write 43, acknowledged 49.
// Step 3: line 49, 55, 55..56, read-back 56..57, there 58. 58..59, drain 60..61, store 61..62,
// 63, 69.
TEST(OracleSelf, SpilledPsumsComeBackFromDram) {
  Program program = matrix_vector(2, 2);
  program.dram = {{Dim::C, 2}, {Dim::K, 2}};
  const OracleLayer layer = run(quick_pe(), program);
  EXPECT_EQ(layer.end, 69U);
  EXPECT_EQ(of(layer, Cause::busy), 4U);
  EXPECT_EQ(of(layer, Cause::wait_weight), 2U);     // 16..18
  EXPECT_EQ(of(layer, Cause::wait_psum), 2U + 2U);  // 36..38, 56..58
  EXPECT_EQ(of(layer, Cause::wait_dram),
            8U + 5U + 17U + 17U + 8U);         // 0..8, 11..16, 19..36, 39..56, 61..69
  EXPECT_EQ(of(layer, Cause::ramp), 2U + 2U);  // 8..10, 59..61
  const Activity& a = layer.activity;
  EXPECT_EQ(a.dram[WordKind::psum], (ReadsWrites{2, 2}));
  EXPECT_EQ(a.dram[WordKind::output], (ReadsWrites{0, 2}));
  EXPECT_EQ(a.buffer[WordKind::psum], (ReadsWrites{4, 4}));  // read-back and store; load and drain
  EXPECT_EQ(a.bus_words, (PerKind<std::uint64_t>{{2, 4, 4, 2}}));
  // Writes: 4 operations and 2 read-backs. Reads: 4 operations, 2 of which start a psum, and 4
  // drains.
  EXPECT_EQ(a.register_file[WordKind::psum], (ReadsWrites{6, 6}));
  EXPECT_EQ(a.dram_read_bursts, 2U + 4U + 2U);
  EXPECT_EQ(a.dram_write_bursts, 4U);
}

// 128 weights in two lines through a FIFO of one line: line 0 requested 1, arrives 7, on the
// bus 7..23; line 1 requested 23, arrives 29, on the bus 29..45. Inputs: ready 22, fill 22..38.
// Step 45..173, drain 174..175, store 175..176, 177, 183.
TEST(OracleSelf, AFifoOfOneLineAlternatesWithItsBus) {
  ArchSpec arch = quick_pe();
  arch.chunks[0].bus_words_per_cycle = {8, 4, 1, 1};
  arch.chunks[0].prefetch_fifo_bytes = 64;
  Program program = matrix_vector(1, 128);
  program.rf = {{Dim::C, 128}};
  program.bypass_buffer[static_cast<std::size_t>(Operand::weight)] = true;
  const OracleLayer layer = run(arch, program);
  EXPECT_EQ(layer.end, 183U);
  EXPECT_EQ(of(layer, Cause::wait_dram), 29U + 8U);
  EXPECT_EQ(of(layer, Cause::ramp), 16U + 2U);
  EXPECT_EQ(layer.activity.buffer[WordKind::weight], (ReadsWrites{0, 0}));
}

// One port, bursts of 4 beats, fills of 16 beats. Input line written 6..8; the weight line waits
// while the input fill has 8..12, then 12..14. From 14 the fills take turns: input 14, 22, 30..34;
// weight 18, 26, 34, 38..42, there at 43. Step 43..59, drain 60..61, store 61..62, 63, 69.
TEST(OracleSelf, OnePortIsSharedInBursts) {
  ArchSpec arch = quick_pe();
  arch.global_buffer.ports = 1;
  arch.global_buffer.max_burst_beats = 4;
  Program program = matrix_vector(1, 16);
  program.rf = {{Dim::C, 16}};
  const OracleLayer layer = run(arch, program);
  EXPECT_EQ(layer.end, 69U);
  EXPECT_EQ(of(layer, Cause::ramp), (43U - 14U) + 2U);
}

// Lines of the same cycle go in order of chunk: input 0..4 and 4..8, weights 8..12 and 12..16,
// arriving at 14, 18, 22, 26. Chunk 0: weights there at 27, step 27..31, drain 33..34,
// store 34..35, link 37..41, 51. Chunk 1: weights there at 31, step 31..35, drain 37..38,
// store 38..39, link 41..45, 55.
TEST(OracleSelf, TwoChunksShareTheLink) {
  ArchSpec arch = one_pe();
  arch.chunks.push_back(arch.chunks[0]);
  Program program = matrix_vector(1, 4);
  program.rf = {{Dim::C, 4}};
  const auto layers = run_oracle(arch, {{0, program, 0}, {1, program, 0}});
  EXPECT_EQ(layers.at(0).end, 51U);
  EXPECT_EQ(layers.at(1).end, 55U);
}

// C = 3 over two columns: step 0 works on c0, c1; step 1 on c2 alone, but both PEs hold a psum to
// be reduced.
TEST(OracleSelf, AnIdlePeStillHoldsItsPsum) {
  ArchSpec arch = quick_pe();
  arch.chunks[0].cols = 2;
  Program program = matrix_vector(1, 3);
  program.buffer = {{Dim::C, 2}};
  program.spatial_x = {{Dim::C, 2}};
  const OracleLayer layer = run(arch, program);
  EXPECT_EQ(layer.steps, 2U);
  EXPECT_EQ(layer.activity.pe_operations, 3U);
  EXPECT_EQ(layer.activity.reduction_words, 1U);
  EXPECT_EQ(layer.activity.register_file[WordKind::psum], (ReadsWrites{3, 3}));
  EXPECT_EQ(layer.activity.bus_receivers[WordKind::weight], 3U);
}

// K = 2 over two columns: a broadcast input word is sent once and received twice.
TEST(OracleSelf, ABroadcastWordIsSentOnce) {
  ArchSpec arch = quick_pe();
  arch.chunks[0].cols = 2;
  Program program = matrix_vector(2, 3);
  program.buffer = {{Dim::C, 3}};
  program.spatial_x = {{Dim::K, 2}};
  const OracleLayer layer = run(arch, program);
  EXPECT_EQ(layer.activity.bus_words, (PerKind<std::uint64_t>{{3, 6, 0, 2}}));
  EXPECT_EQ(layer.activity.bus_receivers, (PerKind<std::uint64_t>{{6, 6, 0, 2}}));
}

}  // namespace
}  // namespace chasm
