#include "traces/timeline.h"

#include <algorithm>
#include <queue>
#include <utility>

namespace chasm {

Track Timeline::add(Description description) {
  descriptions_.push_back(std::move(description));
  progress_.emplace_back();
  spool_.add_stream();
  return static_cast<Track>(descriptions_.size() - 1);
}

Track Timeline::states(const std::string& group, const std::string& name,
                       const std::vector<std::string>& states, const std::string& detail) {
  return add({Kind::states, group, name, states, detail, {}, 0});
}

Track Timeline::level(const std::string& group, const std::string& name, const std::string& unit) {
  return add({Kind::level, group, name, {}, {}, unit, 0});
}

Track Timeline::rate(const std::string& group, const std::string& name, const std::string& unit,
                     Cycle window) {
  return add({Kind::rate, group, name, {}, {}, unit, window});
}

Track Timeline::requests(const std::string& group, const std::string& name) {
  return add({Kind::requests, group, name, {}, {}, {}, 0});
}

void Timeline::keep(Track track, Cycle at, std::uint64_t value) {
  if (std::exchange(progress_[track].value, value) != value) spool_.append(track, {at, value});
}

void Timeline::slice(Track track, std::uint32_t state, Cycle begin, Cycle end,
                     std::uint32_t detail) {
  if (!keep_.changes || begin == end) return;
  Progress& progress = progress_[track];
  CHECK(begin >= progress.until && end > begin && state < descriptions_[track].states.size(),
        "trace of {} {}: state {} from {} to {} after {}", descriptions_[track].group,
        descriptions_[track].name, state, begin, end, progress.until);
  if (begin > progress.until) keep(track, progress.until, 0);
  keep(track, begin, (std::uint64_t{detail} << 32) | (state + 1));
  progress.until = end;
}

void Timeline::rise(Track track, Cycle at, std::uint64_t amount) {
  if (!keep_.changes) return;
  Progress& progress = progress_[track];
  CHECK(at >= progress.until, "trace of {}: a rise at {} after one at {}",
        descriptions_[track].name, at, progress.until);
  progress.until = at;
  settle(track, at);
  progress.changes[at] += static_cast<std::int64_t>(amount);
}

void Timeline::fall(Track track, Cycle at, std::uint64_t amount) {
  if (!keep_.changes) return;
  Progress& progress = progress_[track];
  CHECK(at >= progress.until, "trace of {}: a fall at {} before the rise at {}",
        descriptions_[track].name, at, progress.until);
  progress.changes[at] -= static_cast<std::int64_t>(amount);
}

// No change before that cycle can come any more.
void Timeline::settle(Track track, Cycle before) {
  auto& changes = progress_[track].changes;
  while (!changes.empty() && changes.begin()->first < before) {
    const auto [at, change] = *changes.begin();
    changes.erase(changes.begin());
    const std::int64_t value = static_cast<std::int64_t>(progress_[track].value) + change;
    CHECK(value >= 0, "trace of {}: {} at cycle {}", descriptions_[track].name, value, at);
    keep(track, at, static_cast<std::uint64_t>(value));
  }
}

void Timeline::count(Track track, Cycle at, std::uint64_t amount) {
  if (!keep_.changes) return;
  Progress& progress = progress_[track];
  const std::uint64_t window = at / descriptions_[track].window;
  CHECK(window >= progress.window, "trace of {}: cycle {} comes late", descriptions_[track].name,
        at);
  if (window != progress.window) {
    close_window(track);
    if (window > progress.window + 1)
      keep(track, (progress.window + 1) * descriptions_[track].window, 0);
    progress.window = window;
  }
  progress.amount += amount;
}

void Timeline::close_window(Track track) {
  Progress& progress = progress_[track];
  keep(track, progress.window * descriptions_[track].window, std::exchange(progress.amount, 0));
}

void Timeline::request(Track track, Cycle at, bool write, std::uint64_t address) {
  if (!keep_.requests) return;
  CHECK(at >= progress_[track].until && address % 2 == 0, "trace of {}: request {:#x} at cycle {}",
        descriptions_[track].name, address, at);
  progress_[track].until = at;
  spool_.append(track, {at, address | (write ? 1U : 0U)});
}

void Timeline::finish(Cycle end) {
  end_ = end;
  for (Track track = 0; track < descriptions_.size(); ++track) {
    Progress& progress = progress_[track];
    switch (descriptions_[track].kind) {
      case Kind::states:
        keep(track, progress.until, 0);
        break;
      case Kind::level:
        settle(track, ~Cycle{0});
        break;
      case Kind::rate:
        close_window(track);
        keep(track, (progress.window + 1) * descriptions_[track].window, 0);
        break;
      case Kind::requests:
        break;
    }
  }
}

std::vector<std::string> Timeline::groups() const {
  std::vector<std::string> groups;
  for (const Description& track : descriptions_)
    if (track.kind != Kind::requests &&
        std::find(groups.begin(), groups.end(), track.group) == groups.end())
      groups.push_back(track.group);
  return groups;
}

void Timeline::merge(bool requests, const Change& take) const {
  std::vector<Spool::Reader> readers;
  std::vector<Spool::Record> heads(descriptions_.size());
  using Next = std::pair<Cycle, Track>;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> queue;
  const auto advance = [&](Track track) {
    const std::optional<Spool::Record> record = readers[track].next();
    if (!record) return;
    heads[track] = *record;
    queue.emplace(record->at, track);
  };
  for (Track track = 0; track < descriptions_.size(); ++track) {
    readers.emplace_back(spool_, track);
    if ((descriptions_[track].kind == Kind::requests) == requests) advance(track);
  }
  while (!queue.empty()) {
    const auto [at, track] = queue.top();
    queue.pop();
    take(track, at, heads[track].value);
    advance(track);
  }
}

void Timeline::for_each_change(const Change& take) const { merge(false, take); }

void Timeline::for_each_request(const Request& take) const {
  merge(true,
        [&](Track, Cycle at, std::uint64_t value) { take(at, value % 2 != 0, value - value % 2); });
}

}  // namespace chasm
