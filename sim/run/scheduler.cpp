#include "sim/run/scheduler.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/program/loops_line.h"
#include "models/program/verify.h"

namespace chasm {
namespace {

// The operations that write the tensors an operation reads.
std::vector<std::vector<std::size_t>> needs_of(const Network& network, const Lowered& lowered) {
  std::vector<std::vector<std::size_t>> needs(lowered.operations.size());
  for (std::size_t o = 0; o < needs.size(); ++o)
    for (const std::uint32_t tensor : network.layers[lowered.operations[o].layer].inputs)
      for (std::size_t p = 0; p < o; ++p)
        if (network.output_of(lowered.operations[p].layer) == tensor) needs[o].push_back(p);
  return needs;
}

}  // namespace

Scheduler::Scheduler(sc_core::sc_module_name name, const ArchSpec& arch, const Network& network,
                     const Lowered& lowered, const Params& params)
    : sc_module(name),
      arch_(arch),
      network_(network),
      lowered_(lowered),
      params_(params),
      clock_(machine_clocks(arch).core),
      trace_(params.recorder, arch, lowered),
      accelerator_("accelerator", arch, params.recorder, params.dram_commands),
      wakeup_(clock_),
      operations_(lowered.operations.size()),
      tasks_(operations_ * params.images),
      started_(tasks_, 0),
      first_open_(arch.chunks.size(), 0),
      needs_(needs_of(network, lowered)),
      done_(tasks_, 0),
      tiles_space_(0, minus(arch.global_buffer.capacity_bytes, params.keep_on_chip_bytes),
                   arch.global_buffer.word_bytes),
      kept_(network, lowered, arch.global_buffer.capacity_bytes - params.keep_on_chip_bytes,
            arch.global_buffer.capacity_bytes, arch.global_buffer.word_bytes),
      running_(arch.chunks.size()),
      results_(tasks_) {
  SC_HAS_PROCESS(Scheduler);
  SC_METHOD(step);
  sensitive << wakeup_.event();
  dont_initialize();
}

std::vector<LayerResult> Scheduler::run() {
  start_ready(0);
  run_to_end(
      accelerator_, [&] { return work_left(); }, params_.most_cycles,
      [&](Cycle now) { look(now); });
  return std::move(results_);
}

// For the report of a run that was stopped: nothing when all is done.
std::string Scheduler::work_left() const {
  if (done_count_ == tasks_) return "";
  return fmt::format("{} of {} layers have ended{}\n", done_count_, tasks_, running_layers("\n"));
}

std::string Scheduler::running_layers(const char* separator) const {
  std::string text;
  for (std::size_t c = 0; c < running_.size(); ++c) {
    const Running& running = running_[c];
    if (!running.active) continue;
    text += fmt::format("{}{} is in layer {} of image {}", separator, arch_.chunks[c].name,
                        running.program.operation.name, running.task / operations_);
  }
  return text;
}

void Scheduler::look(Cycle now) {
  note_progress(now, "cycles");
  if (layers_changed_)
    doing_.becomes(
        fmt::format("{} of {} layers have ended{}", done_count_, tasks_, running_layers(", ")));
  layers_changed_ = false;
  if (params_.progress) params_.progress({done_count_, tasks_, now});
}

// At the cycle in which layers end: what they held is free, and others start one cycle later.
void Scheduler::step() {
  ++activations_;
  wakeup_.taken();
  const Cycle now = current_cycle(clock_);
  std::sort(ends_.begin(), ends_.end());
  std::size_t ended = 0;
  while (ended < ends_.size() && ends_[ended].first <= now) end(running_[ends_[ended++].second]);
  ends_.erase(ends_.begin(), ends_.begin() + static_cast<std::ptrdiff_t>(ended));
  start_ready(now + 1);
  if (!ends_.empty()) wakeup_.at(ends_.front().first);
}

void Scheduler::end(Running& running) {
  results_[running.task] = result_of(running);
  done_[running.task] = 1;
  ++done_count_;
  while (oldest_open_ < tasks_ && done_[oldest_open_]) ++oldest_open_;
  running.active = false;
  running.mover.reset();
  if (running.buffer_bytes > 0) tiles_space_.give_back(running.buffer_address);
  const std::uint64_t given_up =
      kept_.ended(running.task % operations_, running.task / operations_);
  trace_.ended(running.task % operations_, running.task / operations_,
               running.buffer_bytes + given_up, running.report.start, running.report.end);
  if (params_.values) {
    const std::size_t operation = running.task % operations_;
    const std::size_t layer = lowered_.operations[operation].layer;
    const bool last_part =
        operation + 1 == operations_ || lowered_.operations[operation + 1].layer != layer;
    params_.values->finish(layer, running.task / operations_, last_part,
                           running.activity.overflows);
  }
  layers_changed_ = true;
}

// Every chunk that is free takes the first of its tasks, by image and then network order, that may
// start; it waits when the buffer has no room for it.
void Scheduler::start_ready(Cycle at) {
  for (std::uint32_t chunk = 0; chunk < running_.size(); ++chunk) {
    if (running_[chunk].active) continue;
    std::size_t& first = first_open_[chunk];
    const auto is_open = [&](std::size_t task) {
      return lowered_.operations[task % operations_].chunk == chunk && !started_[task];
    };
    while (first < tasks_ && !is_open(first)) ++first;
    for (std::size_t task = first; task < tasks_in_view(); ++task) {
      if (!is_open(task) || !is_ready(task)) continue;
      if (reserve(task)) start(task, at);
      break;
    }
  }
}

std::size_t Scheduler::tasks_in_view() const {
  const std::size_t window = params_.schedule == Schedule::pipelined ? 2 * running_.size() : 1;
  return std::min(tasks_, (oldest_open_ / operations_ + window) * operations_);
}

bool Scheduler::is_ready(std::size_t task) const {
  if (params_.schedule == Schedule::sequential) return task == done_count_;
  const std::size_t image = task / operations_;
  return std::all_of(needs_[task % operations_].begin(), needs_[task % operations_].end(),
                     [&](std::size_t o) { return done_[image * operations_ + o] != 0; });
}

bool Scheduler::reserve(std::size_t task) {
  const LoweredOperation& operation = lowered_.operations[task % operations_];
  const std::uint64_t image = task / operations_;
  Running& running = running_[operation.chunk];
  Program& program = running.program;
  program = operation.program;
  // Every image has tensors of its own; parameters are shared.
  for (const Operand o : kAllOperands)
    if (!program.operation.of(o).is_parameter)
      program.placement[static_cast<std::size_t>(o)].dram_base += image * lowered_.dram_bytes;
  program.psum.dram_base += image * lowered_.dram_bytes;
  kept_.place(program, task % operations_, image);

  const std::uint32_t word_bytes = arch_.global_buffer.word_bytes;
  running.buffer_bytes = 0;
  for (const Operand o : kAllOperands) running.buffer_bytes += buffer_bytes(program, o, word_bytes);
  if (running.buffer_bytes == 0) return true;
  const std::optional<std::uint64_t> address = tiles_space_.lowest(running.buffer_bytes);
  if (!address) return false;
  running.buffer_address = *address;
  std::uint64_t next = *address;
  for (const Operand o : kAllOperands) {
    if (!has_buffer_tiles(program, o)) continue;
    program.buffer_base[static_cast<std::size_t>(o)] = next;
    next += buffer_bytes(program, o, word_bytes);
  }
  return true;
}

void Scheduler::start(std::size_t task, Cycle at) {
  const std::uint32_t chunk = lowered_.operations[task % operations_].chunk;
  const std::uint64_t image = task / operations_;
  Running& running = running_[chunk];
  running.active = layers_changed_ = true;
  started_[task] = 1;
  running.task = task;
  running.activity = {};
  if (running.buffer_bytes > 0) tiles_space_.take(running.buffer_address, running.buffer_bytes);
  const std::uint64_t kept_bytes = kept_.started(running.program, task % operations_, image);
  trace_.started(running.buffer_bytes + kept_bytes, at);
  if (params_.values)
    running.mover = params_.values->start(running.program, image, running.activity);
  accelerator_.start(chunk, running.program, at, running.mover.get(), running.activity,
                     [this, chunk](const Chunk::Report& report) {
                       running_[chunk].report = report;
                       ends_.emplace_back(report.end, chunk);
                       wakeup_.at(report.end);
                     });
}

LayerResult Scheduler::result_of(const Running& running) const {
  const LoweredOperation& operation = lowered_.operations[running.task % operations_];
  const Layer& layer = network_.layers[operation.layer];
  const ChunkSpec& chunk = arch_.chunks[operation.chunk];
  LayerResult result;
  result.name = operation.program.operation.name;
  result.type = to_string(layer.type);
  result.arithmetic = to_string(layer.arithmetic);
  result.chunk = chunk.name;
  result.image = running.task / operations_;
  result.start_cycle = running.report.start;
  result.end_cycle = running.report.end;
  result.operations = running.activity.pe_operations;
  result.peak_operations_per_cycle = chunk.peak_operations(layer.arithmetic);
  result.cycles_by_cause = running.report.cycles_by_cause;
  result.activity = running.activity;
  result.widths = activity_widths(running.program);
  result.kept = running.program.kept;
  result.mapping = loops_line(running.program);
  return result;
}

}  // namespace chasm
