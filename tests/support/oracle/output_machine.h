// The way of the psums: read-back, drain, output tiles in the buffer, their loads and stores.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/support/oracle/operand_machine.h"
#include "tests/support/oracle/plan.h"

namespace chasm::oracle {

class OutputMachine {
 public:
  OutputMachine(const Plan&, Time c0, const GlobalBufferSpec&);

  // Acts that take no time; `issue_end` of the steps that were issued. Returns whether anything
  // changed.
  bool settle(Time now, const Times& issue_end);

  bool may_issue(std::size_t residency, Time now) const;   // its first step
  std::optional<std::size_t> next_read_back_step() const;  // the first of its residency
  std::optional<std::uint64_t> read_back_request(Time now) const;
  bool drained_before(std::size_t step, Time now) const;  // all residencies that end before it
  void read_back_done(Time now);
  std::optional<std::uint64_t> drain_request(Time now) const;  // at a buffer port
  void drain_done(Time now);                                   // its last beat

  std::optional<LineTicket> next_psum_line(Time now) const;
  void psum_line_requested();
  void psum_line_done(const LineTicket&, Time now);

  std::optional<LineTicket> next_store_line(Time now) const;
  void store_line_started();
  void store_line_read(const LineTicket&, Time now);
  void store_line_acknowledged(const LineTicket&, Time now);

  bool finished(Time now) const;
  Time slot_free(std::size_t residency) const;
  Time read_back_end(std::size_t residency) const { return read_back_end_[residency]; }
  Time drained() const { return drain_end_.back(); }
  Time tile_ready_for(
      std::size_t residency) const;  // buffer output tile of its drain and read-back
  Time tile_ready_for_slot(std::size_t residency) const;  // of the drain that slot_free waited for

 private:
  bool drain_allowed(Time now) const;
  bool settle_tiles(Time now);
  bool settle_drains(Time now);

  const Plan& plan_;
  Time c0_;
  std::uint64_t read_latency_, write_latency_;
  const Times* issue_end_ = nullptr;
  // Residencies
  Times read_back_end_, drain_end_;
  std::size_t read_back_ = 0, drain_ = 0;  // next ones
  // Output tiles
  Times slot_free_, tile_ready_, store_read_, store_acknowledged_;
  std::vector<Times> psum_line_done_, line_read_, line_acknowledged_;  // [tile][line]
  std::size_t psum_tile_ = 0, psum_line_ = 0;                          // the next one to load
  std::size_t store_tile_ = 0, store_line_ = 0;                        // the next one to store
};

}  // namespace chasm::oracle
