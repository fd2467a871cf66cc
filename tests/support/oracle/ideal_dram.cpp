#include "tests/support/oracle/ideal_dram.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace chasm::oracle {

namespace {
constexpr std::uint64_t kUnitsOfByte = 65536;
}

IdealDram::IdealDram(const DramSpec& spec)
    : per_cycle_(static_cast<std::uint64_t>(
          std::llround(spec.bandwidth_bytes_per_cycle * static_cast<double>(kUnitsOfByte)))),
      latency_(spec.latency_cycles),
      channels_(spec.channels) {
  CHECK(per_cycle_ > 0, "a DRAM without bandwidth");
}

void IdealDram::request(const LineTicket& line) {
  channels_[line.number % channels_.size()].push_back({line, 64 * kUnitsOfByte});
}

void IdealDram::move(std::uint64_t now) {
  for (std::deque<Moving>& queue : channels_) {
    std::uint64_t left = per_cycle_;
    while (left > 0 && !queue.empty()) {
      const std::uint64_t moved = std::min(left, queue.front().left);
      left -= moved;
      queue.front().left -= moved;
      if (queue.front().left > 0) continue;
      done_.push_back({queue.front().line, now + 1 + latency_});
      queue.pop_front();
    }
  }
}

std::vector<LineTicket> IdealDram::arrivals(std::uint64_t now) {
  std::vector<LineTicket> lines;
  while (!done_.empty() && done_.front().at <= now) {
    lines.push_back(done_.front().line);
    done_.pop_front();
  }
  return lines;
}

}  // namespace chasm::oracle
