#include "mapper/explain.h"

#include <algorithm>

#include "base/units.h"
#include "mapper/build_program.h"
#include "mapper/line_counts.h"
#include "mapper/loop_nest.h"
#include "mapper/word_counts.h"

namespace chasm {
namespace {

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

}  // namespace

MappingExplanation explain_mapping(const Program& program, const GlobalBufferSpec& buffer) {
  MappingExplanation result;
  for (const Operand operand : kAllOperands)
    result.tiles[static_cast<std::size_t>(operand)] = tiles_of(program, operand, buffer.word_bytes);
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
  return result;
}

}  // namespace chasm
