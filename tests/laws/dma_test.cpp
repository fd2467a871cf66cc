// What a DMA, a DRAM link and a prefetch FIFO can move, to the cycle (docs/microarchitecture.md,
// sections 4 and 5).
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "tests/laws/one_operand.h"

namespace chasm {
namespace {

// ---- DMA: a line a cycle, but at most so many in flight ----

class DmaLaw : public testing::TestWithParam<std::tuple<std::uint64_t, std::uint32_t, Cycle>> {};

// So the bandwidth is the smaller of a line a cycle and `outstanding` lines a round trip.
TEST_P(DmaLaw, StartsALineACycleOrARoundTripLater) {
  const auto [lines, outstanding, latency] = GetParam();
  ArchSpec arch = one_operand_arch();
  arch.chunks[0].dma_outstanding = outstanding;
  arch.dram.latency_cycles = latency;
  const Cycle round_trip = line_in_place(arch);
  const Cycle last_start = round_trip < outstanding
                               ? lines - 1
                               : (lines - 1) / outstanding * round_trip + (lines - 1) % outstanding;
  const Cycle filled =
      last_start + round_trip + lines + arch.global_buffer.latency_cycles;  // a beat a line
  EXPECT_EQ(cycles(arch, sum_program(1, lines * kLineWords)), filled + 1 + sum_leaves(arch));
}

INSTANTIATE_TEST_SUITE_P(Sizes, DmaLaw,
                         testing::Combine(testing::Values(1, 2, 7, 64, 129),
                                          testing::Values(1, 2, 5, 16, 64),
                                          testing::Values(0, 1, 20, 100)));

// ---- ideal DRAM: a link of exact bandwidth ----

class LinkLaw : public testing::TestWithParam<std::tuple<std::uint64_t, std::uint64_t>> {};

// Lines follow each other without a gap, in exact fractions of a cycle.
TEST_P(LinkLaw, MovesItsBytesEveryCycle) {
  const auto [lines, bandwidth] = GetParam();  // in 1/65536 byte a cycle, at most a line
  ArchSpec arch = one_operand_arch();
  arch.dram.bandwidth_bytes_per_cycle = static_cast<double>(bandwidth) / 65536;
  const Cycle arrived = ceil_div(lines * kLineWords * 65536, bandwidth) + arch.dram.latency_cycles;
  const Cycle filled = arrived + 1 + arch.global_buffer.write_latency_cycles + lines +
                       arch.global_buffer.latency_cycles;
  // The word that leaves takes a line, too.
  const Cycle more_for_the_store = ceil_div(kLineWords * 65536, bandwidth) - 1;
  EXPECT_EQ(cycles(arch, sum_program(1, lines * kLineWords)),
            filled + 1 + sum_leaves(arch) + more_for_the_store);
}

INSTANTIATE_TEST_SUITE_P(Sizes, LinkLaw,
                         testing::Combine(testing::Values(1, 2, 3, 50, 200),
                                          testing::Values(64 * 65536, 16 * 65536, 1234567, 65536,
                                                          98765, 1677722)));

class ChannelLaw : public testing::TestWithParam<std::tuple<std::uint64_t, std::uint32_t>> {};

// Every channel is a link of its own; lines go to them in turn.
TEST_P(ChannelLaw, ChannelsAreLinksSideBySide) {
  const auto [rounds, channels] = GetParam();
  constexpr std::uint64_t kLinkCycles = 8;  // of a line; more than there are channels
  ArchSpec arch = one_operand_arch();
  arch.dram.channels = channels;
  arch.dram.bandwidth_bytes_per_cycle = static_cast<double>(kLineWords) / kLinkCycles;
  const std::uint64_t lines = rounds * channels;
  // The last channel is asked last, so it ends last.
  const Cycle arrived = channels - 1 + rounds * kLinkCycles + arch.dram.latency_cycles;
  const Cycle filled = arrived + 1 + arch.global_buffer.write_latency_cycles + lines +
                       arch.global_buffer.latency_cycles;
  EXPECT_EQ(cycles(arch, sum_program(1, lines * kLineWords)),
            filled + 1 + sum_leaves(arch) + kLinkCycles - 1);
}

INSTANTIATE_TEST_SUITE_P(Sizes, ChannelLaw,
                         testing::Combine(testing::Values(1, 2, 9), testing::Values(1, 2, 3, 8)));

// ---- prefetch FIFO ----

class FifoLaw : public testing::TestWithParam<
                    std::tuple<std::uint64_t, std::uint32_t, std::uint32_t, Cycle>> {};

// A step takes a line in `beats` cycles. The FIFO hides the way to DRAM when its other lines keep
// the bus busy that long; else every `room` lines wait for one round trip.
TEST_P(FifoLaw, HidesTheLatencyItsLinesCover) {
  const auto [steps, room, beats, latency] = GetParam();
  ArchSpec arch = one_operand_arch();
  arch.dram.latency_cycles = latency;
  arch.chunks[0].prefetch_fifo_bytes = room * 64;
  arch.chunks[0].bus_words_per_cycle.input = static_cast<std::uint32_t>(kLineWords / beats);
  Program program = sum_program(steps, kLineWords);
  program.bypass_buffer[0] = true;
  const Cycle way = line_arrives(arch);
  const Cycle rounds = (steps - 1) / room, rest = (steps - 1) % room;
  const Cycle last_line = room * beats >= way + beats
                              ? way + steps * beats
                              : (rounds + 1) * way + (rounds + rest + 1) * beats;
  EXPECT_EQ(cycles(arch, program), last_line + 1 + sum_leaves(arch));
}

INSTANTIATE_TEST_SUITE_P(Sizes, FifoLaw,
                         testing::Combine(testing::Values(1, 2, 9, 40), testing::Values(1, 2, 3, 8),
                                          testing::Values(1, 2, 8), testing::Values(0, 3, 30)));

}  // namespace
}  // namespace chasm
