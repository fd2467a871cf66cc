#include "traces/vcd.h"

#include <bit>

#include <fmt/format.h>

namespace chasm {
namespace {

// A name without white space, and nothing that could end a comment.
std::string plain(std::string name) {
  for (char& c : name)
    if (c == '$' || c <= ' ') c = '_';
  return name;
}

// Short names of variables: digits of base 94 in printable characters.
std::string identifier(std::size_t number) {
  std::string text;
  do {
    text += static_cast<char>('!' + number % 94);
    number /= 94;
  } while (number > 0);
  return text;
}

class VcdWriter {
 public:
  VcdWriter(const Timeline& timeline, std::uint64_t clock_hz, const TextSink& sink)
      : timeline_(timeline), clock_hz_(clock_hz), text_(sink) {
    for (const Timeline::Description& track : timeline.tracks()) declare(track);
  }

  void write() {
    fmt::format_to(text_.out(),
                   "$version chasm $end\n"
                   "$comment one time unit is one cycle of the core clock, {} Hz: {} ns $end\n"
                   "$timescale 1 ns $end\n",
                   clock_hz_, 1e9 / static_cast<double>(clock_hz_));
    codes();
    scopes();
    fmt::format_to(text_.out(), "$enddefinitions $end\n#0\n$dumpvars\n");
    for (const std::vector<Variable>& variables : variables_)
      for (const Variable& variable : variables) put(variable, 0);
    fmt::format_to(text_.out(), "$end\n");
    timeline_.for_each_change(
        [this](Track track, Cycle at, std::uint64_t value) { change(track, at, value); });
    if (timeline_.end() > now_) fmt::format_to(text_.out(), "#{}\n", timeline_.end());
  }

 private:
  struct Variable {
    std::string name, identifier;
    std::uint32_t bits = 1;
    std::uint64_t value = 0;
  };
  static constexpr std::uint32_t kNumberBits = 64, kDetailBits = 32;
  // So many states have a wire each; more, or those with a detail, have a code.
  static constexpr std::size_t kMostWires = 2;

  static bool has_code(const Timeline::Description& track) {
    return track.states.size() > kMostWires || !track.detail.empty();
  }

  void declare(const Timeline::Description& track) {
    std::vector<Variable>& variables = variables_.emplace_back();
    const auto add = [&](const std::string& name, std::uint32_t bits) {
      variables.push_back({plain(name), identifier(count_++), bits, 0});
    };
    if (track.kind == Timeline::Kind::requests) return;
    if (track.kind != Timeline::Kind::states)
      add(track.name, kNumberBits);
    else if (has_code(track))
      add(track.name, static_cast<std::uint32_t>(std::bit_width(track.states.size())));
    else
      for (const std::string& state : track.states) add(track.name + " " + state, 1);
    if (!track.detail.empty()) add(track.name + " " + track.detail, kDetailBits);
  }

  void codes() {
    for (const Timeline::Description& track : timeline_.tracks()) {
      if (!has_code(track)) continue;
      fmt::format_to(text_.out(), "$comment codes of {} {}\n  0 idle\n", plain(track.group),
                     plain(track.name));
      for (std::size_t s = 0; s < track.states.size(); ++s)
        fmt::format_to(text_.out(), "  {} {}\n", s + 1, plain(track.states[s]));
      fmt::format_to(text_.out(), "$end\n");
    }
  }

  void scopes() {
    for (const std::string& group : timeline_.groups()) {
      fmt::format_to(text_.out(), "$scope module {} $end\n", plain(group));
      for (Track track = 0; track < variables_.size(); ++track)
        if (timeline_.tracks()[track].group == group)
          for (const Variable& variable : variables_[track])
            fmt::format_to(text_.out(), "$var {} {} {} {} $end\n",
                           variable.bits == kNumberBits ? "integer" : "wire", variable.bits,
                           variable.identifier, variable.name);
      fmt::format_to(text_.out(), "$upscope $end\n");
    }
  }

  void change(Track track, Cycle at, std::uint64_t value) {
    const Timeline::Description& description = timeline_.tracks()[track];
    std::vector<Variable>& variables = variables_[track];
    if (description.kind != Timeline::Kind::states) return set(variables[0], at, value);
    const std::uint32_t code = Timeline::is_idle(value) ? 0 : Timeline::state_of(value) + 1;
    if (has_code(description))
      set(variables[0], at, code);
    else
      for (std::uint32_t s = 0; s < description.states.size(); ++s)
        set(variables[s], at, code == s + 1 ? 1 : 0);
    if (!description.detail.empty()) set(variables.back(), at, Timeline::detail_of(value));
  }

  void set(Variable& variable, Cycle at, std::uint64_t value) {
    if (variable.value == value) return;
    variable.value = value;
    if (at != now_) fmt::format_to(text_.out(), "#{}\n", at);
    now_ = at;
    put(variable, value);
  }

  void put(const Variable& variable, std::uint64_t value) {
    if (variable.bits == 1)
      fmt::format_to(text_.out(), "{}{}\n", value, variable.identifier);
    else
      fmt::format_to(text_.out(), "b{:b} {}\n", value, variable.identifier);
  }

  const Timeline& timeline_;
  std::uint64_t clock_hz_;
  BufferedText text_;
  std::vector<std::vector<Variable>> variables_;  // by track
  std::size_t count_ = 0;
  Cycle now_ = 0;
};

}  // namespace

void write_vcd(const Timeline& timeline, std::uint64_t clock_hz, const TextSink& sink) {
  VcdWriter(timeline, clock_hz, sink).write();
}

}  // namespace chasm
