// The controller of the accelerator: starts layers on chunks when their inputs exist, their chunk
// is free and the global buffer has room for their tiles (docs/microarchitecture.md, section 6). A
// layer that ends at cycle t lets others start at t + 1.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/doing.h"
#include "mapper/lower.h"
#include "models/accelerator.h"
#include "models/memory/buffer_space.h"
#include "sim/run/kept_tensors.h"
#include "sim/run/layer_trace.h"
#include "sim/run/run_result.h"

namespace chasm {

enum class Schedule {
  sequential,  // layers in network order, one at a time, image after image
  graph,       // independent layers of one image on different chunks, image after image
  pipelined,   // the same with up to 2 x chunks images on their way: a chunk takes the earliest it
               // can work on
};

// How far a simulation is.
struct SimProgress {
  std::size_t layers_ended = 0, layers = 0;  // of all images
  Cycle cycle = 0;
};

class Scheduler final : public sc_core::sc_module {
 public:
  // Values of layers while they run. `finish` is called when a layer has ended.
  struct Values {
    std::function<std::unique_ptr<WordMover>(const Program&, std::uint64_t image, Activity&)> start;
    std::function<void(std::size_t layer, std::uint64_t image, bool last_part,
                       std::uint64_t overflows)>
        finish;
  };
  struct Params {
    Schedule schedule = Schedule::sequential;
    std::uint64_t images = 1;
    std::uint64_t keep_on_chip_bytes = 0;  // top of the buffer, for intermediate tensors
    const Values* values = nullptr;        // null: timing only
    std::function<void(const SimProgress&)> progress;
    Recorder* recorder = nullptr;  // of a trace
    Cycle most_cycles = kNever;    // the run is stopped after that one
    DramCommandLog* dram_commands = nullptr;
  };

  Scheduler(sc_core::sc_module_name, const ArchSpec&, const Network&, const Lowered&,
            const Params&);

  // One row an operation and image, image by image in network order. Throws Error on a deadlock.
  std::vector<LayerResult> run();
  std::vector<EngineReport> engines(Cycle run_end) const { return accelerator_.engines(run_end); }
  // What a DRAM with banks did up to that core cycle; none of an ideal one. After run().
  std::optional<DramStats> dram_stats(Cycle end) { return accelerator_.dram_stats(end); }
  std::uint64_t activations() const { return accelerator_.activations() + activations_; }

 private:
  struct Running {  // on a chunk
    bool active = false;
    std::size_t task = 0;
    Program program;                                     // placed for its image
    std::uint64_t buffer_address = 0, buffer_bytes = 0;  // the space of its tiles
    std::unique_ptr<WordMover> mover;
    Activity activity;
    Chunk::Report report;
  };

  void step();
  std::string work_left() const;
  std::string running_layers(const char* separator) const;
  void look(Cycle now);
  void end(Running&);
  void start_ready(Cycle at);
  std::size_t tasks_in_view() const;  // those of the images that may be on their way
  bool is_ready(std::size_t task) const;
  bool reserve(std::size_t task);  // its place in DRAM and buffer, if there is room
  void start(std::size_t task, Cycle at);
  LayerResult result_of(const Running&) const;

  const ArchSpec& arch_;
  const Network& network_;
  const Lowered& lowered_;
  Params params_;
  ClockDomain clock_;
  LayerTrace trace_;  // its tracks come first
  Accelerator accelerator_;
  Wakeup wakeup_;
  // A task is an operation of an image: image x operations + operation.
  std::size_t operations_, tasks_;
  std::vector<char> started_;
  std::vector<std::size_t> first_open_;          // by chunk: no earlier task of it is left to start
  std::vector<std::vector<std::size_t>> needs_;  // by operation: operations whose results it reads
  std::vector<char> done_;
  std::size_t done_count_ = 0;
  std::size_t oldest_open_ = 0;  // no earlier task is left to end
  BufferSpace tiles_space_;
  KeptTensors kept_;
  std::vector<Running> running_;                       // by chunk
  std::vector<std::pair<Cycle, std::uint32_t>> ends_;  // announced, not yet come: end cycle, chunk
  std::vector<LayerResult> results_;                   // by task
  std::uint64_t activations_ = 0;
  Doing doing_{"no layer yet"};
  bool layers_changed_ = false;
};

}  // namespace chasm
