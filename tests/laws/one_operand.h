// The smallest machine and programs that show what one engine does: one PE, an input and no weight,
// a port and a bank for everybody. Lanes are so many that a step of the array issues in one cycle.
#pragma once

#include <algorithm>

#include "models/accelerator.h"

namespace chasm {

inline constexpr std::uint64_t kLineWords = 64;  // words of 8 bits in a DRAM line
inline constexpr Cycle kDepth = 5;               // pipeline depth

inline ArchSpec one_operand_arch() {
  ChunkSpec chunk;
  chunk.pe_kind = PeKind::vector;
  chunk.lanes = 1 << 20;
  chunk.pipeline_depth = kDepth;
  chunk.bus_words_per_cycle = {1 << 20, 1, 1, 1 << 20};
  chunk.dma_outstanding = 1000;
  ArchSpec arch;
  arch.chunks = {chunk};
  arch.global_buffer.ports = 6;
  arch.global_buffer.banks = 1 << 20;
  arch.global_buffer.word_bytes = kLineWords;  // a line in one beat
  arch.global_buffer.latency_cycles = 3;
  arch.global_buffer.write_latency_cycles = 2;
  arch.global_buffer.max_burst_beats = 1 << 20;
  arch.dram.bandwidth_bytes_per_cycle = kLineWords;  // a line in one cycle
  arch.dram.latency_cycles = 9;
  return arch;
}

inline TensorAccess vector_along(Dim d, std::uint64_t words) {
  TensorAccess access;
  access.used = true;
  access.words = words;
  access.axes = {Axis{{{d, 1}}, 0, static_cast<std::int64_t>(words), 1}};
  return access;
}

inline Program one_operand_program(OpKind kind, Dim d, std::uint64_t steps,
                                   std::uint64_t words_of_a_step) {
  const std::uint64_t words = steps * words_of_a_step;
  Program program;
  program.operation.name = "law";
  program.operation.kind = kind;
  program.operation.bounds[d] = words;
  program.operation.of(Operand::input) = vector_along(d, words);
  program.buffer = {{d, steps}};
  program.rf = {{d, words_of_a_step}};
  program.buffer_tiles = {1, 1, 1};
  for (std::size_t o = 0; o < kOperands; ++o) program.placement[o] = {o << 30, 8};
  program.psum = {std::uint64_t{3} << 30, 16};
  return program;
}

// The sum of a vector: every step adds up so many words of it, at the end one word leaves.
inline Program sum_program(std::uint64_t steps, std::uint64_t words_of_a_step) {
  Program program = one_operand_program(OpKind::sum_pool, Dim::S, steps, words_of_a_step);
  program.operation.of(Operand::output) = vector_along(Dim::G, 1);
  return program;
}
// The copy of a vector: every step is an output residency of its own.
inline Program copy_program(std::uint64_t steps, std::uint64_t words_of_a_step) {
  Program program = one_operand_program(OpKind::copy, Dim::K, steps, words_of_a_step);
  program.operation.of(Operand::output) = vector_along(Dim::K, steps * words_of_a_step);
  return program;
}

// A line that meets nobody: over the link, and then into the buffer in one beat.
inline Cycle line_arrives(const ArchSpec& arch) { return 1 + arch.dram.latency_cycles; }
inline Cycle line_in_place(const ArchSpec& arch) {
  return line_arrives(arch) + 1 + arch.global_buffer.write_latency_cycles;
}
// From the last drain in place until the last of so many lines is acknowledged.
inline Cycle store_of(const ArchSpec& arch, std::uint64_t lines) {
  return lines + arch.global_buffer.latency_cycles + line_arrives(arch);
}
// From the end of the last step of a sum until its word is acknowledged.
inline Cycle sum_leaves(const ArchSpec& arch) {
  return kDepth + 1 + arch.global_buffer.write_latency_cycles + store_of(arch, 1);
}

inline Cycle cycles(const ArchSpec& arch, const Program& program) {
  return run_jobs(arch, {{0, &program, 0}})[0].report.end;
}

}  // namespace chasm
