#include "models/memory/dram/replay.h"

#include <algorithm>

namespace chasm {

DramReplay::DramReplay(const DramConfig& config, const DramAddressMap& map, DramCommandLog* log)
    : map_(map),
      in_order_(log != nullptr && config.organisation.channels > 1),
      accepted_(config.organisation.channels) {
  for (std::uint32_t c = 0; c < config.organisation.channels; ++c)
    channels_.push_back(std::make_unique<DramChannel>(config, c, *this, log));
}

void DramReplay::offer(const DramRequest& request) {
  const DramLocation at = map_.locate(request.address);
  DramChannel& channel = *channels_[at.channel];
  Cycle& accepted = accepted_[at.channel];
  now_ = std::max({now_, request.cycle, accepted});
  advance(now_);
  while (!channel.accept(at, request.write, request.cycle, now_)) {
    // A burst makes room, which is used in its own cycle.
    advance(now_ + 1);
    if (!channel.has_room(at, request.write)) now_ = std::max(now_ + 1, channel.next());
  }
  accepted = now_ + 1;
}

void DramReplay::advance(Cycle now) {
  if (!in_order_) {
    for (const auto& channel : channels_) channel->catch_up(now);
    return;
  }
  for (;;) {
    const auto first =
        std::min_element(channels_.begin(), channels_.end(),
                         [](const auto& a, const auto& b) { return a->next() < b->next(); });
    if ((*first)->next() >= now) return;
    (*first)->catch_up((*first)->next() + 1);
  }
}

Cycle DramReplay::finish() {
  for (;;) {
    Cycle next = DramChannel::kNever;
    for (const auto& channel : channels_)
      if (!channel->idle()) next = std::min(next, channel->next());
    if (next == DramChannel::kNever) break;
    advance(next + 1);
  }
  advance(end_);
  return end_;
}

DramStats DramReplay::stats() const {
  DramStats sum;
  for (const auto& channel : channels_) sum.add(channel->stats(end_));
  return sum;
}

void DramReplay::answered(std::uint64_t due, bool write, Cycle at) {
  end_ = std::max(end_, at);
  if (!write) from_due_.add(at - due);
}

}  // namespace chasm
