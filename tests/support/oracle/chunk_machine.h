// One chunk at work on one program: the sequencer of steps, and the DMA with its line queues.
#pragma once

#include <array>
#include <deque>
#include <optional>

#include "models/arch/arch_spec.h"
#include "traces/cause.h"
#include "tests/support/oracle/buffer_ports.h"
#include "tests/support/oracle/ideal_dram.h"
#include "tests/support/oracle/operand_machine.h"
#include "tests/support/oracle/output_machine.h"

namespace chasm::oracle {

class ChunkMachine {
 public:
  ChunkMachine(const ArchSpec&, std::size_t chunk, const Plan&, Time start);

  // The phases of a cycle, in this order; all chunks go through one phase before the next begins.
  void port_done(Requester, Time now);
  void line_arrived(const LineTicket&, Time now);  // data, or the acknowledgement of a write
  void settle(Time now);  // everything that takes no time, until nothing changes
  void start_lines(Time now, IdealDram&);
  void ask_for_ports(Time now, BufferPorts&) const;

  bool finished() const { return end_ != kNever; }
  Time end() const { return end_; }
  CyclesByCause causes() const;

 private:
  enum Stream : std::size_t { kLoadInput, kLoadWeight, kLoadPsum, kStore };
  static constexpr std::size_t kStreams = 4;
  struct Queued {  // a line on its way out of the buffer or into it, until a cycle
    LineTicket line;
    Time at;
  };

  bool settle_step(Time now);
  bool step_may_start(Time now) const;
  bool fill_open(std::size_t operand, Time now) const;
  bool weights_in_place(std::size_t step, Time now) const;
  void settle_written_lines(Time now);
  void line_in_place(const LineTicket&, Time now);
  std::optional<LineTicket> next_line(std::size_t stream, Time now) const;
  void start_line(std::size_t stream, const LineTicket&, Time now, IdealDram&);
  std::uint64_t beats_of(const LineTicket&) const;
  std::uint64_t fifo_lines() const { return spec_.prefetch_fifo_bytes / 64; }
  OperandMachine operand(std::size_t) const;
  bool is_first(std::size_t step) const;
  std::pair<Cause, Time> binding(std::size_t step) const;

  const ArchSpec& arch_;
  const ChunkSpec& spec_;
  std::size_t chunk_;
  const Plan& plan_;
  Time start_, c0_, end_ = kNever;
  std::array<OperandMachine, 2> operands_;
  OutputMachine output_;
  // Sequencer
  Times issue_start_, issue_end_;
  std::size_t ended_ = 0;
  // DMA
  std::size_t search_from_, in_flight_ = 0;
  std::deque<LineTicket> lines_in_, lines_out_;  // waiting for their buffer write (read), or in it
  std::deque<Queued> lines_written_, lines_read_;  // behind their last beat
};

}  // namespace chasm::oracle
