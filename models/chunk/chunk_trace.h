// What a chunk tells the recorder: what its issue stage and each of its buses do. With no recorder
// every call is one test.
#pragma once

#include <array>
#include <string>

#include "traces/cause.h"
#include "traces/recorder.h"

namespace chasm {

class ChunkTrace {
 public:
  ChunkTrace(Recorder* recorder, const std::string& chunk) : recorder_(recorder) {
    if (!recorder_) return;
    const std::string group = "chunk " + chunk;
    std::vector<std::string> causes;
    for (std::size_t c = 0; c < static_cast<std::size_t>(Cause::idle); ++c)
      causes.push_back(to_string(static_cast<Cause>(c)));
    issue_ = recorder_->states(group, "issue", causes);
    buses_ = {recorder_->states(group, "input bus", {"fill", "wait_port"}),
              recorder_->states(group, "weight bus", {"fill", "wait_port"}),
              recorder_->states(group, "psum_in bus", {"read_back", "wait_port"}),
              recorder_->states(group, "drain bus", {"drain", "wait_port"})};
  }

  void issue(Cause cause, Cycle begin, Cycle end) {
    if (recorder_) recorder_->slice(issue_, static_cast<std::uint32_t>(cause), begin, end);
  }
  void bus(std::uint32_t bus, Cycle requested, Cycle granted, Cycle end) {
    if (!recorder_) return;
    recorder_->slice(buses_[bus], 1, requested, granted);
    recorder_->slice(buses_[bus], 0, granted, end);
  }

 private:
  Recorder* recorder_;
  Track issue_ = 0;
  std::array<Track, 4> buses_{};
};

}  // namespace chasm
