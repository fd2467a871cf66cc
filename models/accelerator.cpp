#include "models/accelerator.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"

namespace chasm {

Accelerator::Accelerator(sc_core::sc_module_name name, const ArchSpec& arch, Recorder* recorder,
                         DramCommandLog* log)
    : sc_module(name), clocks_(machine_clocks(arch)) {
  const std::uint32_t chunks = static_cast<std::uint32_t>(arch.chunks.size());
  const GlobalBufferSpec& buffer = arch.global_buffer;
  buffer_ =
      std::make_unique<GlobalBuffer>("global_buffer",
                                     GlobalBuffer::Params{buffer.ports, 6 * chunks, buffer.banks,
                                                          buffer.word_bytes, buffer.arbitration},
                                     clocks_.core, recorder);
  make_dram(arch, recorder, log);
  places_.resize(chunks);
  for (std::uint32_t c = 0; c < chunks; ++c) {
    const ChunkSpec& spec = arch.chunks[c];
    chunks_.push_back(
        std::make_unique<Chunk>(fmt::format("chunk_{}", c).c_str(),
                                Chunk::Params{c, spec, buffer.word_bytes, buffer.latency_cycles,
                                              buffer.write_latency_cycles, buffer.max_burst_beats},
                                clocks_.core, pool_, recorder));
    dmas_.push_back(std::make_unique<Dma>(
        fmt::format("dma_{}", c).c_str(),
        Dma::Params{spec.name, c, spec.dma_outstanding, spec.prefetch_fifo_bytes, buffer.word_bytes,
                    buffer.latency_cycles, buffer.write_latency_cycles, buffer.max_burst_beats},
        clocks_.core, pool_, recorder));
    chunks_.back()->to_buffer.bind(buffer_->from_chunks);
    dmas_.back()->to_buffer.bind(buffer_->from_chunks);
    if (bank_dram_)
      dmas_.back()->to_dram.bind(bank_dram_->from_dmas);
    else
      dmas_.back()->to_dram.bind(ideal_dram_->from_dmas);
  }
}

void Accelerator::make_dram(const ArchSpec& arch, Recorder* recorder, DramCommandLog* log) {
  const DramSpec& dram = arch.dram;
  if (!dram.is_ideal()) {
    bank_dram_ = std::make_unique<BankDram>("dram", BankDram::Params{bank_dram(dram), clocks_.core},
                                            clocks_.memory, recorder, log);
    return;
  }
  ideal_dram_ = std::make_unique<IdealDram>(
      "dram", IdealDram::Params{dram.channels, ideal_bandwidth(dram), dram.latency_cycles},
      clocks_.core, recorder);
}

void Accelerator::start(std::uint32_t chunk, const Program& program, Cycle start, WordMover* mover,
                        Activity& activity, Chunk::Ended ended) {
  Chunk& runner = *chunks_.at(chunk);
  Dma& dma = *dmas_[chunk];
  std::optional<PlaceCheck>& check = places_[chunk];
  check.reset();
  if (PlaceCheck::is_small(program)) check.emplace(program);
  PlaceCheck* const places = check ? &*check : nullptr;
  dma.prepare(program, runner.transfers_begin(start), runner, mover, places, activity);
  runner.start(program, start, dma, mover, places, activity, std::move(ended));
  dma.start();
}

std::uint64_t Accelerator::activations() const {
  std::uint64_t sum = buffer_->stats().activations;
  sum += bank_dram_ ? bank_dram_->stats().activations : ideal_dram_->stats().activations;
  for (const auto& chunk : chunks_) sum += chunk->stats().activations;
  for (const auto& dma : dmas_) sum += dma->stats().activations;
  return sum;
}

std::optional<DramStats> Accelerator::dram_stats(Cycle end) {
  if (!bank_dram_) return std::nullopt;
  return bank_dram_->dram_stats(clocks_.memory.cycle_at_or_after(clocks_.core.tick_of(end)));
}

std::string Accelerator::state() const {
  std::string text = buffer_->state() + "\n";
  if (bank_dram_) text += bank_dram_->state() + "\n";
  for (const auto& chunk : chunks_) text += chunk->state() + "\n";
  for (const auto& dma : dmas_) text += dma->state() + "\n";
  return text;
}

std::vector<EngineReport> Accelerator::engines(Cycle run_end) const {
  std::vector<EngineReport> reports;
  const auto append = [&](const std::vector<EngineReport>& more) {
    reports.insert(reports.end(), more.begin(), more.end());
  };
  for (std::size_t c = 0; c < chunks_.size(); ++c) {
    append(chunks_[c]->engines(run_end));
    reports.push_back(dmas_[c]->engine(run_end));
  }
  append(buffer_->engines(run_end));
  if (ideal_dram_)
    append(ideal_dram_->engines(run_end));  // one with banks has an account of its own
  return reports;
}

namespace {

// In pieces, from one thing that happens to some time after it: what is looked at between them
// costs the models nothing, and what happens does not depend on where it is cut. What happens at
// the very end of a piece is left for the next one, so the last takes one tick more.
void run_in_pieces(const ClockDomain& clock, Cycle most_cycles,
                   const std::function<void(Cycle)>& look) {
  constexpr Cycle kPiece = 4096;
  const std::uint64_t piece = clock.tick_of(kPiece);
  const std::uint64_t most =
      most_cycles == kNever ? sc_core::sc_max_time().value() : clock.tick_of(most_cycles) + 1;
  do {
    const std::uint64_t now = sc_core::sc_time_stamp().value();
    if (now >= most) return;
    const std::uint64_t next = sc_core::sc_time_to_pending_activity().value();
    const std::uint64_t room = most - now;
    sc_core::sc_start(
        sc_core::sc_time::from_value(next >= room - std::min(room, piece) ? room : next + piece),
        sc_core::SC_EXIT_ON_STARVATION);
    if (look) look(current_cycle(clock));
  } while (sc_core::sc_pending_activity());
}

}  // namespace

void run_to_end(const Accelerator& accelerator, const std::function<std::string()>& work_left,
                Cycle most_cycles, const std::function<void(Cycle)>& look) {
  run_in_pieces(accelerator.clock(), most_cycles, look);
  const std::string left = work_left();
  if (left.empty()) return;
  const std::string headline =
      sc_core::sc_pending_activity()
          ? fmt::format(
                "stopped at the limit of {} cycles, after {} process activations, with work "
                "left",
                most_cycles, accelerator.activations())
          : fmt::format(
                "deadlock: nothing can happen any more after {} process activations, but "
                "work is left",
                accelerator.activations());
  throw Error(ExitCode::simulation_stopped,
              fmt::format("{}\n{}{}", headline, left, accelerator.state()));
}

std::vector<JobResult> run_jobs(const ArchSpec& arch, const std::vector<Job>& jobs) {
  Accelerator accelerator("accelerator", arch);
  std::vector<JobResult> results(jobs.size());
  std::size_t ended = 0;
  for (std::size_t j = 0; j < jobs.size(); ++j)
    accelerator.start(jobs[j].chunk, *jobs[j].program, jobs[j].start, nullptr, results[j].activity,
                      [&ended, &result = results[j]](const Chunk::Report& report) {
                        result.report = report;
                        ++ended;
                      });
  run_to_end(accelerator, [&] {
    return ended == jobs.size() ? ""
                                : fmt::format("{} of {} programs have ended\n", ended, jobs.size());
  });
  return results;
}

}  // namespace chasm
