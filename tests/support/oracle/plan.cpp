#include "tests/support/oracle/plan.h"

#include <algorithm>

#include "base/check.h"
#include "base/units.h"
#include "tests/support/oracle/planners.h"

namespace chasm::oracle {
namespace {

// Product of the spatial trips of reduction dimensions.
std::uint64_t reducing_pes(const Program& program) {
  std::uint64_t product = 1;
  for (const std::vector<Loop>* level : {&program.spatial_x, &program.spatial_y}) {
    for (const Loop& loop : *level) {
      if (program.operation.is_reduction(loop.dim)) product *= loop.trips;
    }
  }
  return product;
}

std::uint64_t reduction_latency(const ChunkSpec& chunk, const Program& program) {
  const std::uint64_t pes = reducing_pes(program);
  // On a systolic array it is part of the skew.
  if (pes == 1 || chunk.interconnect == Interconnect::systolic) return 0;
  CHECK(chunk.spatial_reduction != SpatialReduction::none, "no way to add psums of {} PEs", pes);
  if (chunk.spatial_reduction == SpatialReduction::chain) return pes - 1;
  std::uint64_t depth = 0;
  while ((std::uint64_t{1} << depth) < pes) ++depth;
  return depth;
}

}  // namespace

std::uint64_t beats_of(std::uint64_t words, std::uint32_t bits, std::uint32_t bus_words,
                       std::uint32_t word_bytes) {
  return std::max(ceil_div(words, bus_words), ceil_div(packed_bytes(words, bits), word_bytes));
}

Plan make_plan(const ArchSpec& arch, const ChunkSpec& chunk, const Program& program,
               const Readings& readings) {
  Plan plan;
  plan.readings = readings;
  plan.steps = all_steps(program);
  CHECK(!plan.steps.empty(), "a program without steps");
  plan.issue = issue_cycles(chunk, program, plan.steps);
  for (const Operand operand : {Operand::input, Operand::weight}) {
    if (!program.operation.of(operand).used) continue;
    plan.operands[static_cast<std::size_t>(operand)] =
        plan_operand(arch, chunk, program, plan.steps, operand, readings);
  }
  plan_outputs(arch, chunk, program, plan);
  plan.drain_delay = chunk.pipeline_depth + reduction_latency(chunk, program);
  return plan;
}

}  // namespace chasm::oracle
