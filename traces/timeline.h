// A recorder that keeps everything and gives it back in order of time, for the writers. Every track
// is a step function of time (a state and its detail, a level, an amount a window), kept as its
// changes; memory is fixed a track (spool.h).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "traces/recorder.h"
#include "traces/spool.h"

namespace chasm {

class Timeline final : public Recorder {
 public:
  enum class Kind : std::uint8_t { states, level, rate, requests };
  struct Description {
    Kind kind;
    std::string group, name;
    std::vector<std::string> states;
    std::string detail;  // of states
    std::string unit;    // of levels and rates
    Cycle window = 0;    // of rates
  };
  struct Keep {
    bool changes = true, requests = true;
  };

  explicit Timeline(Keep keep) : keep_(keep) {}

  Track states(const std::string& group, const std::string& name,
               const std::vector<std::string>& states, const std::string& detail = {}) override;
  Track level(const std::string& group, const std::string& name, const std::string& unit) override;
  Track rate(const std::string& group, const std::string& name, const std::string& unit,
             Cycle window) override;
  Track requests(const std::string& group, const std::string& name) override;

  void slice(Track, std::uint32_t state, Cycle begin, Cycle end, std::uint32_t detail) override;
  void rise(Track, Cycle at, std::uint64_t amount) override;
  void fall(Track, Cycle at, std::uint64_t amount) override;
  void count(Track, Cycle at, std::uint64_t amount) override;
  void request(Track, Cycle at, bool write, std::uint64_t address) override;

  // To be called once, before reading: the simulation has ended at that cycle. Slices and levels
  // end at the last cycle that was told of them.
  void finish(Cycle end);

  const std::vector<Description>& tracks() const { return descriptions_; }
  Cycle end() const { return end_; }
  // The groups of the tracks that change, in order of their first.
  std::vector<std::string> groups() const;
  // The errno of a temporary file that failed, also while reading; 0: all is well.
  int error() const { return spool_.error(); }

  // Every track holds 0 from cycle 0 on; then its changes, in order of cycles, then of tracks.
  using Change = std::function<void(Track, Cycle, std::uint64_t value)>;
  void for_each_change(const Change&) const;
  // What the value of a states track means.
  static bool is_idle(std::uint64_t value) { return value == 0; }
  static std::uint32_t state_of(std::uint64_t value) {
    return static_cast<std::uint32_t>(value) - 1;
  }
  static std::uint32_t detail_of(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32);
  }

  using Request = std::function<void(Cycle, bool write, std::uint64_t address)>;
  void for_each_request(const Request&) const;

 private:
  struct Progress {
    std::uint64_t value = 0;                // the last that was kept
    Cycle until = 0;                        // states: end of the last slice; others: the last event
    std::map<Cycle, std::int64_t> changes;  // of a level, not final yet
    std::uint64_t window = 0, amount = 0;   // of a rate: the open window's number and sum
  };
  Track add(Description);
  void keep(Track, Cycle at, std::uint64_t value);
  void settle(Track, Cycle before);
  void close_window(Track);
  void merge(bool requests, const Change&) const;

  Keep keep_;
  std::vector<Description> descriptions_;
  std::vector<Progress> progress_;
  Spool spool_;  // one stream a track
  Cycle end_ = 0;
};

}  // namespace chasm
