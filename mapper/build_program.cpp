#include "mapper/build_program.h"

#include <algorithm>

namespace chasm {
namespace {

std::uint64_t total_buffer_bytes(const Program& program, const ProgramLimits& limits) {
  std::uint64_t bytes = 0;
  for (const Operand o : kAllOperands) bytes += buffer_bytes(program, o, limits.buffer_word_bytes);
  return bytes;
}

bool changes_over_dram(const Program& program, Operand operand) {
  return std::any_of(program.dram.begin(), program.dram.end(), [&](const Loop& loop) {
    return loop.trips > 1 && program.operation.of(operand).depends_on(loop.dim);
  });
}

}  // namespace

ProgramLimits limits_of(const ChunkSpec& chunk, const GlobalBufferSpec& buffer) {
  ProgramLimits limits;
  limits.chunk = chunk.name;
  limits.rows = chunk.rows;
  limits.cols = chunk.cols;
  limits.systolic = chunk.interconnect == Interconnect::systolic;
  limits.spatial_reduction = chunk.spatial_reduction != SpatialReduction::none;
  limits.register_file_words = {chunk.register_file_words.input, chunk.register_file_words.weight,
                                chunk.register_file_words.psum};
  limits.double_buffered = {chunk.double_buffered.input, chunk.double_buffered.weight,
                            chunk.double_buffered.psum};
  limits.buffer_capacity_bytes = buffer.capacity_bytes;
  limits.buffer_word_bytes = buffer.word_bytes;
  return limits;
}

LayerWidths widths_of(const ChunkSpec& chunk) {
  return {chunk.bits.input, chunk.bits.weight, chunk.bits.psum, chunk.bits.output};
}

Program build_program(const Operation& operation, const ChunkSpec& chunk,
                      const ProgramLimits& limits, const OperationMapping& mapping,
                      const QuantizationPlan& plan) {
  Program program;
  program.operation = operation;
  program.dram = mapping.dram;
  program.buffer = mapping.buffer;
  program.spatial_x = mapping.spatial_x;
  program.spatial_y = mapping.spatial_y;
  program.rf = mapping.rf;
  program.bypass_buffer = {chunk.bypass_global_buffer.input, chunk.bypass_global_buffer.weight,
                           chunk.bypass_global_buffer.output};
  // The vector unit's second operand is another input (workloads/quantization.h).
  const std::uint32_t second = operation.is_mac() ? chunk.bits.weight : chunk.bits.input;
  const std::array<std::uint32_t, kOperands> width = {chunk.bits.input, second, chunk.bits.output};
  for (std::size_t o = 0; o < kOperands; ++o) {
    const TensorAccess& access = operation.access[o];
    if (!access.used) continue;
    const std::uint32_t stored =
        access.is_parameter ? chunk.bits.weight : plan.tensor_bits[access.tensor];
    program.placement[o].bits = stored;
    program.pe_bits[o] = std::min(stored, width[o]);
  }
  program.psum.bits = chunk.bits.psum;
  choose_buffer_tiles(program, limits, mapping.buffer_tiles);
  return program;
}

void choose_buffer_tiles(Program& program, const ProgramLimits& limits,
                         const std::array<std::optional<std::uint32_t>, kOperands>& fixed) {
  for (std::size_t o = 0; o < kOperands; ++o) {
    const bool in_buffer = program.operation.access[o].used && !program.bypass_buffer[o];
    program.buffer_tiles[o] = in_buffer ? fixed[o].value_or(1) : 0;
  }
  for (std::size_t o = 0; o < kOperands; ++o) {
    if (fixed[o] || program.buffer_tiles[o] == 0 || !changes_over_dram(program, kAllOperands[o]))
      continue;
    program.buffer_tiles[o] = 2;
    if (total_buffer_bytes(program, limits) > limits.buffer_capacity_bytes)
      program.buffer_tiles[o] = 1;
  }
}

}  // namespace chasm
