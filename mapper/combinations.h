// The dataflows of all chunks, side by side: NASA's 64 combinations of RS, IS, WS and OS on three
// chunks (ICCAD'22, section 4.2). A chunk's mappings do not depend on those of the others once the
// buffer is shared out, so each chunk is mapped once a dataflow.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/arch/arch_spec.h"
#include "mapper/choose_options.h"
#include "mapper/map_jobs.h"
#include "mapper/search.h"

namespace chasm {

struct DataflowChoice {
  std::uint32_t chunk = 0;
  LoopDataflow dataflow = LoopDataflow::rs;
  std::optional<ChunkOption> cost;  // none: some layer has no mapping
  std::string why;                  // then: which, and what is lacking
  // Layers that no legal mapping lets keep to the whole dataflow, with the demands that are dropped
  // for them (MapSpace::dropped).
  struct Relaxed {
    std::vector<std::string> layers;  // equal ones
    std::string demands;              // "S whole in a PE, no C at DRAM level"
  };
  std::vector<Relaxed> relaxed;
  std::size_t layers = 0;  // all of the chunk
};

struct Combination {
  std::vector<std::size_t> choices;  // of each chunk, numbers of DataflowChoices
  // None where one of the choices has none. A pipeline in its steady state takes as long an image
  // as its slowest chunk.
  std::optional<double> cycles, energy;
};

struct Combinations {
  std::vector<DataflowChoice> choices;  // chunk by chunk
  std::vector<Combination> all;         // best first, those without a mapping last
};

// Over the chunks that have PEs for MACs and layers; others keep the free dataflow and count for
// energy and cycles. `bytes`: of the buffer, for each chunk. `options` but for the dataflow.
Combinations all_combinations(const ArchSpec&, const std::vector<MapJob>&,
                              const std::vector<std::uint64_t>& bytes, const SearchOptions& options,
                              std::size_t threads);

}  // namespace chasm
