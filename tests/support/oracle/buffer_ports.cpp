#include "tests/support/oracle/buffer_ports.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"

namespace chasm::oracle {

BufferPorts::BufferPorts(const GlobalBufferSpec& spec,
                         const std::vector<std::uint64_t>& first_bytes)
    : spec_(spec), ports_(spec.ports) {
  for (const std::uint64_t byte : first_bytes) {
    requesters_.push_back({0, false, byte / spec.word_bytes % spec.banks});
  }
}

void BufferPorts::request(std::size_t requester, std::uint64_t beats) {
  One& one = requesters_[requester];
  CHECK(one.left == 0 && beats > 0, "requester {} has {} beats left", requester, one.left);
  one.left = beats;
}

// Round robin: the first one behind the last granted.
std::optional<std::size_t> BufferPorts::next_waiting() const {
  for (std::size_t i = 0; i < requesters_.size(); ++i) {
    const std::size_t candidate = (search_from_ + i) % requesters_.size();
    if (requesters_[candidate].left > 0 && !requesters_[candidate].served) return candidate;
  }
  return std::nullopt;
}

// Priority: by kind, then by chunk.
std::optional<std::size_t> BufferPorts::most_urgent() const {
  const auto rank = [](std::size_t requester) {
    return std::tuple(requester % kRequestersOfChunk, requester / kRequestersOfChunk);
  };
  std::optional<std::size_t> best;
  for (std::size_t candidate = 0; candidate < requesters_.size(); ++candidate) {
    if (requesters_[candidate].left == 0 || requesters_[candidate].served) continue;
    if (!best || rank(candidate) < rank(*best)) best = candidate;
  }
  return best;
}

// The earliest cycle from which on the banks of all the beats are free.
std::uint64_t BufferPorts::first_beat(std::uint64_t now, std::uint64_t bank,
                                      std::uint64_t beats) const {
  for (std::uint64_t begin = now;; ++begin) {
    bool free = true;
    for (std::uint64_t k = 0; k < beats && free; ++k) {
      free = taken_.count({begin + k, (bank + k) % spec_.banks}) == 0;
    }
    if (free) return begin;
  }
}

void BufferPorts::grant(std::uint64_t now) {
  taken_.erase(taken_.begin(), taken_.lower_bound({now, 0}));
  for (Port& port : ports_) {
    if (port.requester) continue;
    const auto chosen = spec_.arbitration == Arbitration::priority ? most_urgent() : next_waiting();
    if (!chosen) return;
    search_from_ = (*chosen + 1) % requesters_.size();
    One& one = requesters_[*chosen];
    one.served = true;
    const std::uint64_t beats = std::min<std::uint64_t>(one.left, spec_.max_burst_beats);
    const std::uint64_t begin = first_beat(now, one.next_bank, beats);
    for (std::uint64_t k = 0; k < beats; ++k) {
      taken_.insert({begin + k, (one.next_bank + k) % spec_.banks});
    }
    one.next_bank = (one.next_bank + beats) % spec_.banks;
    port = {*chosen, beats, begin + beats};
  }
}

std::vector<std::size_t> BufferPorts::finished(std::uint64_t now) {
  std::vector<std::size_t> done;
  for (Port& port : ports_) {
    if (!port.requester || port.end > now) continue;
    One& one = requesters_[*port.requester];
    one.left -= port.beats;
    one.served = false;
    if (one.left == 0) done.push_back(*port.requester);
    port.requester.reset();
  }
  std::sort(done.begin(), done.end());
  return done;
}

}  // namespace chasm::oracle
