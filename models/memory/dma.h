// DMA of a chunk: moves tiles between DRAM and the global buffer (or a prefetch FIFO) in 64-byte
// lines, loads ahead of use as far as space allows, stores behind (docs/microarchitecture.md,
// section 4). At most one line operation starts a cycle. Not modelled: descriptors, address
// generation time.
#pragma once

#include <deque>
#include <optional>
#include <queue>
#include <vector>

#include "models/energy/activity.h"
#include "models/program/place_check.h"
#include "models/program/tile_link.h"
#include "models/program/word_mover.h"
#include "traces/recorder.h"
#include "models/kernel/payload_pool.h"
#include "models/kernel/wakeup.h"
#include "models/memory/dma_meter.h"
#include "models/memory/load_stream.h"
#include "models/memory/store_stream.h"

namespace chasm {

class Dma final : public sc_core::sc_module,
                  public TileSupplier,
                  public tlm::tlm_bw_transport_if<> {
 public:
  struct Params {
    std::string name;         // of its chunk, for reports and traces
    std::uint32_t chunk = 0;  // its number: requesters 6 chunk + 4 (lines in) and + 5 (lines out)
    std::uint32_t outstanding = 16;
    std::uint32_t fifo_bytes = 512;
    std::uint32_t word_bytes = 8;  // of the global buffer
    Cycle buffer_latency = 0;      // of reads
    Cycle write_latency = 0;
    std::uint32_t max_burst_beats = 16;
  };
  tlm::tlm_initiator_socket<> to_buffer, to_dram;

  Dma(sc_core::sc_module_name, const Params&, const ClockDomain&, PayloadPool&,
      Recorder* recorder = nullptr);

  // Takes the transfers of a program, to be made from cycle `begin` on; start() then tells the
  // consumer what is known already. `mover` and `places` may be null. The program and `activity`
  // must live until all_stored() was announced.
  void prepare(const Program&, Cycle begin, TileConsumer&, WordMover* mover, PlaceCheck* places,
               Activity& activity);
  void start();

  void tiles_ended(Operand, std::uint64_t before_tile, Cycle at) override;
  void fifo_line_taken(Operand, Cycle at) override;
  void output_tile_ended(std::uint64_t residency, Cycle at) override;

  struct Stats {
    std::uint64_t lines = 0, activations = 0;
  };
  const Stats& stats() const { return stats_; }
  std::string state() const;
  EngineReport engine(Cycle run_end) { return {params_.name + ".dma", meter_.cycles(run_end)}; }

 private:
  enum Stream : std::uint32_t { kInput, kWeight, kPsum, kStore, kStreams };
  struct Line {  // in flight, by slot
    std::uint32_t stream = 0;
    std::uint64_t line = 0;  // DRAM address / 64
    std::uint64_t tile = 0;  // or output residency
    std::uint64_t words = 0;
    bool complete = false;         // a store of output-wide words
    std::uint64_t beats_left = 0;  // at the buffer
  };
  struct FifoLine {  // on its way into the FIFO
    std::uint32_t slot;
    std::uint64_t words;
    bool last;
    Cycle arrival;
  };
  struct Arrival {  // waits to be written into the buffer
    Cycle at;
    std::uint32_t slot;
  };
  struct NextBurst {  // of a line that is too long for one
    Cycle at;
    std::uint32_t slot;
    tlm::tlm_command command;
  };

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&,
                                     sc_core::sc_time&) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  void step();
  std::optional<Cycle> ready_at(std::uint32_t stream) const;
  void dispatch(Cycle now);
  void start_line(std::uint32_t stream, Cycle now);
  void write_arrived(Cycle now);
  void send_stores(Cycle now);
  void begin_line(tlm::tlm_command, std::uint32_t slot);
  void continue_lines(Cycle now);
  void ask_buffer(tlm::tlm_command, std::uint32_t slot);
  void burst_granted(tlm::tlm_generic_payload&, Cycle at);  // its last beat ends then
  void buffer_done(tlm::tlm_command, std::uint32_t slot, Cycle at);
  void send(tlm::tlm_command, std::uint32_t slot);
  void send_next();
  Cycle next_wakeup(Cycle now) const;

  // What becomes known of a line, with the cycle at which it comes true.
  void line_arrived(std::uint32_t slot, Cycle at);  // from DRAM
  void line_written(std::uint32_t slot, Cycle at);  // its last beat into the buffer has passed
  void line_in_place(std::uint32_t slot, Cycle at);
  void line_read(std::uint32_t slot, Cycle at);  // out of the buffer
  void store_acknowledged(std::uint32_t slot, Cycle at);
  void finish_line(std::uint32_t slot, Cycle at);  // its slot is free from then on

  void deliver_ready(std::uint32_t stream);
  void deliver_fifo(std::uint32_t stream);
  void deliver_outputs();
  void announce_end();  // once all is stored
  std::uint32_t word_bits(const Line&) const;
  void count_line(const Line&);

  Params params_;
  ClockDomain clock_;
  PayloadPool& pool_;
  Wakeup wakeup_;

  // Of the running program; program_ is null while idle.
  const Program* program_ = nullptr;
  TileConsumer* consumer_ = nullptr;
  WordMover* mover_ = nullptr;
  PlaceCheck* places_ = nullptr;
  Activity* activity_ = nullptr;
  Cycle begin_ = 0;
  std::array<std::optional<LoadStream>, 2> load_;  // input, weight
  std::optional<OutputStream> output_;

  std::vector<Line> lines_;
  std::vector<std::uint32_t> free_slots_;
  using Release = std::pair<Cycle, std::uint32_t>;  // a slot that comes free
  std::priority_queue<Release, std::vector<Release>, std::greater<>> releases_;
  std::array<std::deque<FifoLine>, 2> fifo_lines_;
  std::array<std::uint64_t, 2> fifo_count_{};    // lines requested or waiting
  std::array<std::deque<Cycle>, 2> fifo_frees_;  // lines that leave, and when
  std::vector<Arrival> arrivals_;                // by time, then stream
  bool writing_ = false, reading_ = false;       // a line is on its way into (out of) the buffer
  std::vector<NextBurst> next_bursts_;
  Cycle write_free_ = 0, read_free_ = 0;
  std::array<std::uint64_t, 2> buffer_address_{};  // of the next beat in, out: never turned round
  std::deque<std::pair<Cycle, std::uint32_t>> dram_writes_;  // stores on their way to DRAM
  std::deque<std::pair<tlm::tlm_command, std::uint32_t>> to_send_;
  bool awaiting_accept_ = false;
  Cycle last_dispatch_ = kNever;
  std::uint32_t next_stream_ = 0;
  DmaMeter meter_;
  Recorder* recorder_;
  Track in_flight_ = 0;
  Stats stats_;
};

}  // namespace chasm
