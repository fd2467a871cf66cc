// Accounts for the cycles of a DMA, which does several things at a time: it is busy while a line of
// it goes through a port of the buffer, else waits for a port (or bank), else for the DRAM while
// lines are in flight, else for room while a program runs. Told of events at their time; ends may
// lie ahead.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <queue>
#include <vector>

#include "traces/engine.h"
#include "models/kernel/wakeup.h"

namespace chasm {

class DmaMeter {
 public:
  enum Side : std::uint32_t { into_buffer, out_of_buffer, kSides };

  void program_begins(Cycle now, Cycle at) {
    to(now);
    begin_ = at;
    end_ = kNever;
  }
  void program_ends(Cycle at) { end_ = at; }
  void line_starts(Cycle now) {
    to(now);
    ++lines_;
  }
  void line_ends(Cycle at) { line_ends_.push(at); }
  void port_asked(Side side, Cycle now) {
    to(now);
    sides_[side] = {kNever, kNever, kNever};
  }
  // The beats of the burst are at begin .. end - 1.
  void port_granted(Side side, Cycle now, Cycle begin, Cycle end) {
    to(now);
    sides_[side] = {now, begin, end};
  }

  // Up to the end of the run, at which nothing is left to do.
  CyclesByState cycles(Cycle end) {
    to(end);
    return cycles_;
  }

 private:
  struct Burst {  // the last one of a side; it has ended when nothing was asked since
    Cycle granted = 0, begin = 0, end = 0;
  };

  EngineState state() const {
    const auto any = [&](auto holds) { return std::any_of(sides_.begin(), sides_.end(), holds); };
    if (any([&](const Burst& b) { return b.begin <= at_ && at_ < b.end; }))
      return EngineState::busy;
    if (any([&](const Burst& b) { return b.granted <= at_ && at_ < b.begin; }))
      return EngineState::wait_bank;
    if (any([&](const Burst& b) { return at_ < b.granted; })) return EngineState::wait_port;
    if (lines_ > 0) return EngineState::wait_dram;
    return begin_ <= at_ && at_ < end_ ? EngineState::wait_space : EngineState::idle;
  }

  void to(Cycle now) {
    for (;;) {
      for (; !line_ends_.empty() && line_ends_.top() <= at_; line_ends_.pop()) --lines_;
      if (at_ >= now) return;
      Cycle next = now;
      const auto consider = [&](Cycle change) {
        if (change > at_) next = std::min(next, change);
      };
      for (const Burst& burst : sides_) consider(burst.begin), consider(burst.end);
      if (!line_ends_.empty()) consider(line_ends_.top());
      consider(begin_), consider(end_);
      cycles_[static_cast<std::size_t>(state())] += next - at_;
      at_ = next;
    }
  }

  Cycle at_ = 0;
  Cycle begin_ = 0, end_ = 0;  // of the program: its transfers
  std::array<Burst, kSides> sides_{};
  std::uint64_t lines_ = 0;  // in flight
  std::priority_queue<Cycle, std::vector<Cycle>, std::greater<>> line_ends_;
  CyclesByState cycles_{};
};

}  // namespace chasm
