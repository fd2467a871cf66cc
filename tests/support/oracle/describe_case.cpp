#include <fmt/format.h>

#include "tests/support/oracle/random_case.h"

namespace chasm {
namespace {

std::string describe_interconnect(const ChunkSpec& c) {
  if (c.interconnect == Interconnect::multicast) return "multicast";
  const char* const dataflow[] = {"os", "ws", "is"};
  return fmt::format("systolic {}{}", dataflow[static_cast<int>(c.dataflow)],
                     c.overlap_folds ? " overlapping" : "");
}

std::string describe_chunk(const ChunkSpec& c) {
  const auto& words = c.register_file_words;
  return fmt::format(
      "{}: {} {}x{} lanes {} (shift {} adder {} multiply {}) {} reduction {} depth {}\n  words {} "
      "{} {} double {}{}{} rings {}{}{} serial {} bus {} {} {} {} fifo {} dma {} config {}",
      c.name, to_string(c.pe_kind), c.rows, c.cols, c.lanes, c.reconfigurable.shift,
      c.reconfigurable.adder, c.reconfigurable.multiply, describe_interconnect(c),
      static_cast<int>(c.spatial_reduction), c.pipeline_depth, words.input, words.weight,
      words.psum, c.double_buffered.input, c.double_buffered.weight, c.double_buffered.psum,
      c.fifo_buffered.input, c.fifo_buffered.weight, c.fifo_buffered.psum, c.serial_passes,
      c.bus_words_per_cycle.input, c.bus_words_per_cycle.weight, c.bus_words_per_cycle.psum_in,
      c.bus_words_per_cycle.output, c.prefetch_fifo_bytes, c.dma_outstanding, c.config_cycles);
}

std::string describe_placement(const Placement& at) {
  return fmt::format("{} bits from {} in blocks of {} of {} x {}", at.bits, at.dram_base,
                     at.layout.block, at.layout.channels, at.layout.pixels);
}

std::string describe_program(const Program& p) {
  std::string text;
  for (const Operand o : kAllOperands) {
    const auto i = static_cast<std::size_t>(o);
    if (!p.operation.of(o).used) continue;
    text += fmt::format("  {}: {}, buffer {}{}{}\n", to_string(o),
                        describe_placement(p.placement[i]), p.buffer_base[i],
                        p.kept[i] ? " kept" : "", p.operation.of(o).im2col ? " im2col" : "");
  }
  return text + fmt::format("  psum: {}\n{}", describe_placement(p.psum), print_program(p));
}

}  // namespace

std::string describe(const RandomCase& c) {
  const auto& d = c.arch.dram;
  const auto& b = c.arch.global_buffer;
  std::string text = fmt::format(
      "dram: channels {} bandwidth {} latency {}\nbuffer: word {} banks {} ports {} {} latency {} "
      "{} burst {}\n",
      d.channels, d.bandwidth_bytes_per_cycle, d.latency_cycles, b.word_bytes, b.banks, b.ports,
      b.arbitration == Arbitration::priority ? "priority" : "round robin", b.latency_cycles,
      b.write_latency_cycles, b.max_burst_beats);
  for (const OracleJob& job : c.jobs) {
    text += describe_chunk(c.arch.chunks[job.chunk]);
    text += fmt::format("\n  {} from {}\n{}", to_string(job.program.operation.kind),
                        job.start_cycle, describe_program(job.program));
  }
  return text;
}

}  // namespace chasm
