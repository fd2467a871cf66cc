#include <algorithm>

#include "base/check.h"
#include "base/units.h"
#include "tests/support/oracle/planners.h"

namespace chasm::oracle {
namespace {

// What a PE does for an operation that is not its own arithmetic.
std::uint64_t reconfigured(const ChunkSpec& chunk, OpKind kind) {
  if (kind == OpKind::multiply_accumulate) return chunk.reconfigurable.multiply;
  if (kind == OpKind::shift_accumulate) return chunk.reconfigurable.shift;
  if (kind == OpKind::adder_accumulate) return chunk.reconfigurable.adder;
  return 0;
}

// Operations a PE and cycle.
std::uint64_t lanes(const ChunkSpec& chunk, OpKind kind) {
  const std::uint64_t factor = reconfigured(chunk, kind);
  return chunk.lanes * (factor == 0 ? 1 : factor);
}

std::vector<std::uint64_t> streaming_cycles(const ChunkSpec& chunk, OpKind kind,
                                            const std::vector<Step>& steps) {
  std::vector<std::uint64_t> cycles;
  for (const Step& step : steps) {
    std::uint64_t most = 0;
    for (const Block& block : step.pes) most = std::max(most, iterations(block));
    cycles.push_back(ceil_div(most, lanes(chunk, kind)));
  }
  return cycles;
}

Operand stationary(Dataflow dataflow) {
  if (dataflow == Dataflow::os) return Operand::output;
  return dataflow == Dataflow::ws ? Operand::weight : Operand::input;
}

// Whether every PE holds the same part of an operand in two steps. Padding has a place in it too,
// so the indices are compared and not the words.
bool same_in_every_pe(const TensorAccess& access, const Step& a, const Step& b) {
  CHECK(a.pes.size() == b.pes.size(), "an array of {} and {} PEs", a.pes.size(), b.pes.size());
  for (std::size_t e = 0; e < a.pes.size(); ++e) {
    const bool idle = iterations(a.pes[e]) == 0;
    if (idle != (iterations(b.pes[e]) == 0)) return false;
    for (const Dim d : kAllDims) {
      if (!idle && access.depends_on(d) && a.pes[e][d] != b.pes[e][d]) return false;
    }
  }
  return true;
}

// The first step of every fold, and behind them the number of steps.
std::vector<std::size_t> folds(const ChunkSpec& chunk, const Program& program,
                               const std::vector<Step>& steps) {
  const TensorAccess& held = program.operation.of(stationary(chunk.dataflow));
  std::vector<std::size_t> first = {0};
  for (std::size_t s = 1; s < steps.size(); ++s) {
    if (!same_in_every_pe(held, steps[s], steps[s - 1])) first.push_back(s);
  }
  first.push_back(steps.size());
  return first;
}

void add_skew(const ChunkSpec& chunk, const std::vector<std::size_t>& first_steps,
              std::vector<std::uint64_t>& cycles) {
  const std::uint64_t preload = chunk.dataflow == Dataflow::os ? 0 : chunk.rows;
  std::uint64_t streamed = 0;  // by the fold before
  for (std::size_t fold = 0; fold + 1 < first_steps.size(); ++fold) {
    std::uint64_t streams = 0;
    for (std::size_t s = first_steps[fold]; s < first_steps[fold + 1]; ++s) streams += cycles[s];
    std::uint64_t skew = preload + chunk.rows + chunk.cols - 2;
    if (chunk.overlap_folds && fold > 0) skew = preload > streamed ? preload - streamed : 0;
    cycles[first_steps[fold]] += skew;
    streamed = streams;
  }
}

}  // namespace

std::vector<std::uint64_t> issue_cycles(const ChunkSpec& chunk, const Program& program,
                                        const std::vector<Step>& steps) {
  std::vector<std::uint64_t> cycles = streaming_cycles(chunk, program.operation.kind, steps);
  if (chunk.interconnect == Interconnect::systolic) {
    add_skew(chunk, folds(chunk, program, steps), cycles);
  }
  return cycles;
}

}  // namespace chasm::oracle
