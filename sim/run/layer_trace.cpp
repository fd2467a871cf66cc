#include "sim/run/layer_trace.h"

namespace chasm {

LayerTrace::LayerTrace(Recorder* recorder, const ArchSpec& arch, const Lowered& lowered)
    : recorder_(recorder) {
  if (!recorder_) return;
  places_.resize(lowered.operations.size());
  for (std::size_t c = 0; c < arch.chunks.size(); ++c) {
    std::vector<std::string> names;
    std::vector<std::size_t> operations;
    for (std::size_t o = 0; o < lowered.operations.size(); ++o)
      if (lowered.operations[o].chunk == c) {
        names.push_back(lowered.operations[o].program.operation.name);
        operations.push_back(o);
      }
    const Track track = recorder_->states("chunk " + arch.chunks[c].name, "layer", names, "image");
    for (std::uint32_t s = 0; s < operations.size(); ++s) places_[operations[s]] = {track, s};
  }
  allocated_ = recorder_->level("global buffer", "allocated", "bytes");
}

}  // namespace chasm
