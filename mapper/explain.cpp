#include "mapper/explain.h"

#include <algorithm>

#include "base/units.h"
#include "models/arch/dram_link.h"
#include "mapper/build_program.h"
#include "mapper/line_counts.h"
#include "mapper/loop_nest.h"
#include "mapper/word_counts.h"

namespace chasm {
namespace {

constexpr double kLineBytes = 64;

double real(std::uint64_t count) { return static_cast<double>(count); }

MappingExplanation::OperandTiles tiles_of(const Program& program, Operand operand,
                                          std::uint32_t buffer_word_bytes) {
  const auto o = static_cast<std::size_t>(operand);
  const Operation& operation = program.operation;
  const TensorAccess& access = operation.access[o];
  MappingExplanation::OperandTiles tiles;
  tiles.used = access.used;
  if (!access.used) return tiles;
  tiles.bypasses_buffer = program.bypass_buffer[o];
  tiles.tensor_words = 1;
  for (const Axis& axis : access.stored_axes()) {
    const auto& bounds = access.im2col ? access.im2col->unflat : operation.bounds;
    tiles.tensor_words *= std::min<std::uint64_t>(distinct_coordinates(axis, bounds),
                                                  static_cast<std::uint64_t>(axis.extent));
  }
  tiles.pe_words = tile_words(access, clipped(rf_tile(program), operation));
  tiles.array_words = tile_words(access, clipped(array_tile(program), operation));
  if (!has_buffer_tiles(program, operand)) return tiles;
  tiles.buffer_words = buffer_words(access, clipped(buffer_tile(program), operation));
  tiles.buffer_bytes = buffer_bytes(program, operand, buffer_word_bytes);
  tiles.buffer_tiles = program.buffer_tiles[o];
  return tiles;
}

// Bits at the buffer's ports, chunk and DMA.
double buffer_bits_of(const Activity& activity, const ActivityWidths& widths) {
  double bits = 0;
  for (std::size_t k = 0; k < kWordKinds; ++k) {
    const auto kind = static_cast<WordKind>(k);
    bits += real(activity.buffer[kind].reads + activity.buffer[kind].writes) * widths.stored[kind];
  }
  return bits;
}

std::vector<MappingExplanation::Bound> bounds_of(const Program& program, const ChunkSpec& chunk,
                                                 const ArchSpec& arch, const Activity& activity) {
  const auto& width = chunk.bus_words_per_cycle;
  const auto words = [&](WordKind kind) { return real(activity.bus_words[kind]); };
  // Spilled sums go out and come back, half of their words each way.
  const double spilled = words(WordKind::psum) / 2;
  const GlobalBufferSpec& buffer = arch.global_buffer;
  const double port_bits = 8.0 * buffer.word_bytes * buffer.ports;
  const double lines = real(activity.dram_read_bursts + activity.dram_write_bursts);
  return {{"PEs", real(issue_cycles(program, chunk))},
          {"input bus", words(WordKind::input) / width.input},
          {"weight bus", words(WordKind::weight) / width.weight},
          {"psum_in bus", spilled / width.psum_in},
          {"output bus", (words(WordKind::output) + spilled) / width.output},
          {"buffer ports", buffer_bits_of(activity, activity_widths(program)) / port_bits},
          {"DRAM", lines * kLineBytes / dram_link(arch).bytes_per_cycle}};
}

}  // namespace

const MappingExplanation::Bound& MappingExplanation::tightest() const {
  return *std::max_element(bounds.begin(), bounds.end(),
                           [](const Bound& a, const Bound& b) { return a.cycles < b.cycles; });
}

MappingExplanation explain_mapping(const Program& program, const ChunkSpec& chunk,
                                   const ArchSpec& arch) {
  MappingExplanation result;
  for (const Operand operand : kAllOperands)
    result.tiles[static_cast<std::size_t>(operand)] =
        tiles_of(program, operand, arch.global_buffer.word_bytes);
  const LoopNest nest = to_nest(program);
  WordCounter counter(program);
  const WordCounts counts = counter.count(nest);
  const LineCounts lines = count_lines(program);
  result.activity = to_activity(counts, program);
  result.activity.dram_read_bursts = lines.reads;
  result.activity.dram_write_bursts = lines.writes;
  result.steps = counts.steps;
  for (std::size_t l = 0; l < nest.dram; ++l) result.dram_iterations *= nest.loops[l].trips;
  result.pes_used = 1;
  for (const Dim d : kAllDims)
    result.pes_used *= std::min(nest.spatial(d), ceil_div(program.operation.bounds[d], nest.rf[d]));
  result.bounds = bounds_of(program, chunk, arch, result.activity);
  return result;
}

}  // namespace chasm
