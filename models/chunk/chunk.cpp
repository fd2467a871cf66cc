#include "models/chunk/chunk.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "models/chunk/fold_skew.h"

namespace chasm {
namespace {

constexpr Operand operand_of(std::uint32_t bus) {
  return bus == 0 ? Operand::input : Operand::weight;
}
constexpr WordKind kind_of(std::uint32_t bus) {
  return bus == 0 ? WordKind::input : WordKind::weight;
}

// PEs whose psums are added up: the product of the spatial trips of reduction dimensions.
std::uint64_t spatial_reduction(const Program& program) {
  std::uint64_t pes = 1;
  for (const auto* loops : {&program.spatial_x, &program.spatial_y})
    for (const Loop& loop : *loops)
      if (program.operation.is_reduction(loop.dim)) pes *= loop.trips;
  return pes;
}

}  // namespace

// State of the running program.
struct Chunk::Run {
  const Program& program;
  TileSupplier& supplier;
  WordMover* mover;
  PlaceCheck* places;
  Activity& activity;
  Ended ended;
  Cycle begin;  // the first cycle in which something may happen
  LoopCursor cursor;
  OutputEngine outputs;
  std::array<std::optional<FillEngine>, 2> fills;
  std::array<std::deque<FifoLine>, 2> fifo;
  std::array<std::uint64_t, 2> fifo_words{};  // of the current fill that went over the bus
  std::array<Transfer, kBuses> transfers;
  DimArray<std::uint64_t> rf, array;
  std::optional<FoldSkew> folds;  // of a systolic array
  std::uint64_t lanes = 1;        // operations of the program's arithmetic a PE and cycle
  bool all_issued = false;
  Cycle issue_end, weights_end;  // of the latest step, and of the latest fill of weights
  Report report;

  Run(const Program& p, TileSupplier& s, WordMover* m, PlaceCheck* c, Activity& a, Ended e,
      Cycle begin_, std::uint32_t psum_residencies, Cycle latency)
      : program(p),
        supplier(s),
        mover(m),
        places(c),
        activity(a),
        ended(std::move(e)),
        begin(begin_),
        cursor(p, p.dram.size() + p.buffer.size()),
        outputs(p, psum_residencies, latency, begin_),
        rf(rf_tile(p)),
        array(array_tile(p)),
        issue_end(begin_),
        weights_end(begin_) {
    const auto& [input, weight, output] = p.buffer_base;
    for (const auto& [bus, base] : {std::pair{kInput, input}, std::pair{kWeight, weight},
                                    std::pair{kPsumIn, output}, std::pair{kDrain, output}})
      transfers[bus].address = base;
  }
};

Chunk::Chunk(sc_core::sc_module_name name, const Params& params, const ClockDomain& clock,
             PayloadPool& pool, Recorder* recorder)
    : sc_module(name),
      to_buffer("to_buffer"),
      params_(params),
      clock_(clock),
      pool_(pool),
      wakeup_(clock),
      trace_(recorder, params.spec.name) {
  to_buffer.bind(*this);
  SC_HAS_PROCESS(Chunk);
  SC_METHOD(step);
  sensitive << wakeup_.event();
  dont_initialize();
}

Chunk::~Chunk() = default;

// From the end of the last issue of an output residency until its psums can leave.
Cycle Chunk::drain_latency(const Program& program) const {
  const std::uint64_t n = spatial_reduction(program);
  Cycle reduction = 0;
  if (params_.spec.interconnect == Interconnect::systolic) return params_.spec.pipeline_depth;
  if (params_.spec.spatial_reduction == SpatialReduction::chain) reduction = n - 1;
  if (params_.spec.spatial_reduction == SpatialReduction::adder_tree)
    reduction = static_cast<Cycle>(std::bit_width(n - 1));
  return params_.spec.pipeline_depth + reduction;
}

void Chunk::start(const Program& program, Cycle start, TileSupplier& supplier, WordMover* mover,
                  PlaceCheck* places, Activity& activity, Ended ended) {
  const ChunkSpec& spec = params_.spec;
  const Cycle begin = transfers_begin(start);
  run_ = std::make_unique<Run>(program, supplier, mover, places, activity, std::move(ended), begin,
                               spec.psum_residencies(), drain_latency(program));
  run_->report.start = start;
  trace_.issue(Cause::wait_dependency, last_end_, start);
  charge(Cause::ramp, start, begin);
  for (EngineMeter& meter : meters_) meter.until(begin, EngineState::idle);
  if (spec.interconnect == Interconnect::systolic) run_->folds.emplace(program.operation, spec);
  run_->lanes = spec.pe_operations(arithmetic_of(program.operation.kind));
  CHECK(run_->lanes > 0, "{}: {} cannot run here", name(), program.operation.name);
  for (const std::uint32_t bus : {kInput, kWeight}) {
    const Operand operand = operand_of(bus);
    if (!program.operation.of(operand).used) continue;
    FillEngine& fill = run_->fills[bus].emplace(program, operand,
                                                ring_words(spec, program, operand), begin, mover);
    // Tiles before the first fill are read by nobody: padding that an im2col unit inserts itself.
    if (!fill.bypass())
      supplier.tiles_ended(operand, fill.current() ? fill.current()->tile : UINT64_MAX, begin);
  }
  advance();
}

void Chunk::tile_ready(Operand operand, std::uint64_t tile, Cycle at) {
  run_->fills[static_cast<std::size_t>(operand)]->add_ready(tile, at);
  advance();
}

void Chunk::fifo_line(Operand operand, std::uint64_t words, bool last, Cycle at) {
  run_->fifo[static_cast<std::size_t>(operand)].push_back({words, last, at});
  advance();
}

void Chunk::output_tile_open(std::uint64_t tile, Cycle at) {
  run_->outputs.tile_open(tile, at);
  advance();
}

void Chunk::step() {
  ++stats_.activations;
  wakeup_.taken();
  const Cycle now = current_cycle(clock_);
  Cycle next = kNever;
  for (std::uint32_t bus = 0; run_ && bus < kBuses; ++bus) {
    Transfer& transfer = run_->transfers[bus];
    if (!transfer.active || transfer.waiting) continue;
    if (transfer.request <= now)
      send_burst(bus);
    else
      next = std::min(next, transfer.request);
  }
  wakeup_.at(next);
}

// Computes every time that follows from what is known.
void Chunk::advance() {
  bool progress = true;
  while (progress) {
    progress = advance_issue();  // first: even a step that must wait tells the fills what has ended
    for (const std::uint32_t bus : {kInput, kWeight})
      if (run_->fills[bus]) progress |= advance_fill(bus);
    progress |= advance_read_back();
    progress |= advance_drain();
  }
}

void Chunk::begin_transfer(std::uint32_t bus, Cycle request, Cycle on_chip, std::uint64_t words,
                           std::uint32_t bits, std::uint32_t bus_words) {
  const std::uint64_t bytes = packed_bytes(words, bits);
  Transfer& transfer = run_->transfers[bus];
  transfer = {true,
              false,
              request,
              on_chip,
              std::max(ceil_div(words, bus_words), ceil_div(bytes, params_.word_bytes)),
              bytes,
              transfer.address};
  meters_[bus].until(std::min(on_chip, request), EngineState::wait_dram);
  meters_[bus].until(request, EngineState::wait_space);
  CHECK(clock_.tick_of(request) > sc_core::sc_time_stamp().value() || request == run_->begin,
        "{} at cycle {}: bus {} asks for cycle {} too late", name(), current_cycle(clock_), bus,
        request);
  wakeup_.at(request);
}

void Chunk::send_burst(std::uint32_t bus) {
  Transfer& transfer = run_->transfers[bus];
  const std::uint64_t beats = std::min<std::uint64_t>(transfer.beats_left, params_.max_burst_beats);
  transfer.beats_left -= beats;
  transfer.waiting = true;
  ++stats_.bursts;
  tlm::tlm_generic_payload& payload =
      pool_.take(bus == kDrain ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, transfer.address,
                 transfer.bytes, 6 * params_.number + bus, beats, bus);
  transfer.address += beats * params_.word_bytes;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  to_buffer->nb_transport_fw(payload, phase, delay);
}

tlm::tlm_sync_enum Chunk::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
  CHECK(phase == tlm::BEGIN_RESP, "{}: unexpected phase", name());
  const std::uint32_t bus = static_cast<std::uint32_t>(burst_of(payload).tag);
  const Cycle port_end = clock_.cycle_at_or_after((sc_core::sc_time_stamp() + delay).value());
  Transfer& transfer = run_->transfers[bus];
  const Cycle begin = port_end - burst_of(payload).beats;
  meters_[bus].until(current_cycle(clock_), EngineState::wait_port);
  meters_[bus].until(begin, EngineState::wait_bank);
  meters_[bus].until(port_end, EngineState::busy);
  trace_.bus(bus, transfer.request, begin, port_end);
  payload.release();
  transfer.waiting = false;
  if (transfer.beats_left > 0) {
    transfer.request = port_end;
    wakeup_.at(port_end);
  } else {
    transfer.active = false;
    transfer_done(bus, port_end);
    advance();
  }
  return tlm::TLM_COMPLETED;
}

void Chunk::transfer_done(std::uint32_t bus, Cycle port_end) {
  if (bus == kDrain) {
    drain_done(port_end, port_end + params_.write_latency);
  } else if (bus == kPsumIn) {
    const OutputEngine::Slot& slot = *run_->outputs.next_read_back();
    if (run_->mover) run_->mover->read_back(slot.residency);
    run_->outputs.read_back_done(port_end, port_end + params_.buffer_latency);
  } else {
    fill_done(bus, port_end, port_end + params_.buffer_latency, run_->transfers[bus].on_chip);
  }
}

bool Chunk::advance_fill(std::uint32_t bus) {
  FillEngine& fill = *run_->fills[bus];
  if (run_->transfers[bus].active || !fill.current()) return false;
  const std::optional<Cycle> room = fill.credit();
  const std::optional<Cycle> open = pass_open(bus, fill.current()->first_step);
  if (!room || !open) return false;
  const Cycle credit = std::max(*room, *open);
  if (fill.bypass()) return advance_fifo(bus, credit);
  const std::optional<Cycle> ready = fill.tile_ready();
  if (!ready) return false;
  const Cycle request = std::max(credit, *ready);
  if (run_->places) run_->places->fill_requested(operand_of(bus), fill.current()->offsets, request);
  const auto& widths = params_.spec.bus_words_per_cycle;
  begin_transfer(bus, request, *ready, fill.current()->words, run_->program.placement[bus].bits,
                 bus == kInput ? widths.input : widths.weight);
  return true;
}

// With serial passes: from when words that a bus brings for that step may enter the array, if
// known.
std::optional<Cycle> Chunk::pass_open(std::uint32_t bus, std::uint64_t step) const {
  const Run& run = *run_;
  if (!params_.spec.serial_passes || !run.fills[kWeight]) return run.begin;
  if (bus == kWeight) {
    if (run.report.steps < step) return std::nullopt;
    const std::optional<Cycle> drained = run.outputs.drained_before(step);
    return drained ? std::optional(std::max(run.issue_end, *drained)) : std::nullopt;
  }
  const std::optional<FillEngine::Fill>& weights = run.fills[kWeight]->current();
  if (weights && weights->first_step <= step) return std::nullopt;
  return run.weights_end;
}

// The next line of the prefetch FIFO goes over the bus.
bool Chunk::advance_fifo(std::uint32_t bus, Cycle credit) {
  FillEngine& fill = *run_->fills[bus];
  if (run_->fifo[bus].empty()) return false;
  const FifoLine line = run_->fifo[bus].front();
  run_->fifo[bus].pop_front();
  const auto& widths = params_.spec.bus_words_per_cycle;
  const std::uint64_t width = bus == kInput ? widths.input : widths.weight;
  std::uint64_t& words = run_->fifo_words[bus];
  const std::uint64_t beats = ceil_div(words + line.words, width) - ceil_div(words, width);
  words += line.words;
  const Cycle end = std::max(credit, line.at) + beats;
  meters_[bus].until(std::min(line.at, end - beats), EngineState::wait_dram);
  meters_[bus].until(end - beats, EngineState::wait_space);
  meters_[bus].until(end, EngineState::busy);
  trace_.bus(bus, end - beats, end - beats, end);
  fill.port_taken(end);
  run_->supplier.fifo_line_taken(operand_of(bus), end);
  if (line.last) {
    CHECK(words == fill.current()->words, "{}: {} words came for a fill of {}", name(), words,
          fill.current()->words);
    words = 0;
    fill_done(bus, end, end, line.at);
  }
  return true;
}

void Chunk::fill_done(std::uint32_t bus, Cycle port_end, Cycle end, Cycle on_chip) {
  FillEngine& fill = *run_->fills[bus];
  const FillEngine::Fill done = *fill.current();
  Activity& activity = run_->activity;
  activity.bus_words[kind_of(bus)] += done.words;
  activity.bus_receivers[kind_of(bus)] += done.receivers;
  activity.register_file[kind_of(bus)].writes += done.receivers;
  if (!fill.bypass()) activity.buffer[kind_of(bus)].reads += done.words;
  if (run_->mover)
    run_->mover->fill(operand_of(bus), done.first_step, done.offsets, done.words, done.receivers);
  fill.port_taken(port_end);
  if (bus == kWeight) run_->weights_end = end;
  const std::uint64_t ended = fill.complete(end, on_chip);
  if (!fill.bypass() && ended > done.tile)
    run_->supplier.tiles_ended(operand_of(bus), ended, port_end);
}

bool Chunk::advance_read_back() {
  if (run_->transfers[kPsumIn].active) return false;
  const OutputEngine::Slot* slot = run_->outputs.next_read_back();
  if (!slot) return false;
  const std::optional<Cycle> room = run_->outputs.read_back_request(*slot);
  const std::optional<Cycle> open = pass_open(kPsumIn, slot->residency.first_step);
  if (!room || !open) return false;
  Activity& activity = run_->activity;
  activity.bus_words[WordKind::psum] += slot->words;
  activity.bus_receivers[WordKind::psum] += slot->words;
  activity.buffer[WordKind::psum].reads += slot->words;
  const Cycle request = std::max(*room, *open);
  if (run_->places) run_->places->read_back_requested(slot->residency, request);
  begin_transfer(kPsumIn, request, run_->outputs.tile_open_at(slot->tile), slot->words,
                 run_->program.psum.bits, params_.spec.bus_words_per_cycle.psum_in);
  return true;
}

bool Chunk::advance_drain() {
  if (run_->transfers[kDrain].active) return false;
  const OutputEngine::Slot* slot = run_->outputs.next_drain();
  if (!slot) return false;
  const std::optional<Cycle> request = run_->outputs.drain_request(*slot);
  if (!request) return false;
  count_residency(*slot);
  if (!slot->produces) {
    drain_done(*request, *request);
    return true;
  }
  const Program& program = run_->program;
  const std::uint32_t bits = slot->complete
                                 ? program.placement[static_cast<std::size_t>(Operand::output)].bits
                                 : program.psum.bits;
  meters_[kDrain].until(run_->outputs.made_at(*slot), EngineState::idle);
  begin_transfer(kDrain, *request, 0, slot->words, bits, params_.spec.bus_words_per_cycle.output);
  return true;
}

void Chunk::drain_done(Cycle port_end, Cycle end) {
  const OutputEngine::Slot slot = *run_->outputs.next_drain();
  if (run_->mover && slot.produces) run_->mover->drain(slot.residency);
  if (run_->places && slot.produces) run_->places->drained(slot.residency, end);
  run_->outputs.drain_done(port_end, end);
  if (slot.last_of_tile) run_->supplier.output_tile_ended(slot.tile, end);
}

void Chunk::count_residency(const OutputEngine::Slot& slot) {
  Activity& activity = run_->activity;
  if (slot.produces) {
    const WordKind kind = slot.complete ? WordKind::output : WordKind::psum;
    activity.bus_words[kind] += slot.words;
    activity.bus_receivers[kind] += slot.words;
    activity.buffer[kind].writes += slot.words;
    activity.reduction_words += slot.pe_words - slot.words;
  }
  if (run_->program.operation.is_row_op()) return;
  // The first accumulation of a word reads nothing; a word that was read back has its first in one
  // of its PEs.
  ReadsWrites& psum = activity.register_file[WordKind::psum];
  psum.reads += slot.reads_back ? slot.words : 0;
  psum.writes += slot.reads_back ? slot.words : 0;
}

// Issues the next step if all that it waits for is known.
bool Chunk::advance_issue() {
  Run& run = *run_;
  if (run.all_issued) return false;
  const std::uint64_t step = run.report.steps;
  std::array<FillEngine::At, 2> at{FillEngine::At::none, FillEngine::At::none};
  for (const std::uint32_t bus : {kInput, kWeight})
    if (run.fills[bus]) at[bus] = run.fills[bus]->reach(step, run.issue_end);
  OutputEngine::Slot& slot = run.outputs.at_step(step);
  const bool first = slot.residency.first_step == step;
  if (at[kInput] == FillEngine::At::pending || at[kWeight] == FillEngine::At::pending ||
      (first && (!slot.slot_free || (slot.reads_back && !slot.psum_in_end))))
    return false;

  Cycle begin = run.issue_end, on_chip = 0;
  Cause cause = Cause::busy;
  const auto wait_for = [&](Cycle until, Cycle chip, Cause why) {
    if (until <= begin) return;
    begin = until;
    on_chip = chip;
    cause = why;
  };
  if (first) wait_for(*slot.slot_free, slot.slot_on_chip, Cause::wait_output);
  if (first && slot.reads_back)
    wait_for(*slot.psum_in_end, run.outputs.tile_open_at(slot.tile), Cause::wait_psum);
  for (const std::uint32_t bus : {kInput, kWeight})
    if (at[bus] == FillEngine::At::delivered) {
      const FillEngine::Delivered& fill = run.fills[bus]->delivered();
      wait_for(fill.end, fill.on_chip, bus == kInput ? Cause::wait_input : Cause::wait_weight);
      run.fills[bus]->consume();
    }
  charge_gap(run.issue_end, begin, on_chip, step == 0 ? Cause::ramp : cause);
  run.issue_end = begin + issue_step();
  charge(Cause::busy, begin, run.issue_end);
  if (step + 1 == slot.residency.end_step()) slot.last_issue_end = run.issue_end;
  run.all_issued = !run.cursor.advance();
  ++run.report.steps;
  return true;
}

void Chunk::charge(Cause cause, Cycle from, Cycle to) {
  run_->report.cycles_by_cause[static_cast<std::size_t>(cause)] += minus(to, from);
  trace_.issue(cause, from, to);
}

void Chunk::charge_gap(Cycle from, Cycle to, Cycle on_chip, Cause cause) {
  const Cycle arrival = std::clamp(on_chip, from, to);
  charge(Cause::wait_dram, from, arrival);
  charge(cause, arrival, to);
}

// Counts and executes the step; its issue cycles.
Cycle Chunk::issue_step() {
  Run& run = *run_;
  const DimArray<std::uint64_t>& offsets = run.cursor.offsets();
  const DimArray<std::uint64_t>& bounds = run.program.operation.bounds;
  std::uint64_t iterations = 1, operations = 1;
  for (const Dim d : kAllDims) {
    if (run.array[d] == 1) continue;
    const std::uint64_t left = bounds[d] - offsets[d];
    iterations *= std::min(run.rf[d], left);
    operations *= std::min(run.array[d], left);
  }
  Activity& activity = run.activity;
  activity.pe_operations += operations;
  for (const std::uint32_t bus : {kInput, kWeight})
    if (run.fills[bus]) activity.register_file[kind_of(bus)].reads += operations;
  if (!run.program.operation.is_row_op()) {
    activity.register_file[WordKind::psum].reads += operations;
    activity.register_file[WordKind::psum].writes += operations;
  }
  if (run.mover) run.mover->execute(run.report.steps, offsets);
  ++stats_.steps;
  const Cycle cycles = ceil_div(iterations, run.lanes);
  return cycles + (run.folds ? run.folds->before_step(offsets, cycles) : 0);
}

void Chunk::all_stored(Cycle at) {
  Run& run = *run_;
  CHECK(run.all_issued && !run.outputs.next_drain(), "{}: stored before all was drained", name());
  count_gated(run.program, run.activity);
  charge(Cause::ramp, run.issue_end, run.outputs.last_drain_end());
  charge(Cause::wait_dram, run.outputs.last_drain_end(), at);
  Report report = run.report;
  report.end = last_end_ = at;
  Cycle total = 0;
  for (const std::uint64_t cycles : report.cycles_by_cause) total += cycles;
  CHECK(total == at - report.start, "{}: causes add up to {} of {} cycles", name(), total,
        at - report.start);
  const Ended ended = std::move(run.ended);
  run_.reset();
  ended(report);
}

std::vector<EngineReport> Chunk::engines(Cycle run_end) const {
  static constexpr std::array<const char*, kBuses> kNames = {"input_bus", "weight_bus",
                                                             "psum_in_bus", "drain_bus"};
  std::vector<EngineReport> reports;
  for (std::uint32_t bus = 0; bus < kBuses; ++bus)
    reports.push_back({params_.spec.name + "." + kNames[bus], meters_[bus].cycles(run_end)});
  return reports;
}

std::string Chunk::state() const {
  if (!run_) return fmt::format("{}: idle", name());
  static constexpr std::array<const char*, kBuses> kNames = {"input", "weight", "psum_in", "drain"};
  std::string text = fmt::format("{}: \"{}\" step {}, issued until cycle {}", name(),
                                 run_->program.operation.name, run_->report.steps, run_->issue_end);
  for (std::uint32_t bus = 0; bus < kBuses; ++bus) {
    const Transfer& transfer = run_->transfers[bus];
    if (transfer.active)
      text += fmt::format("; {} bus {} ({} beats left)", kNames[bus],
                          transfer.waiting ? "waits for a buffer port" : "transfers",
                          transfer.beats_left);
  }
  for (const std::uint32_t bus : {kInput, kWeight})
    if (run_->fills[bus] && run_->fills[bus]->current() && !run_->transfers[bus].active)
      text += fmt::format("; fill of {} for step {} waits for {}", kNames[bus],
                          run_->fills[bus]->current()->first_step,
                          run_->fills[bus]->credit() ? "its tile" : "register-file space");
  return text;
}

}  // namespace chasm
