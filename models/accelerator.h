// The accelerator: chunks, each with its DMA, around one global buffer and one DRAM, wired from an
// architecture. Programs are started on chunks from outside; what runs when is the scheduler's
// business.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/arch/dram_link.h"
#include "models/chunk/chunk.h"
#include "models/memory/bank_dram.h"
#include "models/memory/dma.h"
#include "models/memory/global_buffer.h"
#include "models/memory/ideal_dram.h"

namespace chasm {

class Accelerator final : public sc_core::sc_module {
 public:
  // `recorder` and `log` (of the DRAM's commands) may be null; else they must outlive the
  // accelerator.
  Accelerator(sc_core::sc_module_name, const ArchSpec&, Recorder* recorder = nullptr,
              DramCommandLog* log = nullptr);

  // Runs a program on a chunk that is idle by then, from `start` on, which must not have come
  // (cycle 0 before the simulation begins). Program and activity must live until `ended` was
  // called, which is before the end cycle has come.
  void start(std::uint32_t chunk, const Program&, Cycle start, WordMover* mover, Activity&,
             Chunk::Ended ended);

  const GlobalBuffer::Stats& buffer_stats() const { return buffer_->stats(); }
  // What a DRAM with banks did until the core cycle, when all is done; none of an ideal one.
  std::optional<DramStats> dram_stats(Cycle end);
  const ClockDomain& clock() const { return clocks_.core; }
  std::uint64_t activations() const;  // of processes, of all modules
  std::string state() const;          // a line a module, for the deadlock report
  // What every engine but the issue stages did, over a run that ended then.
  std::vector<EngineReport> engines(Cycle run_end) const;

 private:
  void make_dram(const ArchSpec&, Recorder*, DramCommandLog*);

  MachineClocks clocks_;
  PayloadPool pool_;
  std::unique_ptr<GlobalBuffer> buffer_;
  std::unique_ptr<IdealDram> ideal_dram_;  // one of the two
  std::unique_ptr<BankDram> bank_dram_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<std::unique_ptr<Dma>> dmas_;
  std::vector<std::optional<PlaceCheck>> places_;  // by chunk, of its program when that is small
};

// Programs on chunks of one accelerator, at most one a chunk, each from its start cycle on:
// simulated to the end. For tests and studies of contention. Uses up the process's SystemC kernel.
// Throws Error when a program cannot finish.
struct Job {
  std::uint32_t chunk = 0;
  const Program* program = nullptr;
  Cycle start = 0;
};
struct JobResult {
  Chunk::Report report;
  Activity activity;
};
std::vector<JobResult> run_jobs(const ArchSpec&, const std::vector<Job>&);

// Simulates until nothing is left to happen, or to the end of cycle `most_cycles`. `work_left` then
// describes what is not done, in lines, or nothing: throws Error (exit code 5) with it and the
// state of the machine. `look`, if any, is called now and then with the cycle that has come.
void run_to_end(const Accelerator&, const std::function<std::string()>& work_left,
                Cycle most_cycles = kNever, const std::function<void(Cycle)>& look = {});

}  // namespace chasm
