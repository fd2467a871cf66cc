// The DMA and the DRAM link (docs/microarchitecture.md, sections 4 and 5): starts lines of four
// streams in turn, brings those that arrive into the buffer one at a time, and sends stores.
#pragma once

#include <array>
#include <optional>

#include "models/arch/arch_spec.h"
#include "mapper/walk_fills.h"
#include "mapper/walk_link.h"
#include "mapper/walk_loads.h"
#include "mapper/walk_ports.h"
#include "mapper/walk_stores.h"

namespace chasm::walk {

class Dma {
 public:
  struct FifoLine {
    std::uint64_t words = 0;
    bool last = false;
    Cycle at = 0;
  };

  Dma(const ArchSpec&, const ChunkSpec&, const Program&, Cycle begin);

  Loads* loads(std::uint32_t operand) { return loads_[operand] ? &*loads_[operand] : nullptr; }
  const Loads* loads(std::uint32_t operand) const {
    return loads_[operand] ? &*loads_[operand] : nullptr;
  }
  Stores& stores() { return stores_; }
  const Stores& stores() const { return stores_; }
  Ring<FifoLine>& fifo(std::uint32_t operand) { return fifo_[operand]; }

  // When the next line starts, as far as known; and starts it.
  Cycle next_start();
  struct Started {
    std::uint32_t operand;  // of a FIFO that a line comes to; kNone: no FIFO
    bool tile_complete;     // its last line is in place
  };
  static constexpr std::uint32_t kNone = 2;
  Started start_line(Cycle now, Ports&);
  // When the next store leaves for DRAM; and sends it.
  Cycle next_send() const { return to_send_.empty() ? kUnknown : to_send_.front().at; }
  void send(Cycle now);
  // The line that comes next into the buffer asks for its port.
  void request_write(Ports&);
  void write_begins() { writing_ = true; }
  // The last beats of the line that is written or read are granted until `port_end`.
  // True where that was the last of a tile.
  bool written(Cycle port_end);
  bool was_read(Cycle port_end);

  void save(Snapshot&, const std::array<std::uint64_t, 3>& tiles) const;
  void shift(Cycle cycles);

 private:
  enum Stream : std::uint32_t { kLoadInput, kLoadWeight, kLoadPsum, kStore, kStreams };
  struct Line {
    std::uint32_t stream = 0;
    std::uint64_t address = 0, tile = 0, words = 0, beats = 0;
    Cycle at = 0;
  };
  Cycle ready(std::uint32_t stream) const;
  Line take(std::uint32_t stream, Cycle now, bool& last);
  Started start_load(const Line&, Cycle now, bool last);
  void start_store(const Line&, Cycle now, Ports&);
  void arrive(const Line&);
  bool in_place(const Line&, Cycle at);
  void release(Cycle at);

  Cycle latency_, write_latency_;
  std::uint64_t word_bytes_, outstanding_;
  std::array<std::uint32_t, kStreams> bits_{};
  std::uint32_t psum_bits_;
  std::array<std::optional<Loads>, 2> loads_;
  Stores stores_;
  std::array<Ring<FifoLine>, 2> fifo_;
  Link link_;

  std::array<Cycle, kStreams> ready_{};  // as next_start() found it
  std::uint32_t turn_ = 0;
  Cycle next_free_ = 0;  // the cycle after the last start
  std::uint64_t in_flight_ = 0;
  Ring<Cycle> releases_;  // ascending: lines that are done with at a known cycle
  Ring<Line> arrivals_;   // in order of time, then stream
  bool writing_ = false;  // the first of them
  bool reading_ = false;
  Line in_, out_;
  Cycle write_free_, read_free_;
  Ring<Line> to_send_;
};

}  // namespace chasm::walk
