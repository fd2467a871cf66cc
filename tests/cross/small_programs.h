// Programs and machines small enough to follow by hand.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "tests/support/oracle/oracle.h"

namespace chasm {

inline Axis axis(std::vector<Axis::Term> terms, std::int64_t extent, std::int64_t stride) {
  return {std::move(terms), 0, extent, stride};
}

inline TensorAccess tensor(std::vector<Axis> axes, bool parameter) {
  TensorAccess access;
  access.used = true;
  access.is_parameter = parameter;
  access.words = 1;
  for (const Axis& a : axes) access.words *= static_cast<std::uint64_t>(a.extent);
  access.axes = std::move(axes);
  return access;
}

// out[k] = sum over c of in[c] * w[k][c], one word of everything a byte, psums of two.
inline Program matrix_vector(std::int64_t k, std::int64_t c) {
  Program program;
  Operation& op = program.operation;
  op.bounds[Dim::K] = static_cast<std::uint64_t>(k);
  op.bounds[Dim::C] = static_cast<std::uint64_t>(c);
  op.of(Operand::input) = tensor({axis({{Dim::C, 1}}, c, 1)}, false);
  op.of(Operand::weight) = tensor({axis({{Dim::K, 1}}, k, c), axis({{Dim::C, 1}}, c, 1)}, true);
  op.of(Operand::output) = tensor({axis({{Dim::K, 1}}, k, 1)}, false);
  program.buffer_tiles = {1, 1, 1};
  program.placement = {Placement{0, 8}, Placement{4096, 8}, Placement{8192, 8}};
  program.psum = {16384, 16};
  program.pe_bits = {8, 8, 8};
  return program;
}

// out[q] = sum over s < 2 of in[q + s] * w[s], four outputs, a step each.
inline Program sliding_window() {
  Program program = matrix_vector(1, 1);
  Operation& op = program.operation;
  op.bounds[Dim::Q] = 4;
  op.bounds[Dim::S] = 2;
  op.of(Operand::input) = tensor({axis({{Dim::Q, 1}, {Dim::S, 1}}, 5, 1)}, false);
  op.of(Operand::weight) = tensor({axis({{Dim::S, 1}}, 2, 1)}, true);
  op.of(Operand::output) = tensor({axis({{Dim::Q, 1}}, 4, 1)}, false);
  program.buffer = {{Dim::Q, 4}};
  program.rf = {{Dim::S, 2}};
  return program;
}

// One PE; buses 1, weights 2 words a cycle; a line every 4 cycles, latency 10; buffer latency 2.
inline ArchSpec one_pe() {
  ArchSpec arch;
  arch.dram.latency_cycles = 10;
  arch.dram.bandwidth_bytes_per_cycle = 16;
  ChunkSpec chunk;
  chunk.double_buffered = {false, false, false};
  chunk.bus_words_per_cycle = {1, 2, 1, 1};
  arch.chunks = {chunk};
  return arch;
}

// The same with single-word buses, a line a cycle, DRAM latency 5, buffer latency 1 and pipeline
// depth 1.
inline ArchSpec quick_pe() {
  ArchSpec arch = one_pe();
  arch.dram.latency_cycles = 5;
  arch.dram.bandwidth_bytes_per_cycle = 64;
  arch.global_buffer.latency_cycles = 1;
  arch.chunks[0].pipeline_depth = 1;
  arch.chunks[0].bus_words_per_cycle = {1, 1, 1, 1};
  return arch;
}

inline std::uint64_t of(const OracleLayer& layer, Cause cause) {
  return layer.causes[static_cast<std::size_t>(cause)];
}

inline OracleLayer run(const ArchSpec& arch, const Program& program, std::uint64_t start = 0) {
  return run_oracle(arch, {{0, program, start}}).at(0);
}

}  // namespace chasm
