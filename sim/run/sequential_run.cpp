#include "sim/run/sequential_run.h"

#include <fmt/format.h>

namespace chasm {
namespace {

// The loop nest in one line: "dram K4 P2 | buffer C8 | x K14 | y R3 | rf S3".
std::string describe(const Program& program) {
  std::string text;
  const auto add = [&](const char* level, const std::vector<Loop>& loops) {
    std::string factors;
    for (const Loop& loop : loops)
      if (loop.trips > 1) factors += fmt::format(" {}{}", letter(loop.dim), loop.trips);
    if (!factors.empty()) text += fmt::format("{}{}{}", text.empty() ? "" : " | ", level, factors);
  };
  add("dram", program.dram);
  add("buffer", program.buffer);
  add("x", program.spatial_x);
  add("y", program.spatial_y);
  add("rf", program.rf);
  return text;
}

ActivityWidths widths_of(const Program& program) {
  const auto operand = [](Operand o) { return static_cast<std::size_t>(o); };
  ActivityWidths widths;
  for (const auto& [kind, o] : {std::pair{WordKind::input, Operand::input},
                                std::pair{WordKind::weight, Operand::weight},
                                std::pair{WordKind::output, Operand::output}}) {
    widths.stored[kind] = program.placement[operand(o)].bits;
    widths.pe[kind] = program.pe_bits[operand(o)];
  }
  widths.stored[WordKind::psum] = widths.pe[WordKind::psum] = program.psum.bits;
  return widths;
}

}  // namespace

SequentialRun::SequentialRun(const ArchSpec& arch, const Network& network, const Lowered& lowered,
                             std::uint64_t images, const Values* values,
                             const std::function<void(std::size_t, std::size_t)>& progress)
    : arch_(arch),
      network_(network),
      lowered_(lowered),
      images_(images),
      values_(values),
      progress_(progress),
      accelerator_("accelerator", arch) {}

std::vector<LayerResult> SequentialRun::run() {
  const std::size_t total = lowered_.operations.size() * images_;
  start_next(0);
  run_to_end(accelerator_, [&] { return layers_.size() == total; });
  return std::move(layers_);
}

void SequentialRun::start_next(Cycle at) {
  const std::size_t count = lowered_.operations.size();
  const LoweredOperation& next = lowered_.operations[layers_.size() % count];
  activity_ = {};
  if (values_) mover_ = values_->start(next, layers_.size() / count, activity_);
  accelerator_.start(next.chunk, next.program, at, mover_.get(), activity_,
                     [this](const Chunk::Report& report) { ended(report); });
}

void SequentialRun::ended(const Chunk::Report& report) {
  const std::size_t count = lowered_.operations.size();
  const std::size_t at = layers_.size() % count;
  const LoweredOperation& done = lowered_.operations[at];
  const Layer& layer = network_.layers[done.layer];
  const ChunkSpec& chunk = arch_.chunks[done.chunk];
  LayerResult result;
  result.name = done.program.operation.name;
  result.type = to_string(layer.type);
  result.arithmetic = to_string(layer.arithmetic);
  result.chunk = chunk.name;
  result.image = layers_.size() / count;
  result.start_cycle = report.start;
  result.end_cycle = report.end;
  result.operations = activity_.pe_operations;
  result.peak_operations_per_cycle = chunk.pes() * chunk.lanes;
  result.cycles_by_cause = report.cycles_by_cause;
  result.activity = activity_;
  result.widths = widths_of(done.program);
  result.mapping = describe(done.program);
  layers_.push_back(std::move(result));
  if (values_) {
    const bool last_part = at + 1 == count || lowered_.operations[at + 1].layer != done.layer;
    values_->finish(done, layers_.back().image, last_part, activity_.overflows);
  }
  if (progress_) progress_(layers_.size(), count * images_);
  if (layers_.size() < count * images_) start_next(report.end + 1);
}

}  // namespace chasm
