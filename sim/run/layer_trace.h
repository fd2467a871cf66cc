// What the scheduler tells the recorder: which layer of which image a chunk works on, and how much
// of the buffer is taken. With no recorder every call is one test.
#pragma once

#include <vector>

#include "models/arch/arch_spec.h"
#include "traces/recorder.h"
#include "mapper/lower.h"

namespace chasm {

class LayerTrace {
 public:
  LayerTrace(Recorder*, const ArchSpec&, const Lowered&);

  void started(std::uint64_t buffer_bytes, Cycle at) {
    if (recorder_ && buffer_bytes > 0) recorder_->rise(allocated_, at, buffer_bytes);
  }
  void ended(std::size_t operation, std::uint64_t image, std::uint64_t buffer_bytes, Cycle start,
             Cycle end) {
    if (!recorder_) return;
    const Place& place = places_[operation];
    recorder_->slice(place.track, place.state, start, end, static_cast<std::uint32_t>(image));
    if (buffer_bytes > 0) recorder_->fall(allocated_, end, buffer_bytes);
  }

 private:
  struct Place {
    Track track = 0;
    std::uint32_t state = 0;
  };
  Recorder* recorder_;
  std::vector<Place> places_;  // by operation
  Track allocated_ = 0;
};

}  // namespace chasm
