#include "mapper/walk_ports.h"

#include <bit>

namespace chasm::walk {

Ports::Ports(const GlobalBufferSpec& buffer, const Program& program)
    : banks_(buffer.banks),
      mask_(std::has_single_bit(buffer.banks) ? buffer.banks - 1 : 0),
      max_burst_(buffer.max_burst_beats),
      priority_(buffer.arbitration == Arbitration::priority),
      ports_(buffer.ports) {
  at_.fill(kUnknown);
  const auto& [input, weight, output] = program.buffer_base;
  const std::array<std::uint64_t, kRequesters> base = {
      input, weight, output, output, buffer_space_base(program), output};
  for (std::size_t r = 0; r < kRequesters; ++r) bank_[r] = base[r] / buffer.word_bytes % banks_;
}

std::uint32_t Ports::choose(Cycle now) const {
  for (std::uint32_t i = 0; i < kRequesters; ++i) {
    const std::uint32_t r = priority_ ? i : (turn_ + i) % kRequesters;
    if (at_[r] <= now) return r;
  }
  CHECK(false, "nobody asks for a port at cycle {}", now);
  return 0;
}

// The earliest cycle at which no beat meets one of another burst in a bank: bursts that overlap
// meet in every cycle that they share, or in none.
Cycle Ports::begin_of(std::uint64_t bank, std::uint64_t beats, Cycle now) const {
  Cycle begin = now;
  const auto meets = [&](const Port& other) {
    return begin < other.end && other.begin < begin + beats &&
           in_banks(bank + other.begin) == in_banks(other.bank + begin);
  };
  while (std::any_of(ports_.begin(), ports_.end(), meets)) ++begin;
  return begin;
}

Ports::Granted Ports::grant(Cycle now, WalkedTiming& totals) {
  const std::uint32_t r = choose(now);
  turn_ = (r + 1) % kRequesters;
  const std::uint64_t beats = std::min(left_[r], max_burst_);
  std::size_t free = 0;
  for (std::size_t p = 1; p < ports_.size(); ++p)
    if (ports_[p].end < ports_[free].end) free = p;
  const Cycle begin = begin_of(bank_[r], beats, now), end = begin + beats;
  ports_[free] = {begin, end, bank_[r]};
  totals.port_wait += now - at_[r];
  totals.bank_wait += begin - now;
  bank_[r] = in_banks(bank_[r] + beats);
  left_[r] -= beats;
  at_[r] = left_[r] > 0 ? end : kUnknown;
  return {r, end, left_[r] == 0};
}

void Ports::save(Snapshot& state) const {
  state.number(turn_);
  for (std::size_t r = 0; r < kRequesters; ++r) {
    state.time(at_[r]);
    state.number(at_[r] == kUnknown ? 0 : left_[r]);
    state.number(ports_.size() == 1 ? 0 : bank_[r]);  // a single port never meets itself
  }
  for (const Port& port : ports_) {
    const bool past = ports_.size() == 1 || port.end <= state.now();
    state.time(port.end);
    state.time(port.begin);
    state.number(past ? 0 : port.bank);
  }
}

void Ports::shift(Cycle cycles) {
  for (Cycle& at : at_) delay(at, cycles);
  for (Port& port : ports_) {
    port.begin += cycles;
    port.end += cycles;
  }
}

}  // namespace chasm::walk
