#include "tests/cross/closed_form.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace chasm {
namespace {

using Time = std::uint64_t;
constexpr std::uint64_t kLine = 64;                  // bytes
constexpr std::uint64_t kFraction = 65536;           // of a byte a cycle
enum Side : std::size_t { kIn, kWt, kOut, kSides };  // input, weight, output

std::uint64_t up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

// An instant on the DRAM link, exact: whole cycles and a fraction of them, in 1/bandwidth.
struct Instant {
  Time cycle = 0;
  std::uint64_t part = 0;
};

// What happened at a shared resource, for the check afterwards.
struct Burst {
  Time begin, beats;
  std::size_t requester;
  std::uint64_t first = 0;  // number of its first beat among those of its requester
  Time end() const { return begin + beats; }
};
struct LinkUse {
  Time request;
  Instant end;
};

class Machine {
 public:
  Machine(const ArchSpec& arch, const Program& program)
      : arch_(arch), chunk_(arch.chunks[0]), buffer_(arch.global_buffer), program_(program) {
    for (const Dim d : kAllDims)
      array_[d] = of(program.spatial_x, d) * of(program.spatial_y, d) * of(program.rf, d);
    c0_ = chunk_.config_cycles;
    bandwidth_ = static_cast<std::uint64_t>(arch.dram.bandwidth_bytes_per_cycle * kFraction);
  }

  std::optional<ClosedForm> run();

 private:
  // ---- tiles ----
  static std::uint64_t of(const std::vector<Loop>& loops, Dim d) {
    std::uint64_t trips = 1;
    for (const Loop& loop : loops) trips *= loop.dim == d ? loop.trips : 1;
    return trips;
  }
  static std::uint64_t all(const std::vector<Loop>& loops) {
    std::uint64_t trips = 1;
    for (const Loop& loop : loops) trips *= loop.trips;
    return trips;
  }
  const TensorAccess& access(std::size_t side) const { return program_.operation.access[side]; }
  Dim axis(std::size_t side, std::size_t a) const { return access(side).axes[a].terms[0].dim; }

  // The number of the array tile of every dimension in a step, and of its buffer tile.
  void locate(std::uint64_t step);
  std::uint64_t array_tile(std::size_t side) const {
    const Dim a = axis(side, 0), b = axis(side, 1);
    return at_[a] * (program_.operation.bounds[b] / array_[b]) + at_[b];
  }
  std::uint64_t buffer_tile(std::size_t side) const {
    const Dim a = axis(side, 0), b = axis(side, 1);
    return dram_at_[a] * of(program_.dram, b) + dram_at_[b];
  }
  std::uint64_t array_words(std::size_t side) const {
    return array_[axis(side, 0)] * array_[axis(side, 1)];
  }
  std::vector<std::uint64_t> pieces(std::size_t side, bool of_buffer_tile) const;
  std::uint64_t bytes(std::uint64_t words, std::uint32_t bits) const { return up(words * bits, 8); }
  std::uint64_t beats(std::uint64_t words, std::uint64_t width, std::uint32_t bits) const {
    return std::max(up(words, width), up(bytes(words, bits), buffer_.word_bytes));
  }

  // ---- DRAM and DMA ----
  struct Stream {
    std::vector<Time> free_at;  // FIFO lines: when line m has left
    std::uint64_t lines = 0;    // of a bypassing operand, so far
    std::uint64_t early = 0;    // lines that are dispatched from c0 on, without waiting
  };
  Instant after(Instant link, Time request) const;
  Instant over_link(std::size_t stream, Time request);
  Time arrival(const Instant& end) const {
    return end.cycle + (end.part > 0 ? 1 : 0) + arch_.dram.latency_cycles;
  }
  void early_loads();
  Time dispatch(std::size_t stream, Time ready);
  Time load_line(Time dispatched, std::size_t side, std::uint64_t words);
  Time buffer_ready(std::size_t side);
  Time store(const std::vector<std::uint64_t>&, Time from);

  // ---- the chunk ----
  struct Feed {
    bool bypass = false;
    std::uint64_t tiles_in_registers = 1, tiles_in_buffer = 1, width = 1;
    Time port_end = 0, fill_end = 0;
    std::uint64_t tile = UINT64_MAX, stored = UINT64_MAX;  // of the latest fill
    std::vector<Time> tile_ended;    // issue end of the last step of each fill
    std::vector<Time> buffer_ended;  // port end of the last fill from each buffer tile
    Time ready = 0;                  // the buffer tile
  };
  void fill(std::size_t side);
  void fill_from_fifo(std::size_t side, Time credit);
  Time skew(std::uint64_t iterations);
  void begin_residency(bool reads_back, Time& begin);
  void drain(bool complete, Time issue_end);
  Time reduction_latency() const;

  Time port(std::size_t requester, Time begin, std::uint64_t count) {
    bursts_.push_back({begin, count, requester});
    return begin + count;
  }
  bool banks_free();
  bool uncontended();

  const ArchSpec& arch_;
  const ChunkSpec& chunk_;
  const GlobalBufferSpec& buffer_;
  const Program& program_;
  DimArray<std::uint64_t> array_ = ones();
  Time c0_ = 0;
  std::uint64_t bandwidth_ = 0;

  DimArray<std::uint64_t> at_, dram_at_;
  std::array<Feed, 2> feeds_;

  std::array<Stream, 2> streams_;
  std::array<std::vector<Time>, 2> early_;  // arrival or place of early lines, in order
  std::array<std::size_t, 2> early_used_{};
  std::array<Time, kSides> last_dispatch_{};  // of each stream, plus one
  Time early_end_ = 0;                        // of the dispatches that never wait
  std::array<Time, 2> write_free_{};
  std::vector<Time> dispatched_, released_;
  std::array<Instant, kSides> link_{};
  std::vector<LinkUse> link_uses_;

  std::vector<Burst> bursts_;

  // outputs
  std::vector<Time> drain_end_;            // by residency
  std::map<std::uint64_t, Time> drained_;  // the last drain of each output tile
  Time drain_port_end_ = 0, psum_port_end_ = 0;
  std::vector<Time> left_;  // by stored output tile: read out of the buffer
  Time read_free_ = 0, acknowledged_ = 0;
  std::uint64_t stationary_ = UINT64_MAX;
  Time streamed_ = 0;  // by the fold so far
  bool failed_ = false;
};

void Machine::locate(std::uint64_t step) {
  std::uint64_t rest = step;
  at_ = DimArray<std::uint64_t>{};
  dram_at_ = DimArray<std::uint64_t>{};
  for (std::size_t i = program_.buffer.size(); i-- > 0;) {
    at_[program_.buffer[i].dim] = rest % program_.buffer[i].trips;
    rest /= program_.buffer[i].trips;
  }
  for (std::size_t i = program_.dram.size(); i-- > 0;) {
    dram_at_[program_.dram[i].dim] = rest % program_.dram[i].trips;
    rest /= program_.dram[i].trips;
  }
  for (const Dim d : kAllDims) at_[d] += dram_at_[d] * of(program_.buffer, d);
}

// The lines that hold a tile, in address order, with how many of its words begin in each.
std::vector<std::uint64_t> Machine::pieces(std::size_t side, bool of_buffer_tile) const {
  const Dim a = axis(side, 0), b = axis(side, 1);
  const std::uint64_t rows = array_[a] * (of_buffer_tile ? of(program_.buffer, a) : 1);
  const std::uint64_t columns = array_[b] * (of_buffer_tile ? of(program_.buffer, b) : 1);
  const std::uint64_t row0 = of_buffer_tile ? dram_at_[a] * rows : at_[a] * rows;
  const std::uint64_t column0 = of_buffer_tile ? dram_at_[b] * columns : at_[b] * columns;
  const std::uint64_t width = program_.operation.bounds[b];
  const std::uint32_t bits = program_.placement[side].bits;
  std::map<std::uint64_t, std::uint64_t> lines;
  for (std::uint64_t i = row0; i < row0 + rows; ++i)
    for (std::uint64_t j = column0; j < column0 + columns; ++j) {
      std::uint64_t word = i * width + j;
      if (access(side).is_parameter) {  // block by block, in the order of use
        const std::uint64_t block = i / array_[a] * (width / array_[b]) + j / array_[b];
        word = (block * array_[a] + i % array_[a]) * array_[b] + j % array_[b];
      }
      ++lines[word * bits / (8 * kLine)];
    }
  std::vector<std::uint64_t> pieces;
  for (const auto& [line, words] : lines) pieces.push_back(words);
  return pieces;
}

// A line takes 64 bytes of bandwidth from its request on, or from when the link is free.
Instant Machine::after(Instant link, Time request) const {
  if (link.cycle < request) link = {request, 0};
  const std::uint64_t parts = link.part + kLine * kFraction;
  return {link.cycle + parts / bandwidth_, parts % bandwidth_};
}
// Each stream as if it were alone there.
Instant Machine::over_link(std::size_t stream, Time request) {
  link_[stream] = after(link_[stream], request);
  link_uses_.push_back({request, link_[stream]});
  return link_[stream];
}

// One line of a load: over the link, then into the buffer (one at a time) or into the FIFO.
Time Machine::load_line(Time dispatched, std::size_t side, std::uint64_t words) {
  dispatched_.push_back(dispatched);
  Time in_place = arrival(over_link(side, dispatched));
  if (!feeds_[side].bypass) {
    const std::uint64_t count = up(bytes(words, program_.placement[side].bits), buffer_.word_bytes);
    write_free_[side] = port(4, std::max(in_place, write_free_[side]), count);
    in_place = write_free_[side] + buffer_.write_latency_cycles;
  }
  released_.push_back(in_place);
  return in_place;
}

// From c0 on both operands have lines that wait for nothing: of the first tiles in the buffer, or
// as many as the FIFO holds. The DMA takes them in turn, one a cycle, as long as it may have more
// of them in flight.
void Machine::early_loads() {
  std::array<std::vector<std::uint64_t>, 2> words;
  const std::uint64_t steps = all(program_.dram) * all(program_.buffer);
  for (const std::size_t side : {kIn, kWt}) {
    const std::uint64_t fifo = feeds_[side].bypass ? chunk_.prefetch_fifo_bytes / kLine : 0;
    std::uint64_t last = UINT64_MAX, tiles = 0;
    for (std::uint64_t s = 0; s < steps; ++s) {
      locate(s);
      const std::uint64_t tile = feeds_[side].bypass ? array_tile(side) : buffer_tile(side);
      if (tile == last) continue;
      last = tile;
      if (!feeds_[side].bypass && tiles++ == feeds_[side].tiles_in_buffer) break;
      for (const std::uint64_t words_of_line : pieces(side, !feeds_[side].bypass))
        if (!feeds_[side].bypass || words[side].size() < fifo) words[side].push_back(words_of_line);
      if (feeds_[side].bypass && words[side].size() == fifo) break;
    }
  }
  std::size_t turn = kIn;
  std::array<std::size_t, 2> next{};
  early_end_ = c0_;
  while (next[kIn] < words[kIn].size() || next[kWt] < words[kWt].size()) {
    if (next[turn] == words[turn].size()) turn = 1 - turn;
    if (released_.size() >= chunk_.dma_outstanding) {  // the time at which one slot is free
      std::vector<Time> ends = released_;
      std::sort(ends.begin(), ends.end());
      early_end_ = std::max(early_end_, ends[ends.size() - chunk_.dma_outstanding]);
    }
    early_[turn].push_back(load_line(early_end_, turn, words[turn][next[turn]++]));
    ++early_end_;
    link_ = {link_[turn], link_[turn], link_[turn]};
    write_free_ = {std::max(write_free_[kIn], write_free_[kWt]),
                   std::max(write_free_[kIn], write_free_[kWt])};
    turn = 1 - turn;
  }
}

// The next line of a stream that is alone at the DMA.
Time Machine::dispatch(std::size_t stream, Time ready) {
  const Time at = std::max(ready, last_dispatch_[stream]);
  last_dispatch_[stream] = at + 1;
  failed_ |= at < early_end_;
  return at;
}

// The buffer tile of this step is in place: its lines were dispatched when the tile before the one
// it replaces had ended.
Time Machine::buffer_ready(std::size_t side) {
  Feed& operand = feeds_[side];
  const std::uint64_t number = operand.buffer_ended.size();
  const bool early = number < operand.tiles_in_buffer;
  const Time credit = early ? c0_ : operand.buffer_ended[number - operand.tiles_in_buffer];
  Time ready = operand.ready;
  for (const std::uint64_t words_of_line : pieces(side, true))
    ready = std::max(ready, early ? early_[side][early_used_[side]++]
                                  : load_line(dispatch(side, credit), side, words_of_line));
  return ready;
}

void Machine::fill(std::size_t side) {
  Feed& operand = feeds_[side];
  if (array_tile(side) == operand.tile) return;
  operand.tile = array_tile(side);
  const std::size_t f = operand.tile_ended.size();
  const Time credit = std::max(
      {c0_, operand.port_end,
       f < operand.tiles_in_registers ? 0 : operand.tile_ended[f - operand.tiles_in_registers]});
  operand.tile_ended.push_back(0);
  if (operand.bypass) return fill_from_fifo(side, credit);
  if (buffer_tile(side) != operand.stored) {
    operand.stored = buffer_tile(side);
    operand.ready = buffer_ready(side);
    operand.buffer_ended.push_back(0);
  }
  operand.port_end = port(side, std::max(credit, operand.ready),
                          beats(array_words(side), operand.width, program_.placement[side].bits));
  operand.buffer_ended.back() = operand.port_end;
  operand.fill_end = operand.port_end + buffer_.latency_cycles;
}

// Line by line, each when it has arrived; it leaves room for the line so many behind it.
void Machine::fill_from_fifo(std::size_t side, Time credit) {
  Feed& operand = feeds_[side];
  Stream& stream = streams_[side];
  const std::uint64_t fifo = chunk_.prefetch_fifo_bytes / kLine;
  std::uint64_t words = 0;
  for (const std::uint64_t words_of_line : pieces(side, false)) {
    const std::uint64_t m = stream.lines++;
    const Time arrived =
        m < fifo ? early_[side][m]
                 : load_line(dispatch(side, stream.free_at[m - fifo]), side, words_of_line);
    const std::uint64_t count = up(words + words_of_line, operand.width) - up(words, operand.width);
    words += words_of_line;
    operand.port_end = std::max({operand.port_end, credit, arrived}) + count;
    stream.free_at.push_back(operand.port_end);
  }
  operand.fill_end = operand.port_end;
}

Time Machine::reduction_latency() const {
  if (chunk_.interconnect == Interconnect::systolic) return 0;
  const std::uint64_t n = of(program_.spatial_x, Dim::C) * of(program_.spatial_y, Dim::C);
  if (chunk_.spatial_reduction == SpatialReduction::chain) return n - 1;
  Time levels = 0;
  while ((std::uint64_t{1} << levels) < n) ++levels;
  return chunk_.spatial_reduction == SpatialReduction::adder_tree ? levels : 0;
}

// A systolic array is filled and drained once a fold.
Time Machine::skew(std::uint64_t cycles) {
  if (chunk_.interconnect != Interconnect::systolic) return 0;
  const std::size_t side = chunk_.dataflow == Dataflow::os   ? kOut
                           : chunk_.dataflow == Dataflow::ws ? kWt
                                                             : kIn;
  const Time preload = side == kOut ? 0 : chunk_.rows;
  const Time whole = preload + chunk_.rows + chunk_.cols - 2;
  Time paid = 0;
  if (const std::uint64_t tile = array_tile(side); tile != stationary_) {
    const bool first = stationary_ == UINT64_MAX;
    stationary_ = tile;
    paid = !chunk_.overlap_folds || first ? whole : preload - std::min(preload, streamed_);
    streamed_ = 0;
  }
  streamed_ += cycles;
  return paid;
}

// The psum registers have room, and the psums of an earlier residency are back.
void Machine::begin_residency(bool reads_back, Time& begin) {
  const std::size_t n = chunk_.fifo_buffered.psum ? 3 : chunk_.double_buffered.psum ? 2 : 1;
  const Time slot_free = drain_end_.size() < n ? 0 : drain_end_[drain_end_.size() - n];
  begin = std::max(begin, slot_free);
  if (!reads_back) return;
  const std::uint64_t tiles = program_.buffer_tiles[kOut];
  const Time tile_open = left_.size() < tiles ? c0_ : left_[left_.size() - tiles];
  const Time written = drained_.at(array_tile(kOut));
  psum_port_end_ =
      port(2, std::max({c0_, psum_port_end_, slot_free, written, tile_open}),
           beats(array_words(kOut), chunk_.bus_words_per_cycle.psum_in, program_.psum.bits));
  begin = std::max(begin, psum_port_end_ + buffer_.latency_cycles);
}

void Machine::drain(bool complete, Time issue_end) {
  const std::uint64_t tiles = program_.buffer_tiles[kOut];
  const Time tile_open = left_.size() < tiles ? c0_ : left_[left_.size() - tiles];
  const Time request = std::max(
      {drain_port_end_, tile_open, issue_end + chunk_.pipeline_depth + reduction_latency()});
  drain_port_end_ = port(3, request,
                         beats(array_words(kOut), chunk_.bus_words_per_cycle.output,
                               complete ? program_.placement[kOut].bits : program_.psum.bits));
  drain_end_.push_back(drain_port_end_ + buffer_.write_latency_cycles);
  drained_[array_tile(kOut)] = drain_end_.back();
}

// Lines out of the buffer, one read at a time, and over the link; returns when all have been read.
Time Machine::store(const std::vector<std::uint64_t>& lines, Time from) {
  for (const std::uint64_t words_of_line : lines) {
    const Time at = dispatch(kOut, std::max(from, read_free_));
    dispatched_.push_back(at);
    read_free_ =
        port(5, at, up(bytes(words_of_line, program_.placement[kOut].bits), buffer_.word_bytes));
    acknowledged_ =
        std::max(acknowledged_, arrival(over_link(kOut, read_free_ + buffer_.latency_cycles)));
    released_.push_back(acknowledged_);
  }
  return read_free_;
}

// No requester has two bursts at a time, and no two beats meet in a bank.
bool Machine::banks_free() {
  std::sort(bursts_.begin(), bursts_.end(),
            [](const Burst& a, const Burst& b) { return a.begin < b.begin; });
  std::array<std::uint64_t, 6> beats{};
  for (Burst& burst : bursts_) {
    burst.first = beats[burst.requester];
    beats[burst.requester] += burst.beats;
  }
  for (std::size_t i = 0; i < bursts_.size(); ++i)
    for (std::size_t j = i + 1; j < bursts_.size() && bursts_[j].begin < bursts_[i].end(); ++j) {
      const Burst &a = bursts_[i], &b = bursts_[j];
      const bool same_bank =
          (a.first + b.begin) % buffer_.banks == (b.first + a.begin) % buffer_.banks;
      if (a.requester == b.requester || same_bank) return false;
    }
  return true;
}

// Ports are plenty. Nothing else may have met: no two beats in a bank, no two lines at the DMA or
// at the end of a load, not more lines in flight than allowed; and on the link all streams together
// must fare as each alone.
bool Machine::uncontended() {
  if (failed_ || !banks_free()) return false;
  std::sort(dispatched_.begin(), dispatched_.end());
  std::sort(released_.begin(), released_.end());
  for (std::size_t i = 0; i < dispatched_.size(); ++i) {
    const Time at = dispatched_[i];
    if (i > 0 && at == dispatched_[i - 1]) return false;
    if (i >= chunk_.dma_outstanding && released_[i - chunk_.dma_outstanding] > at) return false;
  }
  std::sort(link_uses_.begin(), link_uses_.end(),
            [](const LinkUse& a, const LinkUse& b) { return a.request < b.request; });
  Instant link;
  for (std::size_t i = 0; i < link_uses_.size(); ++i) {
    const LinkUse& use = link_uses_[i];
    if (i > 0 && use.request == link_uses_[i - 1].request) return false;
    link = after(link, use.request);
    if (link.cycle != use.end.cycle || link.part != use.end.part) return false;
  }
  return true;
}

std::optional<ClosedForm> Machine::run() {
  const auto& bus = chunk_.bus_words_per_cycle;
  const auto& twice = chunk_.double_buffered;
  const std::array<bool, 2> doubled = {twice.input, twice.weight};
  const std::array<bool, 2> rings = {chunk_.fifo_buffered.input, chunk_.fifo_buffered.weight};
  const std::array<std::uint64_t, 2> registers = {chunk_.register_file_words.input,
                                                  chunk_.register_file_words.weight};
  for (const std::size_t side : {kIn, kWt}) {
    Feed& operand = feeds_[side];
    operand.bypass = program_.bypass_buffer[side];
    operand.tiles_in_registers = doubled[side] ? 2 : 1;
    if (rings[side])  // as many whole tiles as it holds
      operand.tiles_in_registers =
          registers[side] / (of(program_.rf, axis(side, 0)) * of(program_.rf, axis(side, 1)));
    operand.tiles_in_buffer = program_.buffer_tiles[side];
    operand.width = side == kIn ? bus.input : bus.weight;
    operand.port_end = c0_;
  }
  early_loads();
  const std::uint64_t steps = all(program_.dram) * all(program_.buffer);
  std::map<std::uint64_t, std::uint64_t> last_step;  // of each output tile
  for (std::uint64_t s = 0; s < steps; ++s) {
    locate(s);
    last_step[array_tile(kOut)] = s;
  }
  std::map<std::uint64_t, bool> begun;
  const std::uint64_t cycles = up(all(program_.rf), chunk_.lanes);
  ClosedForm result;
  Time issue_end = c0_;
  drain_port_end_ = psum_port_end_ = c0_;
  for (std::uint64_t s = 0; s < steps; ++s) {
    locate(s);
    fill(kIn);
    fill(kWt);
    Time begin = std::max({issue_end, feeds_[kIn].fill_end, feeds_[kWt].fill_end});
    const std::uint64_t out = array_tile(kOut), stored = buffer_tile(kOut);
    bool first = s == 0;
    if (s > 0) {
      locate(s - 1);
      first = array_tile(kOut) != out;
      locate(s);
    }
    if (first) begin_residency(begun[out], begin);
    begun[out] = true;
    const Time issue = cycles + skew(cycles);
    result.busy += issue;
    issue_end = begin + issue;
    for (Feed& operand : feeds_) operand.tile_ended.back() = issue_end;
    bool last = s + 1 == steps, last_stored = last;
    if (!last) {
      locate(s + 1);
      last = array_tile(kOut) != out;
      last_stored = buffer_tile(kOut) != stored;
      locate(s);
    }
    if (last) drain(last_step[out] == s, issue_end);
    if (last_stored) left_.push_back(store(pieces(kOut, true), drain_end_.back()));
  }
  if (!uncontended()) return std::nullopt;
  result.end = std::max({issue_end, drain_end_.back(), acknowledged_});
  return result;
}

}  // namespace

std::optional<ClosedForm> closed_form(const ArchSpec& arch, const Program& program) {
  return Machine(arch, program).run();
}

}  // namespace chasm
