// The mapper: every layer to a chunk, every different operation to the best mapping that a search
// finds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "workloads/network.h"
#include "models/arch/arch_spec.h"
#include "mapper/constraints_file.h"
#include "mapper/mapping.h"
#include "mapper/result_cache.h"
#include "mapper/search.h"

namespace chasm {

// A different operation and what was found for it.
struct MappedJob {
  Program prototype;
  std::uint32_t chunk = 0;
  std::vector<std::string> names;  // of the operations that are equal to it
  SearchResult result;
  bool from_cache = false;
};

struct MapOptions {
  Objective objective = Objective::edp;
  SearchMethod method = SearchMethod::quick;
  // Evaluations are those of each different operation, seconds those of the whole network.
  Budget budget;
  std::uint64_t seed = 1;
  std::uint64_t images = 1;   // that the DRAM has to hold
  std::size_t threads = 1;    // the result does not depend on it, but for a budget of seconds
  std::size_t finalists = 1;  // mappings of each operation that are kept
  bool pareto = false;        // of each operation the front of cycles and energy too; not cached
  // Chunks run side by side, each with a share of the global buffer (mapper/chunk_cost.h), so that
  // all can, except for operations that fit only the whole of it.
  bool side_by_side = false;
  LoopDataflow dataflow = LoopDataflow::free;           // of all chunks, but for
  std::map<std::string, LoopDataflow> chunk_dataflows;  // these
  const ConstraintsFile* constraints = nullptr;         // checked for the network; may be null
  ResultCache* cache = nullptr;                         // may be null
  // The number of the best finalist of every job, where something knows better than the cost model.
  // May be empty. The cache holds what a search finds, so it is asked even when all is known.
  std::function<std::vector<std::size_t>(const std::vector<MappedJob>&)> verify;
  // Called by one thread at a time with the operations that are mapped; the search ends, without a
  // result, when it returns false.
  std::function<bool(std::size_t done, std::size_t total)> progress;
};

struct MappedNetwork {
  std::vector<MappedJob> jobs;
  std::vector<std::uint64_t> buffer_bytes;  // that each chunk may use
  // With the finalist of that number of every operation, or its last.
  Mapping mapping(const ArchSpec&, std::size_t finalist = 0) const;
  std::uint64_t evaluations() const;
};

// Layers that no chunk runs, or that have no mapping under the constraints, are infeasible: the
// diagnostics name what is lacking.
std::optional<MappedNetwork> search_network(const ArchSpec&, const Network&, const MapOptions&,
                                            Diagnostics&);
std::optional<Mapping> map_network(const ArchSpec&, const Network&, const MapOptions&,
                                   Diagnostics&);

}  // namespace chasm
