#include "tests/support/oracle/random_arch.h"

#include "tests/support/oracle/random_draw.h"
#include "tests/support/oracle/words.h"

namespace chasm::oracle {
namespace {

// The PEs of another arithmetic, with a factor for this one.
void reconfigure(Rng& rng, OpKind kind, ChunkSpec& chunk) {
  auto& factor = chunk.reconfigurable;
  for (std::uint32_t* other : {&factor.multiply, &factor.shift, &factor.adder}) {
    *other = between(rng, 0, 3);
  }
  const std::uint32_t own = between(rng, 1, 3);
  if (kind == OpKind::multiply_accumulate) factor.multiply = own;
  if (kind == OpKind::shift_accumulate) factor.shift = own;
  if (kind == OpKind::adder_accumulate) factor.adder = own;
  chunk.pe_kind = static_cast<PeKind>((static_cast<std::uint64_t>(kind) + 1 + rng.below(2)) % 3);
  if (chunk.pe_kind == PeKind::multiply) factor.multiply = 0;
  if (chunk.pe_kind == PeKind::shift) factor.shift = 0;
  if (chunk.pe_kind == PeKind::adder) factor.adder = 0;
}

void make_systolic(Rng& rng, ChunkSpec& chunk) {
  chunk.interconnect = Interconnect::systolic;
  chunk.dataflow = one_of(rng, {Dataflow::os, Dataflow::ws, Dataflow::is});
  chunk.overlap_folds = one_in(rng, 2);
  chunk.spatial_reduction = SpatialReduction::chain;
}

}  // namespace

void random_memory(Rng& rng, ArchSpec& arch) {
  arch.dram.channels = between(rng, 1, 3);
  // In units of 1/65536 byte a cycle, some of them no divisor of a line.
  const double units = one_of<double>(
      rng, {16 * 65536.0, 64 * 65536.0, 229377, 49152, 8 * 65536.0, 345678, 100 * 65536.0});
  arch.dram.bandwidth_bytes_per_cycle = units / 65536;
  arch.dram.latency_cycles = rng.below(3) == 0 ? rng.below(3) : rng.below(60);
  arch.layout = {one_of(rng, {ActivationOrder::channel_major, ActivationOrder::channels_last,
                              ActivationOrder::blocked}),
                 between(rng, 1, 5)};
  GlobalBufferSpec& buffer = arch.global_buffer;
  buffer.capacity_bytes = 1 << 20;
  buffer.word_bytes = one_of<std::uint32_t>(rng, {1, 2, 4, 8, 8, 16});
  buffer.banks = between(rng, 1, 16);
  buffer.ports = between(rng, 1, 4);
  buffer.arbitration = one_in(rng, 3) ? Arbitration::priority : Arbitration::round_robin;
  buffer.latency_cycles = between(rng, 0, 4);
  buffer.write_latency_cycles = one_in(rng, 3) ? 0 : between(rng, 1, 3);
  buffer.max_burst_beats = one_of<std::uint32_t>(rng, {1, 2, 4, 16, 16});
}

ChunkSpec random_chunk(Rng& rng, const Operation& operation) {
  ChunkSpec chunk;
  const bool mac = operation.is_mac();
  chunk.pe_kind = mac ? static_cast<PeKind>(operation.kind) : PeKind::vector;
  if (mac && one_in(rng, 4)) reconfigure(rng, operation.kind, chunk);
  chunk.lanes = one_of<std::uint32_t>(rng, {1, 1, 1, 2, 3});
  chunk.spatial_reduction =
      one_of(rng, {SpatialReduction::none, SpatialReduction::chain, SpatialReduction::adder_tree});
  if (mac && one_in(rng, 3)) make_systolic(rng, chunk);
  chunk.pipeline_depth = between(rng, 1, 4);
  chunk.double_buffered = {one_in(rng, 2), one_in(rng, 2), one_in(rng, 2)};
  chunk.fifo_buffered = {one_in(rng, 4), one_in(rng, 4), one_in(rng, 4)};
  chunk.serial_passes = one_in(rng, 4);
  chunk.bus_words_per_cycle = {between(rng, 1, 5), between(rng, 1, 5), between(rng, 1, 5),
                               between(rng, 1, 5)};
  chunk.bypass_global_buffer = {one_in(rng, 4), one_in(rng, 3)};
  chunk.prefetch_fifo_bytes = 64 * between(rng, 1, 8);
  chunk.dma_outstanding = one_of<std::uint32_t>(rng, {1, 2, 3, 4, 16});
  chunk.config_cycles = one_in(rng, 2) ? 0 : rng.below(20);
  return chunk;
}

void fit(ChunkSpec& chunk, const Program& program, Rng& rng) {
  chunk.cols = static_cast<std::uint32_t>(trips_of(program.spatial_x) + rng.below(2));
  chunk.rows = static_cast<std::uint32_t>(trips_of(program.spatial_y) + rng.below(2));
  const DimArray<std::uint64_t> tile = extents_of({&program.rf});
  const auto words = [&](Operand o, bool fifo, bool twice) {
    const std::uint64_t one = nominal_words(program.operation.of(o), tile);
    // A ring of all the words has no tiles: any size will do that one tile fits into.
    return static_cast<std::uint32_t>(fifo ? (twice ? 2 : 1) * one + rng.below(one + 2) : 2 * one);
  };
  chunk.register_file_words = {
      words(Operand::input, chunk.fifo_buffered.input, chunk.double_buffered.input),
      words(Operand::weight, chunk.fifo_buffered.weight, chunk.double_buffered.weight),
      words(Operand::output, false, true)};
  chunk.bits = {program.placement[0].bits, program.placement[1].bits, program.psum.bits,
                program.placement[2].bits};
}

}  // namespace chasm::oracle
