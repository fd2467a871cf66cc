#include "tests/support/oracle/shared_memory.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace chasm::oracle {

BufferPorts::BufferPorts(const GlobalBufferSpec& spec, std::size_t chunks)
    : max_burst_(spec.max_burst_beats),
      left_(chunks * kRequestersOfChunk),
      served_(chunks * kRequestersOfChunk),
      ports_(spec.ports) {}

void BufferPorts::request(std::size_t requester, std::uint64_t beats) {
  CHECK(left_[requester] == 0 && beats > 0, "requester {} has {} beats left", requester,
        left_[requester]);
  left_[requester] = beats;
}

void BufferPorts::grant() {
  for (Port& port : ports_) {
    if (port.requester) continue;
    for (std::size_t i = 0; i < left_.size(); ++i) {
      const std::size_t candidate = (search_from_ + i) % left_.size();
      if (left_[candidate] == 0 || served_[candidate]) continue;
      port = {candidate, std::min(left_[candidate], max_burst_)};
      served_[candidate] = true;
      search_from_ = (candidate + 1) % left_.size();
      break;
    }
  }
}

std::vector<std::size_t> BufferPorts::advance() {
  std::vector<std::size_t> finished;
  for (Port& port : ports_) {
    if (!port.requester) continue;
    const std::size_t requester = *port.requester;
    --left_[requester];
    if (--port.beats > 0) continue;
    port.requester.reset();
    served_[requester] = false;
    if (left_[requester] == 0) finished.push_back(requester);
  }
  std::sort(finished.begin(), finished.end());
  return finished;
}

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
