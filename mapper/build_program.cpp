#include "mapper/build_program.h"

#include <algorithm>
#include <cmath>

#include "models/program/flatten.h"
#include "mapper/buffer_fit.h"

namespace chasm {
namespace {

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
  if (limits.systolic) {
    limits.systolic_row = chunk.dataflow == Dataflow::os ? Dim::P : Dim::C;
    limits.systolic_col = chunk.dataflow == Dataflow::is ? Dim::P : Dim::K;
  }
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

Operation operation_on(const ChunkSpec& chunk, const Operation& operation) {
  return chunk.interconnect == Interconnect::systolic ? flattened(operation) : operation;
}

std::array<bool, kOperands> bypass_of(const ChunkSpec& chunk) {
  const auto& bypass = chunk.bypass_global_buffer;
  return {bypass.input, bypass.weight, false};
}

std::vector<std::array<bool, kOperands>> bypass_choices(
    const Operation& operation, const ChunkSpec& chunk,
    const std::optional<std::array<bool, kOperands>>& demanded) {
  const std::array<bool, kOperands> all = bypass_of(chunk);
  if (demanded) {
    std::array<bool, kOperands> one = *demanded;
    for (std::size_t o = 0; o < kOperands; ++o) one[o] = one[o] && all[o];
    return {one};
  }
  std::vector<std::array<bool, kOperands>> choices = {all};
  for (std::size_t o = 0; o < kOperands; ++o) {
    if (!all[o] || !operation.access[o].used) continue;
    for (std::size_t i = choices.size(); i-- > 0;) {
      choices.push_back(choices[i]);
      choices.back()[o] = false;
    }
  }
  return choices;
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
  program.bypass_buffer = mapping.bypass.value_or(bypass_of(chunk));
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

TensorLayout layout_of(const LayoutSpec& spec, const Shape& shape) {
  if (spec.activations == ActivationOrder::channel_major) return {};
  const bool last = spec.activations == ActivationOrder::channels_last;
  return {last ? shape.c : spec.block_channels, shape.c, shape.h * shape.w};
}

std::uint64_t rlc_units(double zeros, std::uint32_t bits) {
  constexpr int kLongestRun = 31, kPairs = 3;
  // Zeros are taken as independent: of k words so far, all are zeros with probability zeros^k.
  double words = 0, all_zeros = 1;  // expected words of a pair
  for (int k = 0; k <= kLongestRun; ++k, all_zeros *= zeros) words += all_zeros;
  const double units = 64.0 * Placement::kUnitsOfABit / kPairs / words;
  const std::uint64_t plain = bits * Placement::kUnitsOfABit;
  const auto rounded = static_cast<std::uint64_t>(std::llround(units));
  return rounded < plain ? rounded : 0;
}

void lay_out(Program& program, const LayoutSpec& spec, const Network& network) {
  for (std::size_t o = 0; o < kOperands; ++o) {
    const TensorAccess& access = program.operation.access[o];
    if (!access.used || access.is_parameter) continue;
    Placement& placement = program.placement[o];
    placement.layout = layout_of(spec, network.tensor_shape(access.tensor));
    const auto zeros = network.zeros.find(access.tensor);
    if (spec.compression == Compression::rlc && zeros != network.zeros.end())
      placement.compressed = rlc_units(zeros->second, placement.bits);
  }
  program.psum.layout = program.placement[static_cast<std::size_t>(Operand::output)].layout;
}

void gate_zeros(Program& program, const ChunkSpec& chunk, const Network& network) {
  const OpKind kind = program.operation.kind;
  if (!chunk.zero_gating ||
      (kind != OpKind::multiply_accumulate && kind != OpKind::shift_accumulate))
    return;
  const auto zeros = network.zeros.find(program.operation.of(Operand::input).tensor);
  if (zeros == network.zeros.end()) return;
  program.gated = static_cast<std::uint64_t>(
      std::llround(zeros->second * static_cast<double>(Program::kAllGated)));
}

void choose_buffer_tiles(Program& program, const ProgramLimits& limits,
                         const std::array<std::optional<std::uint32_t>, kOperands>& fixed) {
  std::array<std::uint64_t, kOperands> bytes{};
  std::array<bool, kOperands> change{}, open{};
  program.buffer_tiles = {1, 1, 1};
  for (std::size_t o = 0; o < kOperands; ++o) {
    bytes[o] = buffer_bytes(program, kAllOperands[o], limits.buffer_word_bytes);
    change[o] = changes_over_dram(program, kAllOperands[o]);
    open[o] = bytes[o] == 0 || !fixed[o];
    if (!open[o]) program.buffer_tiles[o] = *fixed[o];
  }
  choose_tiles(bytes, change, open, limits.buffer_capacity_bytes, program.buffer_tiles);
}

}  // namespace chasm
