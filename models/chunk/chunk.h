// A chunk: a PE array with its operand buses, register files and sequencer, a decoupled
// access/execute pipeline that runs one loop program at a time (docs/microarchitecture.md, section
// 2). Times follow from each other by max and plus, so only the buses' requests to the global
// buffer are events; its port is the contention. Not modelled: values (a WordMover computes them),
// control flow other than the program.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "models/arch/arch_spec.h"
#include "models/energy/activity.h"
#include "models/program/place_check.h"
#include "models/program/tile_link.h"
#include "models/program/word_mover.h"
#include "traces/cause.h"
#include "traces/engine.h"
#include "models/chunk/chunk_trace.h"
#include "models/chunk/fill_engine.h"
#include "models/chunk/output_engine.h"
#include "models/kernel/payload_pool.h"
#include "models/kernel/wakeup.h"

namespace chasm {

class Chunk final : public sc_core::sc_module,
                    public TileConsumer,
                    public tlm::tlm_bw_transport_if<> {
 public:
  struct Params {
    std::uint32_t number = 0;  // requesters 6 number + {0 input, 1 weight, 2 psum_in, 3 drain}
    ChunkSpec spec;
    std::uint32_t word_bytes = 8;  // of the global buffer
    Cycle buffer_latency = 0;      // of reads
    Cycle write_latency = 0;
    std::uint32_t max_burst_beats = 16;
  };
  tlm::tlm_initiator_socket<> to_buffer;

  Chunk(sc_core::sc_module_name, const Params&, const ClockDomain&, PayloadPool&,
        Recorder* recorder = nullptr);
  ~Chunk() override;

  struct Report {
    Cycle start = 0, end = 0;
    std::uint64_t steps = 0;
    CyclesByCause cycles_by_cause{};
  };
  using Ended = std::function<void(const Report&)>;

  // Runs a program from cycle `start` on; transfers come from `supplier`. `ended` is called once,
  // before the end cycle has come. The program and `activity` must live until then; `mover` and
  // `places` may be null.
  void start(const Program&, Cycle start, TileSupplier& supplier, WordMover* mover,
             PlaceCheck* places, Activity&, Ended ended);
  Cycle transfers_begin(Cycle start) const { return start + params_.spec.config_cycles; }

  void tile_ready(Operand, std::uint64_t tile, Cycle at) override;
  void fifo_line(Operand, std::uint64_t words, bool last, Cycle at) override;
  void output_tile_open(std::uint64_t tile, Cycle at) override;
  void all_stored(Cycle at) override;

  struct Stats {
    std::uint64_t bursts = 0, steps = 0, activations = 0;
  };
  const Stats& stats() const { return stats_; }
  std::string state() const;
  std::vector<EngineReport> engines(Cycle run_end) const;  // its buses

 private:
  enum Bus : std::uint32_t { kInput, kWeight, kPsumIn, kDrain, kBuses };
  // A bus at work on one fill, read-back or drain, burst by burst.
  struct Transfer {
    bool active = false, waiting = false;  // for a buffer port
    Cycle request = 0;                     // of the next burst
    Cycle on_chip = 0;                     // when its buffer tile was there
    std::uint64_t beats_left = 0, bytes = 0;
    std::uint64_t address = 0;  // of the next beat: the region's stream, never turned round
  };
  struct FifoLine {
    std::uint64_t words;
    bool last;
    Cycle at;
  };
  struct Run;  // state of the running program

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&,
                                     sc_core::sc_time&) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  void step();
  void advance();
  bool advance_fill(std::uint32_t bus);
  bool advance_fifo(std::uint32_t bus, Cycle credit);
  std::optional<Cycle> pass_open(std::uint32_t bus, std::uint64_t step) const;
  bool advance_read_back();
  bool advance_drain();
  bool advance_issue();
  void begin_transfer(std::uint32_t bus, Cycle request, Cycle on_chip, std::uint64_t words,
                      std::uint32_t bits, std::uint32_t bus_words);
  void send_burst(std::uint32_t bus);
  void transfer_done(std::uint32_t bus, Cycle port_end);
  void fill_done(std::uint32_t bus, Cycle port_end, Cycle end, Cycle on_chip);
  void drain_done(Cycle port_end, Cycle end);
  void charge(Cause, Cycle from, Cycle to);
  void charge_gap(Cycle from, Cycle to, Cycle on_chip, Cause);
  Cycle issue_step();
  void count_residency(const OutputEngine::Slot&);
  Cycle drain_latency(const Program&) const;

  Params params_;
  ClockDomain clock_;
  PayloadPool& pool_;
  Wakeup wakeup_;
  std::unique_ptr<Run> run_;
  Cycle last_end_ = 0;  // of the program before
  std::array<EngineMeter, kBuses> meters_;
  ChunkTrace trace_;
  Stats stats_;
};

}  // namespace chasm
