#include "mapper/loop_nest.h"

#include "base/check.h"

namespace chasm {

LoopNest to_nest(const Program& program) {
  LoopNest nest;
  nest.rf = rf_tile(program);
  for (const Loop& loop : program.spatial_x) nest.x[loop.dim] *= loop.trips;
  for (const Loop& loop : program.spatial_y) nest.y[loop.dim] *= loop.trips;
  CHECK(program.dram.size() + program.buffer.size() <= nest.loops.size(), "{} temporal loops of {}",
        program.dram.size() + program.buffer.size(), program.operation.name);
  for (const Loop& loop : program.dram) nest.add(loop.dim, loop.trips);
  nest.dram = nest.count;
  for (const Loop& loop : program.buffer) nest.add(loop.dim, loop.trips);
  nest.buffer_tiles = program.buffer_tiles;
  return nest;
}

LoopNest to_nest(const OperationMapping& mapping) {
  Program program;
  program.dram = mapping.dram;
  program.buffer = mapping.buffer;
  program.spatial_x = mapping.spatial_x;
  program.spatial_y = mapping.spatial_y;
  program.rf = mapping.rf;
  for (std::size_t o = 0; o < kOperands; ++o)
    program.buffer_tiles[o] = mapping.buffer_tiles[o].value_or(0);
  return to_nest(program);
}

Program to_program(const Program& prototype, const LoopNest& nest) {
  const OperationMapping mapping = to_mapping(nest, "");
  Program program = prototype;
  program.dram = mapping.dram;
  program.buffer = mapping.buffer;
  program.spatial_x = mapping.spatial_x;
  program.spatial_y = mapping.spatial_y;
  program.rf = mapping.rf;
  program.buffer_tiles = nest.buffer_tiles;
  return program;
}

OperationMapping to_mapping(const LoopNest& nest, const std::string& chunk) {
  OperationMapping mapping;
  mapping.chunk = chunk;
  for (std::size_t l = 0; l < nest.count; ++l) {
    (l < nest.dram ? mapping.dram : mapping.buffer).push_back(nest.loops[l]);
  }
  for (const Dim d : kAllDims) {
    if (nest.x[d] > 1) mapping.spatial_x.push_back({d, nest.x[d]});
    if (nest.y[d] > 1) mapping.spatial_y.push_back({d, nest.y[d]});
    if (nest.rf[d] > 1) mapping.rf.push_back({d, nest.rf[d]});
  }
  for (std::size_t o = 0; o < kOperands; ++o) {
    if (nest.buffer_tiles[o] > 0) mapping.buffer_tiles[o] = nest.buffer_tiles[o];
  }
  return mapping;
}

}  // namespace chasm
