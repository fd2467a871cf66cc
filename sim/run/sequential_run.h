// Schedule `sequential`: the layers in network order, image after image, each on its chunk alone (docs/microarchitecture.md,
// section 6).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "mapper/lower.h"
#include "models/accelerator.h"
#include "sim/run/run_result.h"

namespace chasm {

class SequentialRun {
 public:
  // Values of one layer while it runs, or null in timing-only runs. `finish` is called when the layer has ended.
  struct Values {
    std::function<std::unique_ptr<WordMover>(const LoweredOperation&, std::uint64_t image, Activity&)>
        start;
    std::function<void(const LoweredOperation&, std::uint64_t image, bool last_part,
                       std::uint64_t overflows)>
        finish;
  };

  SequentialRun(const ArchSpec&, const Network&, const Lowered&, std::uint64_t images,
                const Values* values,
                const std::function<void(std::size_t, std::size_t)>& progress);

  std::vector<LayerResult> run();  // in execution order; throws Error on a deadlock
  std::uint64_t activations() const { return accelerator_.activations(); }

 private:
  void start_next(Cycle at);
  void ended(const Chunk::Report&);

  const ArchSpec& arch_;
  const Network& network_;
  const Lowered& lowered_;
  std::uint64_t images_;
  const Values* values_;
  const std::function<void(std::size_t, std::size_t)>& progress_;
  Accelerator accelerator_;
  std::unique_ptr<WordMover> mover_;
  Activity activity_;  // of the running layer
  std::vector<LayerResult> layers_;
};

}  // namespace chasm
