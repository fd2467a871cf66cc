#include "traces/perfetto.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json.h"

namespace chasm {
namespace {

std::string json_text(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

class PerfettoWriter {
 public:
  PerfettoWriter(const Timeline& timeline, std::uint64_t clock_hz, const TextSink& sink)
      : timeline_(timeline),
        clock_hz_(clock_hz),
        text_(sink),
        groups_(timeline.groups()),
        open_(timeline.tracks().size()) {}

  void write() {
    fmt::format_to(text_.out(),
                   "{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"clock_hz\":{},\"cycles\":{}}},"
                   "\"traceEvents\":[",
                   clock_hz_, timeline_.end());
    name_groups();
    name_tracks();
    timeline_.for_each_change([this](Track track, Cycle at, std::uint64_t value) {
      if (timeline_.tracks()[track].kind == Timeline::Kind::states)
        change_state(track, at, value);
      else
        counter(track, at, value);
    });
    fmt::format_to(text_.out(), "\n]}}\n");
  }

 private:
  struct Open {
    Cycle since = 0;
    std::uint64_t value = 0;
  };

  // Every event is a line.
  std::back_insert_iterator<std::string> event() {
    fmt::format_to(text_.out(), "{}", first_ ? "\n" : ",\n");
    first_ = false;
    return text_.out();
  }

  std::size_t pid(Track track) const {
    const auto found = std::find(groups_.begin(), groups_.end(), timeline_.tracks()[track].group);
    return static_cast<std::size_t>(found - groups_.begin()) + 1;
  }
  // Threads have numbers that no process has: where both are equal, the UI takes the thread for the
  // process's main one.
  std::size_t tid(Track track) const { return groups_.size() + 1 + track; }

  void name_groups() {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      fmt::format_to(
          event(), "{{\"ph\":\"M\",\"pid\":{},\"name\":\"process_name\",\"args\":{{\"name\":{}}}}}",
          g + 1, json_text(groups_[g]));
      fmt::format_to(event(),
                     "{{\"ph\":\"M\",\"pid\":{},\"name\":\"process_sort_index\",\"args\":{{\"sort_"
                     "index\":{}}}}}",
                     g + 1, g + 1);
    }
  }

  void name_tracks() {
    for (Track track = 0; track < timeline_.tracks().size(); ++track) {
      const Timeline::Description& description = timeline_.tracks()[track];
      if (description.kind != Timeline::Kind::states) continue;
      fmt::format_to(event(),
                     "{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"thread_name\",\"args\":{{"
                     "\"name\":{}}}}}",
                     pid(track), tid(track), json_text(description.name));
      fmt::format_to(
          event(),
          "{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"thread_sort_index\",\"args\":{{"
          "\"sort_index\":{}}}}}",
          pid(track), tid(track), tid(track));
    }
  }

  void change_state(Track track, Cycle at, std::uint64_t value) {
    Open& open = open_[track];
    if (!Timeline::is_idle(open.value)) complete(track, open, at);
    open = {at, value};
  }

  void complete(Track track, const Open& open, Cycle end) {
    const Timeline::Description& description = timeline_.tracks()[track];
    const std::uint64_t begin_ps = picoseconds(open.since);
    fmt::format_to(
        event(), "{{\"ph\":\"X\",\"pid\":{},\"tid\":{},\"name\":{},\"ts\":{},\"dur\":{},",
        pid(track), tid(track), json_text(description.states[Timeline::state_of(open.value)]),
        microseconds(begin_ps), microseconds(picoseconds(end) - begin_ps));
    fmt::format_to(text_.out(), "\"args\":{{\"cycle\":{},\"cycles\":{}", open.since,
                   end - open.since);
    if (!description.detail.empty())
      fmt::format_to(text_.out(), ",{}:{}", json_text(description.detail),
                     Timeline::detail_of(open.value));
    fmt::format_to(text_.out(), "}}}}");
  }

  void counter(Track track, Cycle at, std::uint64_t value) {
    const Timeline::Description& description = timeline_.tracks()[track];
    fmt::format_to(event(), "{{\"ph\":\"C\",\"pid\":{},\"name\":{},\"ts\":{},\"args\":{{{}:{}}}}}",
                   pid(track), json_text(description.name), microseconds(picoseconds(at)),
                   json_text(description.unit), value);
  }

  // Of the beginning of a cycle, rounded down: exact for clocks of whole picoseconds.
  std::uint64_t picoseconds(Cycle cycle) const {
    constexpr std::uint64_t kMillion = 1'000'000;
    const std::uint64_t micros_of_rest =
        cycle % clock_hz_ * kMillion;  // a clock has at most 10^10 Hz
    return (cycle / clock_hz_ * kMillion + micros_of_rest / clock_hz_) * kMillion +
           micros_of_rest % clock_hz_ * kMillion / clock_hz_;
  }

  // As decimals of a microsecond, the unit of the format.
  static std::string microseconds(std::uint64_t picoseconds) {
    std::string text = fmt::format("{}.{:06}", picoseconds / 1'000'000, picoseconds % 1'000'000);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
  }

  const Timeline& timeline_;
  std::uint64_t clock_hz_;
  BufferedText text_;
  std::vector<std::string> groups_;
  std::vector<Open> open_;  // by track
  bool first_ = true;
};

}  // namespace

void write_perfetto(const Timeline& timeline, std::uint64_t clock_hz, const TextSink& sink) {
  PerfettoWriter(timeline, clock_hz, sink).write();
}

}  // namespace chasm
