#include "tests/support/oracle/counts.h"

#include "base/units.h"

namespace chasm::oracle {
namespace {

void count_operand(const OperandPlan& plan, WordKind kind, Activity& activity) {
  if (!plan.used) return;
  activity.register_file[kind].reads += activity.pe_operations;
  for (const Fill& fill : plan.fills) {
    activity.register_file[kind].writes += fill.receivers;
    activity.bus_words[kind] += fill.words;
    activity.bus_receivers[kind] += fill.receivers;
    if (plan.bypass) {
      activity.dram[kind].reads += fill.words;
      activity.dram_read_bursts += fill.lines.size();
    } else {
      activity.buffer[kind].reads += fill.words;
    }
  }
  for (const Load& load : plan.loads) {
    activity.buffer[kind].writes += load.words;
    activity.dram[kind].reads += load.words;
    activity.dram_read_bursts += load.lines.size();
  }
}

// Every operation adds to a psum: a read and a write, but the first one of a word needs no read.
void count_psum_registers(const Plan& plan, Activity& activity) {
  ReadsWrites& psum = activity.register_file[WordKind::psum];
  psum.writes += activity.pe_operations;
  psum.reads += activity.pe_operations;
  for (const Residency& residency : plan.residencies) {
    // The words of one PE of each reducing group were read back; all others start from zero.
    const std::uint64_t read_back = residency.read_back ? residency.words.size() : 0;
    psum.writes += read_back;
    psum.reads = minus(psum.reads, minus(residency.held, read_back));
    if (residency.drains) psum.reads += residency.held;
  }
}

void count_residency(const Residency& residency, Activity& activity) {
  const std::uint64_t words = residency.words.size();
  if (residency.read_back) {
    activity.bus_words[WordKind::psum] += words;
    activity.bus_receivers[WordKind::psum] += words;
    activity.buffer[WordKind::psum].reads += words;
  }
  if (!residency.drains) return;
  const WordKind kind = residency.complete ? WordKind::output : WordKind::psum;
  activity.bus_words[kind] += words;
  activity.bus_receivers[kind] += words;
  activity.reduction_words += minus(residency.held, words);
  activity.buffer[kind].writes += words;
}

void count_output_tile(const OutputTile& tile, Activity& activity) {
  const std::uint64_t words = tile.words.size();
  if (tile.load_psums) {
    activity.dram[WordKind::psum].reads += words;
    activity.dram_read_bursts += tile.psum_lines.size();
    activity.buffer[WordKind::psum].writes += words;
  }
  if (!tile.stores) return;
  const WordKind kind = tile.complete ? WordKind::output : WordKind::psum;
  activity.buffer[kind].reads += words;
  activity.dram[kind].writes += words;
  activity.dram_write_bursts += tile.store_lines.size();
}

}  // namespace

Activity count_activity(const Program& program, const Plan& plan) {
  Activity activity;
  for (const Step& step : plan.steps) {
    for (const Block& block : step.pes) activity.pe_operations += iterations(block);
  }
  count_operand(plan.operands[0], WordKind::input, activity);
  count_operand(plan.operands[1], WordKind::weight, activity);
  if (!program.operation.is_row_op()) count_psum_registers(plan, activity);
  // Of n operations so many in 65536 are gated, a half counting as one more; a long division.
  std::uint64_t gated = 0, remainder = 0;
  for (std::uint64_t n = 0; n < activity.pe_operations; ++n) {
    remainder += program.gated;
    if (remainder >= 65536) ++gated, remainder -= 65536;
  }
  activity.gated_operations = gated + (2 * remainder >= 65536 ? 1 : 0);
  if (plan.operands[1].used)
    activity.register_file[WordKind::weight].reads =
        minus(activity.register_file[WordKind::weight].reads, activity.gated_operations);
  for (const Residency& residency : plan.residencies) count_residency(residency, activity);
  for (const OutputTile& tile : plan.output_tiles) count_output_tile(tile, activity);
  return activity;
}

}  // namespace chasm::oracle
